"""Toxiproxy, the field's TCP proxy for fault tests, as one more private service: delay, stall, cut, half-close."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from devstack.errors import DevError
from devstack.go_program import find_go
from devstack.paths import cache_dir, make_dir
from devstack.service import Service, http_ok, plain_environment
from devstack.state import StackState

MODULE = "github.com/Shopify/toxiproxy/v2/cmd/server"
VERSION = "v2.12.0"


def find_toxiproxy() -> Path:
    """The binary on PATH, or one built once by `go install` and kept in the cache shared by checkouts."""
    on_path = shutil.which("toxiproxy-server")
    cached = cache_dir() / "bin" / f"toxiproxy-{VERSION}"
    if on_path:
        return Path(on_path)
    if not os.access(cached, os.X_OK):
        _build(cached)
    return cached


def _build(target: Path) -> None:
    """Builds beside its final place and moves it there whole, so that an interrupted build leaves no half binary."""
    go = find_go()
    if go is None:
        raise DevError(f"the fault suite needs toxiproxy-server on PATH, or Go to install {MODULE}@{VERSION}")
    make_dir(target.parent)
    with tempfile.TemporaryDirectory(prefix="toxiproxy-build-", dir=target.parent) as folder:
        built = subprocess.run([go, "install", f"{MODULE}@{VERSION}"], env=os.environ | {"GOBIN": folder})
        if built.returncode != 0:
            raise DevError(f"go install {MODULE}@{VERSION} failed")
        (Path(folder) / "server").replace(target)


class Link:
    """One proxied address: what a daemon uses instead of the service behind it."""

    def __init__(self, server: "Toxiproxy", name: str) -> None:
        self.server = server
        self.name = name

    @contextmanager
    def toxic(self, kind: str, stream: str = "downstream", toxicity: float = 1.0, **attributes: int) -> Iterator[None]:
        """The link suffers from this toxic meanwhile, connections that exist and new ones."""
        path = f"/proxies/{self.name}/toxics"
        body = {"name": f"{kind}_{stream}", "type": kind, "stream": stream, "toxicity": toxicity}
        self.server.call("POST", path, body | {"attributes": attributes})
        try:
            yield
        finally:
            self.server.remove_toxic(f"{path}/{kind}_{stream}")

    def slow(self, kibibytes_per_s: int) -> Any:
        """Answers trickle."""
        return self.toxic("bandwidth", rate=kibibytes_per_s)

    def mute(self) -> Any:
        """Requests arrive, their answers are swallowed, and nobody is told."""
        return self.toxic("timeout", timeout=0)

    def cut(self) -> None:
        """Ends every connection; new ones are possible at once."""
        self.set(enabled=False)
        self.set(enabled=True)

    def set(self, **changes: Any) -> None:
        """Changes the proxy itself: enabled, upstream."""
        self.server.call("POST", f"/proxies/{self.name}", changes)

    @contextmanager
    def redirected(self, upstream: str) -> Iterator[None]:
        """Connections made meanwhile lead elsewhere."""
        before = self.server.call("GET", f"/proxies/{self.name}")["upstream"]
        self.set(upstream=upstream)
        self.cut()
        try:
            yield
        finally:
            self.set(upstream=before)
            self.cut()


class Toxiproxy(Service):
    """The proxy process. Its links are made anew at each start."""

    def __init__(self, state: StackState) -> None:
        super().__init__("toxiproxy", state)
        self.links: dict[str, dict[str, object]] = {}

    def command(self) -> list[str]:
        return [str(find_toxiproxy()), "-host", "127.0.0.1", "-port", str(self.port)]

    def environment(self) -> dict[str, str]:
        return plain_environment() | {"LOG_LEVEL": "error"}

    def is_ready(self) -> bool:
        return http_ok(f"{self.url}/version")

    def call(self, method: str, path: str, body: object = None) -> Any:
        with requests.Session() as http:
            http.trust_env = False
            reply = http.request(method, self.url + path, json=body, timeout=10)
        if not reply.ok:
            raise DevError(f"toxiproxy: {method} {path}: {reply.status_code} {reply.text}")
        return reply.json() if reply.content else None

    def add(self, name: str, upstream: str, host: str = "127.0.0.1") -> str:
        """Makes a link; returns the address to use."""
        address = f"{host}:{self.state.port('link-' + name)}"
        self.links[name] = {"name": name, "listen": address, "upstream": upstream, "enabled": True}
        self.call("POST", "/proxies", self.links[name])
        return address

    def remove(self, name: str) -> None:
        self.call("DELETE", f"/proxies/{name}")
        del self.links[name]

    def remove_toxic(self, path: str) -> None:
        """Toxiproxy can wait for ever here when a client of the link has just died: then it is started anew."""
        try:
            self.call("DELETE", path)
        except requests.ReadTimeout:
            self.kill()
            self.start()
            for link in self.links.values():
                self.call("POST", "/proxies", link)

    def heal(self) -> None:
        """No toxics, every link open."""
        self.call("POST", "/reset")
