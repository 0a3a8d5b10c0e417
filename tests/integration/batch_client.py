"""Batches of photos, as the form of an album sends them."""

import contextlib
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import requests
from ledgers import Ledgers
from pictures import bytes_of, scene
from raw_http import connect
from sluice_client import Record, Sluice, eventually

ROUTE = "/admin/upload"
STATUS = "/admin/upload/status"
JSON = {"Accept": "application/json"}
BROKEN = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00 and nothing that a picture has"

LIMIT = 2  # photos of an album at once
LIMIT_OF_ALL = 3
LEASE_S, STALL_S = 3, 4
PIECE = 65536  # of a body, which the server reads whole
SETTINGS = {
    "SLUICE_AUTH": "required",
    "SLUICE_BATCH_CONCURRENCY": str(LIMIT),
    "SLUICE_BATCH_CONCURRENCY_TOTAL": str(LIMIT_OF_ALL),
    "SLUICE_BATCH_LEASE_S": str(LEASE_S),
    "SLUICE_ASSET_STALL_S": str(STALL_S),
    "SLUICE_MEDIA_MAX_BYTES": "2MiB",
    "SLUICE_PENDING_TTL_S": "25",
    "SLUICE_SWEEP_INTERVAL_S": "1",
    "SLUICE_WORKERS": "4",
}

Photo = tuple[str, bytes]

# One picture: what makes others of it comes after its end, where JPEG may have bytes.
SCENE = bytes_of(scene(160, 120), "JPEG", quality=85)


def photo(name: str = "photo.jpg") -> Photo:
    """One that no other is the same as."""
    return name, SCENE + uuid.uuid4().bytes


def photos(count: int, broken: int = 0) -> list[Photo]:
    """So many, the last ones of which are none."""
    good = [photo(f"photo-{number:02}.jpg") for number in range(count - broken)]
    return good + [(f"broken-{number:02}.jpg", BROKEN + uuid.uuid4().bytes) for number in range(broken)]


def send(api: Sluice, album_id: str, batch: list[Photo], **fields: str) -> requests.Response:
    """As requests does it: fields first."""
    files = [("photos", (name, data, "image/jpeg")) for name, data in batch]
    return api.request("POST", ROUTE, data={"album_id": album_id, **fields}, files=files, headers=JSON)


def status(api: Sluice, album_id: str) -> Record:
    reply = api.get(f"{STATUS}?album_id={album_id}", headers=JSON)
    assert reply.status_code == 200, reply.text
    found: Record = reply.json()
    assert found["total"] == sum(found[name] for name in ("completed", "failed", "pending", "processing")), found
    return found


class Watch:
    """Asks how the batch goes, and sees that it never goes backwards."""

    def __init__(self, api: Sluice, album_id: str) -> None:
        self.api, self.album_id = api, album_id
        self.ended = 0
        self.most_at_once = 0

    def look(self) -> Record:
        found = status(self.api, self.album_id)
        now = found["completed"] + found["failed"]
        assert now >= self.ended, f"{self.ended} had ended, and now {now}"
        self.ended = now
        self.most_at_once = max(self.most_at_once, found["processing"])
        return found

    def done(self, seconds: float = 60) -> Record:
        def ended() -> Record | None:
            found = self.look()
            return found if found["state"] == "done" else None

        return eventually(ended, f"the batch of {self.album_id} is done", seconds)


def upload(api: Sluice, album_id: str, batch: list[Photo]) -> Record:
    """Accepted; how it stands then."""
    reply = send(api, album_id, batch)
    assert reply.status_code == 202, reply.text
    found: Record = reply.json()
    assert (found["total"], found["album_id"]) == (len(batch), album_id), found
    assert found["state"] in ("running", "done"), found
    return found


def about(api: Sluice, what: str, album_id: str, **options: Any) -> requests.Response:
    """clear-errors or retry-errors."""
    return api.request("POST", f"{ROUTE}/{what}", data={"album_id": album_id}, headers=JSON, **options)


def media(api: Sluice, album_id: str) -> list[Record]:
    """All of an album, oldest first."""
    reply = api.get(f"/albums/{album_id}/media?limit=200")
    assert reply.status_code == 200, reply.text
    found: list[Record] = reply.json()["media"]
    return found[::-1]


@contextlib.contextmanager
def nothing_left(books: Ledgers) -> Iterator[None]:
    """What happens here leaves neither objects nor records nor rows, and no album is taken."""
    counts = (
        "SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM processing_queue), (SELECT count(*) FROM batches)"
    )
    before, rows = books.keys("staging/"), books.rows(counts)
    yield
    eventually(lambda: books.rows(counts) == rows, f"no other records than {rows}", 20)
    eventually(lambda: books.keys("staging/") <= before, "no staged objects", 20)


def multipart(parts: list[tuple[str, str | None, bytes]]) -> bytes:
    """A form with these parts in this order: name, file name or None, content."""
    body = b""
    for name, filename, data in parts:
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"'
        head += f'; filename="{filename}"\r\n\r\n' if filename is not None else "\r\n\r\n"
        body += head.encode() + data + b"\r\n"
    return body + b"--b--\r\n"


def post(api: Sluice, body: bytes) -> requests.Response:
    kind = {"Content-Type": "multipart/form-data; boundary=b", **JSON}
    return api.request("POST", ROUTE, data=body, headers=kind)


def head_of(key: str, length: int) -> bytes:
    return (
        f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: {length}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    ).encode()


def large_photos(count: int) -> list[Photo]:
    """Each of several pieces."""
    return [(name, data + bytes(4 * PIECE)) for name, data in photos(count)]


@contextlib.contextmanager
def receiving(api: Sluice, key: str, album_id: str, books: Ledgers) -> Iterator[tuple[socket.socket, bytes]]:
    """A batch of which two photos are staged and the third is on its way; what is still to be sent."""
    before = books.keys("staging/")
    body = multipart([("album_id", None, album_id.encode()), *(("photos", *one) for one in large_photos(3))])
    split = len(body) - 1000
    with connect(api.api_url, 60) as link:
        link.sendall(head_of(key, len(body)) + body[:split])
        eventually(lambda: len(books.keys("staging/") - before) == 2, "two photos are staged")
        assert status(api, album_id)["state"] == "receiving"
        yield link, body[split:]
