"""POST /api/v1/assets: files that come through the server, as clients of all kinds send them, and what is refused."""

import contextlib
import hashlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ledgers import Ledgers
from process_memory import forget_peak, peak_and_now
from raw_http import connect, exchange, read_all
from sluice_client import ODD_NAME, Record, Sluice, eventually, problem, sha256

from devstack.stack import Stack
from devstack.testing import run_stack

MIB = 1 << 20
PART = 5 * MIB
ROUTE = "/api/v1/assets"
STALL_S = 5  # a sender on a busy machine may pause for seconds
REQUEST_TIMEOUT_S = 4


@pytest.fixture(scope="module")
def assets_stack() -> Iterator[Stack]:
    """One of its own, so that what is left behind can be counted; with room for one upload in parts at a time."""
    yield from run_stack(
        "assets",
        SLUICE_ASSET_STALL_S=str(STALL_S),
        SLUICE_REQUEST_TIMEOUT_S=str(REQUEST_TIMEOUT_S),
        SLUICE_ASSET_MEMORY_BYTES="16MiB",
        SLUICE_ASSET_PARTS_IN_FLIGHT="2",
    )


@pytest.fixture
def assets(assets_stack: Stack) -> Sluice:
    return Sluice(assets_stack.api.url)


@pytest.fixture(scope="module")
def assets_ledgers(assets_stack: Stack) -> Ledgers:
    return Ledgers(assets_stack)


def upload(
    api: Sluice, data: Any, filename: str = "a.bin", headers: dict[str, str] | None = None, **fields: str
) -> str:
    """Uploads as requests does; the task's id."""
    reply = api.request("POST", ROUTE, files={"file": (filename, data)}, data=fields, headers=headers)
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert set(body) == {"task_id", "status"}
    assert body["status"] == "processing"
    return str(body["task_id"])


def form(data: bytes, boundary: str = "b", filename: str = "a.bin") -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
    return head.encode() + data + f"\r\n--{boundary}--\r\n".encode()


def head_of(length: int | None, more: str = "") -> bytes:
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return (
        f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n{framing}\r\n{more}\r\n"
    ).encode()


def chunks(body: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]


def noise(length: int, seed: int = 1) -> bytes:
    """Bytes that no two parts have in common."""
    return hashlib.shake_256(seed.to_bytes(8, "big")).digest(length)


def open_multiparts(stack: Stack, ledgers: Ledgers) -> int:
    """MinIO lists the uploads of one exact key only; on its disk they are all there."""
    folder = stack.store.data_dir / ".minio.sys" / "multipart"
    if folder.exists():
        return len(list(folder.glob("*/*")))
    return len(ledgers.s3.list_multipart_uploads(Bucket=ledgers.bucket).get("Uploads", []))


@contextlib.contextmanager
def nothing_left(stack: Stack, ledgers: Ledgers) -> Iterator[None]:
    """After what happens here there are no more objects, open uploads, records, and reserved memory than before."""
    api = Sluice(stack.api.url)

    def found() -> tuple[set[str], int, int]:
        return (
            ledgers.keys("staging/"),
            open_multiparts(stack, ledgers),
            ledgers.value("SELECT count(*) FROM files"),
        )

    eventually(lambda: ledgers.value("SELECT count(*) FROM processing_queue WHERE status <> 'completed'") == 0, "idle")
    objects, multiparts, records = found()
    yield

    def nothing_new() -> bool:
        """Less is good: what earlier uploads have left may be tidied up meanwhile."""
        now = found()
        return now[0] <= objects and now[1] <= multiparts and now[2] == records

    eventually(nothing_new, f"no more than {len(objects)} objects, {multiparts} multiparts and {records} records")
    eventually(lambda: "\nsluice_asset_memory 0\n" in api.get("/metrics").text, "no memory reserved")


@pytest.mark.parametrize("size", [1, 70_000, PART, PART + 1, 3 * PART + 12345])
def test_file_arrives_whole(assets: Sluice, size: int) -> None:
    """By one PUT up to the size of a part, in parts beyond it."""
    data = noise(size, size)
    record = assets.synced(upload(assets, data, ODD_NAME, external_id="order 7"))
    assert record["kind"] == "asset"
    assert (record["size"], record["sha256"]) == (size, sha256(data))
    assert (record["filename"], record["external_id"], record["owner_id"]) == (ODD_NAME, "order 7", "dev")
    assert assets.get(f"/files/{record['file_id']}/content").content == data


def test_chunked_body(assets: Sluice) -> None:
    data = noise(2 * PART + 7)
    reply = assets.request(
        "POST",
        ROUTE,
        data=chunks(form(data), 100_003),
        headers={"Content-Type": 'multipart/form-data; boundary="b"'},
    )
    assert reply.status_code == 200, reply.text
    assert assets.synced(reply.json()["task_id"])["sha256"] == sha256(data)


def test_content_that_resembles_the_boundary(assets: Sluice) -> None:
    """Cut by the network wherever it likes."""
    data = b"\r\n--" * 50_000 + b"\r\n--a\r\n--\r\n-" + b"\r" * 70_000
    body = form(data)
    with connect(assets.api_url) as link:
        link.sendall(head_of(len(body)))
        for piece in chunks(body, 7919):
            link.sendall(piece)
        link.shutdown(socket.SHUT_WR)
        reply = read_all(link)
    assert reply.status == 200, reply.data
    task_id = reply.body.split(b'"task_id":"')[1][:36].decode()
    assert assets.synced(task_id)["sha256"] == sha256(data)


def test_curl(assets: Sluice, tmp_path: Path) -> None:
    """Its form, its Expect: 100-continue of long bodies, and its way with quotes in names."""
    path = tmp_path / 'say "hi" größe.bin'
    path.write_bytes(noise(2 * MIB))
    done = subprocess.run(
        [
            "curl",
            "-sS",
            "--noproxy",
            "*",
            "-F",
            "external_id=c",
            "-F",
            f'file=@"{_quoted(path)}"',
            assets.api_url + ROUTE,
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    task_id = done.stdout.split('"task_id":"')[1][:36]
    record = assets.synced(task_id)
    assert (record["filename"], record["external_id"]) == (path.name, "c")
    assert record["sha256"] == sha256(path.read_bytes())


def _quoted(path: Path) -> str:
    return str(path).replace('"', '\\"')


def test_declared_hash(assets: Sluice, assets_stack: Stack, assets_ledgers: Ledgers) -> None:
    data = noise(1000, 5)
    assert assets.synced(upload(assets, data, sha256=sha256(data).upper()))["sha256"] == sha256(data)
    with nothing_left(assets_stack, assets_ledgers):
        for size in (1000, PART + 1):
            reply = assets.request("POST", ROUTE, files={"file": ("a", noise(size))}, data={"sha256": sha256(b"other")})
            problem(reply, 422, "HASH_MISMATCH")


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([("file", ("a", b"1")), ("file", ("b", b"2"))], "VALIDATION_FAILED"),
        ([("photo", ("a", b"1"))], "VALIDATION_FAILED"),
        ([("file", (None, b"1"))], "VALIDATION_FAILED"),
        ([("external_id", (None, b"1"))], "VALIDATION_FAILED"),
        ([("file", ("a", noise(PART + 9))), ("file", ("b", b"2"))], "VALIDATION_FAILED"),
        ([("file", ("a", noise(PART + 9))), ("sha256", (None, b"abc"))], "VALIDATION_FAILED"),
        ([("file", ("..", b"1"))], "VALIDATION_FAILED"),
        ([("file", ("a", b""))], "EMPTY_OBJECT"),
    ],
    ids=["two", "other name", "no filename", "no part", "two, long", "bad hash, long", "bad name", "empty"],
)
def test_forms_that_are_refused(
    assets: Sluice, assets_stack: Stack, assets_ledgers: Ledgers, files: list[Any], code: str
) -> None:
    with nothing_left(assets_stack, assets_ledgers):
        body = problem(assets.request("POST", ROUTE, files=files), 422, code)
        assert code != "VALIDATION_FAILED" or body["errors"], body


def test_what_is_no_form(assets: Sluice, assets_stack: Stack, assets_ledgers: Ledgers) -> None:
    with nothing_left(assets_stack, assets_ledgers):
        problem(assets.post(ROUTE, {"file": "x"}), 415, "UNSUPPORTED_MEDIA_TYPE")
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        for broken in (form(b"1")[:-6], form(b"1", "c"), b"", form(noise(PART + 1))[:-8]):
            problem(assets.request("POST", ROUTE, data=broken, headers=kind), 400, "BAD_REQUEST")
        assert exchange(assets.api_url, head_of(0).replace(b"Content-Length: 0\r\n", b"")).status == 411


def test_too_large(locked_stack: Stack, locked_ledgers: Ledgers, caller: Callable[..., Sluice]) -> None:
    """As soon as it is known: by the length, or by the bytes."""
    api = caller("too-large")
    key = str(api.http.headers["Authorization"])
    head = head_of(10 * MIB, f"Authorization: {key}\r\nExpect: 100-continue\r\n")
    assert exchange(locked_stack.api.url, head).status == 413
    body = chunks(form(noise(3 * MIB)), 65536)
    reply = api.request("POST", ROUTE, data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    problem(reply, 413, "FILE_TOO_LARGE")
    assert locked_ledgers.value("SELECT count(*) FROM files WHERE owner_id = 'too-large'") == 0
    assert api.synced(upload(api, noise(2 * MIB)))["owner_id"] == "too-large"


def test_scope_and_key_are_needed(locked_stack: Stack, caller: Callable[..., Sluice]) -> None:
    problem(Sluice(locked_stack.api.url).request("POST", ROUTE, files={"file": b"1"}), 401)
    problem(caller("reader", "read").request("POST", ROUTE, files={"file": b"1"}), 403)


@pytest.mark.parametrize("length", [100_000, 3 * PART])
@pytest.mark.parametrize("chunked", [True, False], ids=["chunks", "length"])
def test_client_goes_away(
    assets: Sluice, assets_stack: Stack, assets_ledgers: Ledgers, length: int, chunked: bool
) -> None:
    body = form(noise(length))
    with nothing_left(assets_stack, assets_ledgers), connect(assets.api_url) as link:
        link.sendall(head_of(None if chunked else len(body) + 1))
        link.sendall(b"%x\r\n" % (len(body) + 1) + body if chunked else body)


def test_body_shorter_than_its_length(assets: Sluice, assets_stack: Stack, assets_ledgers: Ledgers) -> None:
    body = form(noise(2 * PART))
    with nothing_left(assets_stack, assets_ledgers), connect(assets.api_url) as link:
        link.sendall(head_of(len(body) + 1) + body)
        link.shutdown(socket.SHUT_WR)
        assert read_all(link).status in (400, 408)


def test_body_that_trickles_is_cut(assets: Sluice, assets_stack: Stack, assets_ledgers: Ledgers) -> None:
    body = form(noise(2 * PART))
    with nothing_left(assets_stack, assets_ledgers), connect(assets.api_url, 60) as link:
        link.settimeout(0.2)
        link.sendall(head_of(len(body)) + body[:PART])
        reply = b""
        for byte in body[PART : PART + 300]:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                link.send(bytes([byte]))
            with contextlib.suppress(TimeoutError):
                reply = link.recv(65536)
                break
        assert reply.startswith(b"HTTP/1.1 408 "), reply


def test_slow_upload_has_no_deadline(assets: Sluice) -> None:
    """Longer than a request of JSON may take, at a pace that is allowed."""
    data = noise(20 * 65536)
    body = form(data)
    started = time.monotonic()

    def slowly() -> Iterator[bytes]:
        for piece in chunks(body, 65536):
            yield piece
            time.sleep((REQUEST_TIMEOUT_S + 2) / 20)

    reply = assets.request("POST", ROUTE, data=slowly(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert time.monotonic() - started > REQUEST_TIMEOUT_S
    assert reply.status_code == 200, reply.text
    assert assets.synced(reply.json()["task_id"])["sha256"] == sha256(data)


def test_without_memory_there_is_a_503(assets: Sluice) -> None:
    """One that is under way holds what there is; small files find room all the same."""
    body = form(noise(2 * PART))
    with connect(assets.api_url) as link:
        link.sendall(head_of(len(body)) + body[:1000])
        eventually(lambda: "\nsluice_asset_memory 0\n" not in assets.get("/metrics").text, "memory is reserved")
        reply = assets.request("POST", ROUTE, files={"file": ("b", noise(2 * PART))})
        problem(reply, 503, "OVERLOADED")
        assert int(reply.headers["Retry-After"]) > 0
        assert assets.synced(upload(assets, b"small"))["size"] == 5
        link.sendall(body[1000:])
        link.shutdown(socket.SHUT_WR)
        assert read_all(link).status == 200
    assert assets.synced(upload(assets, noise(2 * PART, 3)))["size"] == 2 * PART


def test_idempotency_key(assets: Sluice, assets_stack: Stack, assets_ledgers: Ledgers) -> None:
    """The first answer again, also to many at once; the bytes of the repeats leave nothing."""
    data = noise(30_000, 11)
    headers = {"Idempotency-Key": "the-one"}

    def send(_: int) -> Record:
        session = Sluice(assets.api_url)
        reply = session.request("POST", ROUTE, files={"file": ("a", data)}, headers=headers)
        assert reply.status_code == 200, reply.text
        return {"task": reply.json()["task_id"], "replayed": "Idempotent-Replayed" in reply.headers}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert len({answer["task"] for answer in answers}) == 1
    assert [answer["replayed"] for answer in answers].count(False) == 1
    assets.synced(answers[0]["task"])
    with nothing_left(assets_stack, assets_ledgers):
        assert send(0) == {"task": answers[0]["task"], "replayed": True}
        reply = assets.request("POST", ROUTE, files={"file": ("b", data)}, headers=headers)
        problem(reply, 422, "IDEMPOTENCY_KEY_REUSED")


def test_memory_does_not_grow_with_the_file(api: Sluice, stack: Stack) -> None:
    """The same bound for 192 MiB as for 5 GiB, which `./dev bench assets` sends."""
    length = 192 * MIB
    upload(api, noise(2 * PART))  # what is taken once
    pid = stack.api.pid
    forget_peak(pid)
    _, before = peak_and_now(pid)

    def body() -> Iterator[bytes]:
        whole, split = form(b""), len(form(b"")) - len(b"\r\n--b--\r\n")
        yield whole[:split]
        yield from (bytes(65536) for _ in range(length // 65536))
        yield whole[split:]

    reply = api.request("POST", ROUTE, data=body(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert reply.status_code == 200, reply.text
    peak, _ = peak_and_now(pid)
    assert peak - before <= 64 * MIB
    assert api.record(reply.json()["task_id"])["size"] == length
