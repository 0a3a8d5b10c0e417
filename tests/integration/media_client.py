"""Albums and their media, as a program of a user would use them."""

from typing import Any

from sluice_client import Record, Sluice, Ticket, eventually, send


def make_album(api: Sluice, title: str = "Holiday") -> str:
    reply = api.post("/albums", {"title": title})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["album_id"])


def ask(api: Sluice, album_id: str, filename: str = "photo.jpg", **fields: Any) -> Ticket:
    reply = api.post(f"/albums/{album_id}/media/upload", {"filename": filename, **fields})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


def settled(api: Sluice, media_id: str, status: str = "uploaded") -> Record:
    """The medium once it is no longer pending, by the API's own waiting."""
    medium = eventually(lambda: _final(api, media_id), f"medium {media_id} settles")
    assert medium["status"] == status, medium
    return medium


def _final(api: Sluice, media_id: str) -> Record | None:
    reply = api.get(f"/media/{media_id}?wait=10")
    assert reply.status_code == 200, reply.text
    return None if reply.json()["status"] == "pending" else dict(reply.json())


def upload(api: Sluice, album_id: str, data: bytes, filename: str = "photo.jpg", **fields: Any) -> Record:
    ticket = ask(api, album_id, filename, **fields)
    assert send(ticket, data).status_code == 200
    return settled(api, ticket["media_id"])
