"""TLS on every road: the API's own, and to Postgres, Redis, store and ML service; by a CA of the tests."""

import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import redis
import requests
from ledgers import Ledgers
from media_client import ask, make_album, settled
from ml_service import MlService
from picture_files import encoded
from PIL import Image
from sluice_client import Sluice, eventually, send
from tls_tools import Authority, tls_front

from devstack.daemons import Api
from devstack.redis_server import QueueRedis
from devstack.stack import Stack
from devstack.testing import run_stack


class TlsApi(Api):
    """sluice-api with a certificate of its own."""

    authority: Authority

    @property
    def url(self) -> str:
        return super().url.replace("http://", "https://")

    def is_ready(self) -> bool:
        context = ssl.create_default_context(cafile=str(self.authority.ca_file))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        try:
            with opener.open(self.url + "/readyz", timeout=3) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False


class TlsRedis(QueueRedis):
    """A Redis that speaks nothing but TLS."""

    files: tuple[Path, Path, Path]

    def command(self) -> list[str]:
        cert, key, ca = self.files
        plain = super().command()
        plain[plain.index("--port") + 1] = "0"
        tls = ["--tls-port", str(self.port), "--tls-cert-file", str(cert), "--tls-key-file", str(key)]
        return [*plain, *tls, "--tls-ca-cert-file", str(ca), "--tls-auth-clients", "no"]

    def is_ready(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url_with(self.files[2]), socket_timeout=2).ping())
        except redis.RedisError:
            return False

    def url_with(self, ca_file: Path, database: int = 0) -> str:
        return f"rediss://127.0.0.1:{self.port}/{database}?ssl_ca_certs={quote(str(ca_file))}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another CA, which has signed nothing here."""
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


def _start_api(stack: Stack, name: str, authority: Authority, **settings: str) -> TlsApi:
    cert, key = authority.issue(name)
    files = {"SLUICE_TLS_CERT_FILE": str(cert), "SLUICE_TLS_KEY_FILE": str(key)}
    api = TlsApi(name, stack.api.program, stack.state, lambda: stack.program_settings() | files | settings)
    api.authority = authority
    api.extra_environment |= stack.api.extra_environment
    api.start()
    return api


@pytest.fixture(scope="module")
def tls_api(stack: Stack, authority: Authority) -> Iterator[TlsApi]:
    api = _start_api(stack, "api-tls", authority, SLUICE_REQUEST_TIMEOUT_S="3", SLUICE_SSE_HEARTBEAT_S="1")
    yield api
    api.stop()


@pytest.fixture
def client(tls_api: TlsApi, authority: Authority) -> Sluice:
    client = Sluice(tls_api.url)
    client.http.verify = str(authority.ca_file)
    return client


def test_upload_over_tls(client: Sluice) -> None:
    data = os.urandom(100_000)
    record = client.upload(data, "over tls.bin")
    assert client.get(f"/files/{record['file_id']}/content").content == data
    form = {"file": ("a.bin", os.urandom(6 << 20))}
    reply = client.request("POST", "/api/v1/assets", files=form)
    assert reply.status_code == 200, reply.text
    client.synced(reply.json()["task_id"])


def test_event_stream_over_tls(client: Sluice, stack: Stack) -> None:
    ticket = client.presign()
    with client.get(f"/files/{ticket['file_id']}/events", stream=True, timeout=30) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert b"retry: " in next(lines)
        assert send(ticket, b"hello").ok
        seen = b""
        while b'"SYNCED"' not in seen:
            seen = next(lines)
        while next(lines)[:1] != b":":  # comments keep coming on a silent stream
            pass
        assert client.get("/metrics").text.count("\nsluice_sse_streams 1\n") == 1
    eventually(lambda: "\nsluice_sse_streams 0\n" in client.get("/metrics").text, "the stream's end is noticed", 20)


def _handshake(api: TlsApi, context: ssl.SSLContext) -> str | None:
    host, port = api.url.removeprefix("https://").split(":")
    plain = socket.create_connection((host, int(port)), timeout=10)
    with context.wrap_socket(plain, server_hostname=host) as link:
        return link.version()


def test_only_current_versions_and_ciphers(tls_api: TlsApi, authority: Authority) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=str(authority.ca_file))
        context.minimum_version = context.maximum_version = version
        assert _handshake(tls_api, context) == version.name.replace("_", ".")
    old = ssl.create_default_context(cafile=str(authority.ca_file))
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_1
    weak = ssl.create_default_context(cafile=str(authority.ca_file))
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES128-SHA:AES256-SHA256:ECDHE-ECDSA-AES128-SHA")
    for context in (old, weak):
        with pytest.raises((ssl.SSLError, OSError)):
            _handshake(tls_api, context)


def test_strangers_are_not_trusted(tls_api: TlsApi, stranger: Authority) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(tls_api.url + "/healthz", verify=str(stranger.ca_file), timeout=10)


def test_plain_http_and_silence_at_the_tls_port(tls_api: TlsApi, client: Sluice) -> None:
    """Neither is served, nor do they hold anybody up."""
    host, port = tls_api.url.removeprefix("https://").split(":")
    silent = [socket.create_connection((host, int(port)), timeout=20) for _ in range(50)]
    with socket.create_connection((host, int(port)), timeout=20) as link:
        link.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        started = time.monotonic()
        assert b"200 OK" not in link.recv(1000)
        assert time.monotonic() - started < 15
    assert client.get("/healthz", timeout=5).status_code == 200
    for link in silent:
        link.close()


def test_slow_body_over_tls_is_cut(tls_api: TlsApi, authority: Authority) -> None:
    host, port = tls_api.url.removeprefix("https://").split(":")
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    with context.wrap_socket(socket.create_connection((host, int(port)), timeout=0.3), server_hostname=host) as link:
        link.sendall(b"POST /files/presigned-upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     b"Content-Length: 1000\r\n\r\n")  # fmt: skip
        started, answer = time.monotonic(), b""
        while not answer and time.monotonic() - started < 20:
            try:
                link.sendall(b" ")
                answer = link.recv(4096)
                break
            except TimeoutError:
                continue
            except OSError:
                break
    assert answer.startswith(b"HTTP/1.1 408 "), answer
    assert time.monotonic() - started < 15


def test_certificates_that_cannot_be_used_are_one_clear_line(
    stack: Stack, authority: Authority, tmp_path: Path
) -> None:
    cert, _ = authority.issue("one")
    _, other_key = authority.issue("two")
    for changes, word in (
        ({"SLUICE_TLS_CERT_FILE": str(cert)}, "SLUICE_TLS_KEY_FILE"),
        ({"SLUICE_TLS_CERT_FILE": str(cert), "SLUICE_TLS_KEY_FILE": str(other_key)}, "SLUICE_TLS_KEY_FILE"),
        (
            {"SLUICE_TLS_CERT_FILE": str(tmp_path / "none"), "SLUICE_TLS_KEY_FILE": str(other_key)},
            "SLUICE_TLS_CERT_FILE",
        ),
    ):
        done = subprocess.run(
            [str(stack.api.program)],
            env={**stack.program_settings(), "SLUICE_LISTEN": "127.0.0.1:0", **changes},
            capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 2, done
        assert word in done.stderr
        assert "BEGIN" not in done.stderr


@pytest.fixture(scope="module")
def all_tls(authority: Authority) -> Iterator[Stack]:
    """A stack that reaches all by TLS: Postgres and Redis speak it themselves, store and ML service behind a front."""
    services = run_stack("tls", SLUICE_ML_LABELS="red,blue", SLUICE_ML_SCORE="500", SLUICE_POLL_MS="100")
    stack = next(services)
    plain = dict(stack.overrides)
    cert, key = authority.issue("services")
    queue = TlsRedis("redis-tls", stack.state)
    queue.files = (cert, key, authority.ca_file)
    ml = MlService()
    with ExitStack() as fronts:
        fronts.enter_context(ml.running())
        queue.start()
        fronts.callback(queue.stop)
        _postgres_with_tls(stack, cert, key)
        store = fronts.enter_context(tls_front(cert, key, stack.store.port))
        ml_front = fronts.enter_context(tls_front(cert, key, ml.port))
        ca = str(authority.ca_file)
        stack.overrides |= {
            "SLUICE_DATABASE_URL": f"{stack.postgres.database_url}?sslmode=verify-full&sslrootcert={quote(ca)}",
            "SLUICE_REDIS_URL": queue.url_with(authority.ca_file),
            "SLUICE_CACHE_REDIS_URL": queue.url_with(authority.ca_file, 1),
            "SLUICE_S3_ENDPOINT": f"https://127.0.0.1:{store}",
            "SLUICE_S3_PUBLIC_ENDPOINT": f"https://127.0.0.1:{store}",
            "SLUICE_S3_CA_FILE": ca,
            "SLUICE_ML_URL": f"https://127.0.0.1:{ml_front}",
            "SLUICE_ML_CA_FILE": ca,
        }
        for daemon in (stack.api, stack.processor):
            daemon.restart()
        yield stack
        stack.overrides = plain
        next(services, None)


def _postgres_with_tls(stack: Stack, cert: Path, key: Path) -> None:
    for source, name in ((cert, "server.crt"), (key, "server.key")):
        target = stack.postgres.data_dir / name
        shutil.copy(source, target)
        target.chmod(0o600)
        if stack.postgres.user is not None:
            shutil.chown(target, stack.postgres.user, stack.postgres.user)
    with psycopg.connect(stack.postgres.database_url, autocommit=True) as database:
        database.execute("ALTER SYSTEM SET ssl = on")
        database.execute("SELECT pg_reload_conf()")

    def speaks_tls() -> bool:
        try:
            with psycopg.connect(stack.postgres.database_url + "?sslmode=require"):
                return True
        except psycopg.OperationalError:
            return False

    eventually(speaks_tls, "Postgres speaks TLS")


def _store_session(authority: Authority) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(authority.ca_file)
    return session


def test_everything_by_tls(all_tls: Stack, authority: Authority) -> None:
    """A picture: presigned, uploaded, confirmed, processed, tagged; every connection is encrypted."""
    api = Sluice(all_tls.api.url)
    data = encoded(Image.new("RGB", (640, 400), (250, 10, 10)), "JPEG")
    ticket = ask(api, make_album(api), content_type="image/jpeg", size=len(data))
    put = _store_session(authority).put(ticket["upload_url"], data=data, headers=ticket["headers"], timeout=60)
    assert put.ok, put.text
    assert api.confirm(ticket["file_id"], len(data))["confirmed"] == 1
    assert settled(api, ticket["media_id"])["variants"]
    tags = eventually(lambda: api.record(ticket["file_id"])["tags"], "tags")
    assert tags[0]["name"] == "red"
    assert api.get("/readyz").status_code == 200
    with psycopg.connect(all_tls.postgres.database_url) as database:
        rows = database.execute(
            "SELECT a.application_name, s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
            " WHERE a.application_name LIKE 'sluice-%'"
        ).fetchall()
    assert rows
    assert all(encrypted for _, encrypted in rows), rows


def test_events_by_tls(all_tls: Stack, authority: Authority) -> None:
    """The list is read by BLMOVE, streams are woken by SUBSCRIBE, large contents are cached, while hiredis only
    parses. The store itself reports to another Redis here."""
    api = Sluice(all_tls.api.url)
    data = os.urandom(3 << 20)
    with api.get("/events", stream=True, timeout=60) as stream:
        lines = stream.iter_lines(chunk_size=1)
        next(lines)
        ticket = api.presign("woken.bin")
        Ledgers(all_tls).leave_to_events(ticket["file_id"])
        reply = _store_session(authority).post(
            ticket["upload_url"], data=ticket["form_fields"], files={"file": ("a", data)}, timeout=60
        )
        assert reply.ok, reply.text
        stored = {"key": ticket["object_key"], "size": len(data), "eTag": "x", "sequencer": "17"}
        about = {"bucket": {"name": all_tls.program_settings()["SLUICE_S3_BUCKET"]}, "object": stored}
        event = {"Records": [{"eventName": "s3:ObjectCreated:Post", "eventSource": "minio:s3", "s3": about}]}
        key = all_tls.program_settings()["SLUICE_EVENTS_KEY"]
        sent = api.post("/events/s3", event, headers={"Authorization": f"Bearer {key}"})
        assert sent.status_code == 202, sent.text
        assert api.synced(ticket["file_id"])["size"] == len(data)
        while b'"SYNCED"' not in next(lines):
            pass
    content = api.get(f"/files/{ticket['file_id']}/content")
    assert content.headers["X-Cache"] == "HIT"
    assert content.content == data


def test_the_redis_with_tls_comes_back(all_tls: Stack) -> None:
    queue = TlsRedis("redis-tls", all_tls.state)
    queue.files = _files_of(all_tls)
    queue.restart()
    api = Sluice(all_tls.api.url)
    eventually(lambda: api.get("/readyz").status_code == 200, "ready again")


def _files_of(stack: Stack) -> tuple[Path, Path, Path]:
    ca = Path(stack.overrides["SLUICE_S3_CA_FILE"])
    return ca.with_name("services.pem"), ca.with_name("services.key"), ca


@pytest.mark.parametrize("setting", ["SLUICE_REDIS_URL", "SLUICE_S3_CA_FILE", "SLUICE_DATABASE_URL"])
def test_services_whose_certificate_is_a_strangers(all_tls: Stack, stranger: Authority, setting: str) -> None:
    """They are not used, and doctor says why."""
    kept = all_tls.overrides[setting]
    own = all_tls.overrides["SLUICE_S3_CA_FILE"]
    all_tls.overrides[setting] = kept.replace(quote(own), quote(str(stranger.ca_file)))
    try:
        done = all_tls.cli.run("doctor", check=False)
    finally:
        all_tls.overrides[setting] = kept
    assert done.returncode == 1
    assert "certificate" in done.stdout.lower(), done.stdout
