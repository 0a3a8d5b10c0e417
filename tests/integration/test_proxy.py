"""The proxy of docker-compose.yml, Caddy with deploy/Caddyfile, in front of the real API and store."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sluice_client import Sluice

from devstack.daemons import Api
from devstack.paths import ROOT
from devstack.ports import free_port
from devstack.service import Service
from devstack.stack import Stack


class Caddy(Service):
    """On ports of loopback; its CA is its own, and nobody is made to trust it."""

    program_name = "caddy"

    def command(self) -> list[str]:
        return ["caddy", "run", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")]

    @property
    def ca_file(self) -> Path:
        return self.data_dir / "data" / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def is_ready(self) -> bool:
        try:
            reply = requests.get(
                self.extra_environment["SLUICE_API_HOST"] + "/healthz", verify=str(self.ca_file), timeout=5
            )
        except (requests.RequestException, OSError):
            return False
        return reply.status_code == 200


@pytest.fixture(scope="module")
def proxied(stack: Stack) -> Iterator[Sluice]:
    """A caller of an API whose clients reach API and store through the proxy only."""
    caddy = Caddy("caddy", stack.state)
    ports = [free_port(set()) for _ in range(3)]
    hosts = [f"https://localhost:{port}" for port in ports]
    settings = {"SLUICE_S3_PUBLIC_ENDPOINT": hosts[1], "SLUICE_SSE_HEARTBEAT_S": "1"}
    api = Api("api-proxied", stack.api.program, stack.state, lambda: stack.program_settings() | settings)
    api.extra_environment |= stack.api.extra_environment
    api.start()
    caddy.extra_environment |= {
        "SLUICE_API_HOST": hosts[0],
        "SLUICE_S3_HOST": hosts[1],
        "SLUICE_HTTP_PORT": str(ports[2]),
        "SLUICE_API_UPSTREAM": api.url.removeprefix("http://"),
        "SLUICE_S3_UPSTREAM": stack.store.url.removeprefix("http://"),
        "XDG_DATA_HOME": str(caddy.data_dir / "data"),
        "XDG_CONFIG_HOME": str(caddy.data_dir / "config"),
    }
    try:
        caddy.start()
        client = Sluice(hosts[0])
        client.http.verify = str(caddy.ca_file)
        yield client
    finally:
        caddy.stop()
        api.stop()


def test_upload_and_stream_through_the_proxy(proxied: Sluice) -> None:
    for method in ("put", "post"):
        data = os.urandom(200_000)
        ticket = proxied.presign("proxied.bin", method=method)
        assert ticket["upload_url"].startswith("https://localhost:")
        with proxied.get(f"/files/{ticket['file_id']}/events", stream=True, timeout=30) as stream:
            lines = stream.iter_lines(chunk_size=1)
            next(lines)
            send = (
                {"data": data} if method == "put" else {"data": ticket["form_fields"], "files": {"file": ("a", data)}}
            )
            reply = proxied.http.request(
                method.upper(), ticket["upload_url"], headers=ticket["headers"], timeout=60, **send
            )
            assert reply.ok, reply.text
            while b'"SYNCED"' not in next(lines):
                pass
            started = time.monotonic()
            while next(lines)[:1] != b":":  # comments come through as they are sent
                pass
            assert time.monotonic() - started < 10


def test_files_through_proxy_and_server(proxied: Sluice) -> None:
    data = os.urandom(11 << 20)
    reply = proxied.request("POST", "/api/v1/assets", files={"file": ("a.bin", data)})
    assert reply.status_code == 200, reply.text
    record = proxied.synced(reply.json()["task_id"])
    assert proxied.get(f"/files/{record['file_id']}/content").content == data
