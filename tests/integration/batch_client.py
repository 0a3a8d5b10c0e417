"""Batches of photos, as the form of an album sends them."""

import uuid
from typing import Any

import requests
from pictures import bytes_of, scene
from sluice_client import Record, Sluice, eventually

ROUTE = "/admin/upload"
STATUS = "/admin/upload/status"
JSON = {"Accept": "application/json"}
BROKEN = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00 and nothing that a picture has"

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
