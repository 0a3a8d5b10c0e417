"""Batches that are refused or break off: nothing of them is left, and the album takes the next one."""

import time
import uuid
from collections.abc import Callable

import pytest
from batch_client import (
    LEASE_S,
    PIECE,
    ROUTE,
    SCENE,
    STALL_S,
    STATUS,
    Photo,
    Watch,
    about,
    head_of,
    large_photos,
    multipart,
    nothing_left,
    photo,
    photos,
    post,
    receiving,
    send,
    status,
    upload,
)
from ledgers import Ledgers, make_key
from raw_http import connect, read_all
from sluice_client import Sluice, eventually, problem

from devstack.stack import Stack

TOO_MANY = [photo(f"{number}.jpg") for number in range(51)]


@pytest.mark.parametrize(
    ("parts", "expected", "code"),
    [
        (TOO_MANY, 422, "VALIDATION_FAILED"),
        ([photo(), ("empty.jpg", b"")], 422, "EMPTY_OBJECT"),
        ([photo(), ("notes.txt", b"words")], 415, "UNSUPPORTED_TYPE"),
        ([photo(), ("large.jpg", SCENE + bytes(2 << 20))], 413, "FILE_TOO_LARGE"),
        ([photo(), ("..", SCENE)], 422, "VALIDATION_FAILED"),
        ([], 422, "VALIDATION_FAILED"),
    ],
    ids=["51", "empty", "no picture", "too large", "bad name", "none"],
)
def test_all_or_nothing(
    admin: Sluice, album: str, books: Ledgers, parts: list[Photo], expected: int, code: str
) -> None:
    with nothing_left(books):
        body = multipart([("album_id", None, album.encode()), *(("photos", *part) for part in parts)])
        problem(post(admin, body), expected, code)
        assert status(admin, album)["state"] == "none"
    upload(admin, album, photos(1))
    Watch(admin, album).done()


def test_forms_that_are_none(admin: Sluice, album: str, books: Ledgers) -> None:
    """What is wrong is named."""
    field, picture = ("album_id", None, album.encode()), ("photos", "a.jpg", SCENE)
    with nothing_left(books):
        for parts, name in (
            ([picture], "album_id"),
            ([picture, field, field], "album_id"),
            ([field, field, picture], "album_id"),
            ([field, ("photo", "a.jpg", SCENE)], "photos"),
            ([field, ("photos", "", b"")], "photos"),
            ([field, ("photos", None, SCENE)], "photos"),
        ):
            found = problem(post(admin, multipart(parts)), 422, "VALIDATION_FAILED")
            assert [error["field"] for error in found["errors"]] == [name], found
        problem(post(admin, multipart([("album_id", None, b"x"), picture])), 404, "ALBUM_NOT_FOUND")
        problem(post(admin, multipart([field, picture])[:-4]), 400, "BAD_REQUEST")
        problem(admin.post(ROUTE, {"album_id": album}), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_the_album_may_come_last(admin: Sluice, album: str, books: Ledgers) -> None:
    field, picture, other = ("album_id", None, album.encode()), ("photos", "a.jpg", SCENE), ("submit", None, b"Upload")
    with nothing_left(books):
        nowhere = ("album_id", None, str(uuid.uuid4()).encode())
        problem(post(admin, multipart([picture, nowhere])), 404, "ALBUM_NOT_FOUND")
    assert post(admin, multipart([picture, other, picture, field, other])).status_code == 202
    assert Watch(admin, album).done()["completed"] == 2


def test_client_goes_away(admin: Sluice, album: str, books: Ledgers, admin_key: str) -> None:
    """With two photos staged and the third on its way: no rows, no objects, and the album is free at once."""
    with nothing_left(books), receiving(admin, admin_key, album, books):
        pass
    eventually(lambda: status(admin, album)["state"] == "none", "the album is free", LEASE_S)
    upload(admin, album, photos(1))
    Watch(admin, album).done()


def test_lease_is_extended_while_bytes_come(admin: Sluice, album: str, admin_key: str) -> None:
    """A batch that is sent for longer than a lease keeps its album."""
    body = multipart([("album_id", None, album.encode()), *(("photos", *one) for one in large_photos(4))])
    started = time.monotonic()
    with connect(admin.api_url, 60) as link:
        link.sendall(head_of(admin_key, len(body)))
        for at in range(0, len(body), PIECE):
            link.sendall(body[at : at + PIECE])
            if 0 < at < len(body) - 2 * PIECE:
                eventually(lambda: status(admin, album)["state"] == "receiving", "the album is taken", 5)
                problem(send(admin, album, photos(1)), 409, "BATCH_RUNNING")
                time.sleep((LEASE_S + STALL_S + 2) * PIECE / len(body))  # the pace of a slow client
        assert read_all(link).status == 202
    assert time.monotonic() - started > LEASE_S + STALL_S
    assert Watch(admin, album).done()["completed"] == 4


def test_store_is_down(admin: Sluice, album: str, books: Ledgers, batch_stack: Stack) -> None:
    batch_stack.store.stop()
    try:
        reply = problem(send(admin, album, photos(2)), 503, "STORE_UNAVAILABLE")
        assert reply["code"] == "STORE_UNAVAILABLE"
        assert status(admin, album)["state"] == "none"
    finally:
        batch_stack.store.start()
    assert books.value("SELECT count(*) FROM files WHERE album_id = %s", album) == 0
    upload(admin, album, photos(2))
    assert Watch(admin, album).done()["completed"] == 2


def test_album_is_deleted_while_it_is_received(admin: Sluice, album: str, books: Ledgers, admin_key: str) -> None:
    with nothing_left(books), receiving(admin, admin_key, album, books) as (link, rest):
        assert admin.request("DELETE", f"/albums/{album}").status_code == 204
        link.sendall(rest)
        assert read_all(link).status in (404, 409)


def test_another_owner_sees_nothing(admin: Sluice, album: str, batch_stack: Stack, books: Ledgers) -> None:
    upload(admin, album, photos(3, broken=1))
    Watch(admin, album).done()
    stranger = Sluice(batch_stack.api.url, make_key(batch_stack, "stranger", "admin,upload,read"))
    problem(send(stranger, album, photos(1)), 404, "ALBUM_NOT_FOUND")
    problem(stranger.get(f"{STATUS}?album_id={album}"), 404, "ALBUM_NOT_FOUND")
    for what in ("clear-errors", "retry-errors"):
        problem(about(stranger, what, album), 404, "ALBUM_NOT_FOUND")
    assert status(admin, album)["failed"] == 1


def test_scope_and_key_are_needed(admin: Sluice, album: str, batch_stack: Stack) -> None:
    others: list[Callable[[], Sluice]] = [
        lambda: Sluice(batch_stack.api.url),
        lambda: Sluice(batch_stack.api.url, make_key(batch_stack, "batcher", "upload,read")),
    ]
    for make, expected in zip(others, (401, 403), strict=True):
        caller = make()
        problem(send(caller, album, photos(1)), expected)
        problem(caller.get(f"{STATUS}?album_id={album}"), expected)
        problem(about(caller, "clear-errors", album), expected)
