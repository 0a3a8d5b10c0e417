"""Batches of photos into an album: accepted whole or not at all, one at a time, and what failed can be tried again."""

import contextlib
import io
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from batch_client import (
    BROKEN,
    JSON,
    ROUTE,
    SCENE,
    STATUS,
    Photo,
    Watch,
    about,
    media,
    photo,
    photos,
    send,
    status,
    upload,
)
from ledgers import Ledgers, make_key
from media_client import make_album
from PIL import Image
from raw_http import connect, read_all
from sluice_client import ODD_NAME, Sluice, eventually, problem, sha256

from devstack.daemons import Api
from devstack.stack import Stack
from devstack.testing import run_stack

LIMIT = 2  # photos of an album at once
LIMIT_OF_ALL = 3
LEASE_S, STALL_S = 3, 4
PIECE = 65536  # of a body, which the server reads whole


@pytest.fixture(scope="module")
def batch_stack() -> Iterator[Stack]:
    """One of its own, so that what is left behind can be counted."""
    yield from run_stack(
        "batch",
        SLUICE_AUTH="required",
        SLUICE_BATCH_CONCURRENCY=str(LIMIT),
        SLUICE_BATCH_CONCURRENCY_TOTAL=str(LIMIT_OF_ALL),
        SLUICE_BATCH_LEASE_S=str(LEASE_S),
        SLUICE_ASSET_STALL_S=str(STALL_S),
        SLUICE_MEDIA_MAX_BYTES="2MiB",
        SLUICE_PENDING_TTL_S="25",
        SLUICE_SWEEP_INTERVAL_S="1",
        SLUICE_WORKERS="4",
    )


@pytest.fixture(scope="module")
def books(batch_stack: Stack) -> Ledgers:
    return Ledgers(batch_stack)


@pytest.fixture(scope="module")
def key(batch_stack: Stack) -> str:
    return make_key(batch_stack, "batcher", "admin,upload,read")


@pytest.fixture
def admin(batch_stack: Stack, key: str) -> Sluice:
    return Sluice(batch_stack.api.url, key)


@pytest.fixture
def album(admin: Sluice) -> str:
    return make_album(admin)


@contextlib.contextmanager
def second_api(stack: Stack) -> Iterator[str]:
    """Another sluice-api on the same services; its address."""
    other = Api("api-2", stack.api.program, stack.state, stack.program_settings)
    other.extra_environment |= stack.api.extra_environment
    other.start()
    try:
        yield other.url
    finally:
        other.stop()


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


def test_photos_come_into_their_album(admin: Sluice, album: str, books: Ledgers, key: str) -> None:
    """Where and as those that are uploaded one by one lie."""
    batch = [photo(ODD_NAME.replace("csv", "jpg")), *photos(4)]
    watch = Watch(admin, album)
    started = upload(admin, album, batch)
    done = watch.done()
    assert done == {
        **{name: 0 for name in ("failed", "pending", "processing")},
        **{"total": 5, "completed": 5, "state": "done", "errors": [], "album_id": album},
        "batch_id": started["batch_id"],
    }
    found = {medium["filename"]: medium for medium in media(admin, album)}
    assert set(found) == {name for name, _ in batch}
    for name, data in batch:
        medium = found[name]
        assert (medium["status"], medium["kind"], medium["sha256"]) == ("uploaded", "media", sha256(data))
        assert (medium["width"], medium["height"], len(medium["variants"])) == (160, 120, 4)
        assert medium["object_key"].startswith(f"albums/{album}/media/{medium['media_id']}-")
        stored = books.s3.get_object(Bucket=books.bucket, Key=medium["object_key"])
        assert (stored["ContentType"], stored["Body"].read()) == ("image/jpeg", data)
        assert requests.get(medium["download_url"], timeout=20).content == data
        assert admin.get(medium["content_url"]).content == data
        small = requests.get(medium["variants"][0]["url"], timeout=20).content
        assert Image.open(io.BytesIO(small)).format == "WEBP"
    ids = tuple(medium["media_id"] for medium in found.values())
    topics = books.rows("SELECT topic, count(*) FROM outbox WHERE file_id = ANY (%s::uuid[]) GROUP BY topic", list(ids))
    assert dict(topics) == {"file.uploaded": 5, "file.synced": 5}
    eventually(lambda: not any(one in key for key in books.keys("staging/") for one in ids), "nothing is staged")
    rows = books.rows("SELECT album_id::text, status, batch_id::text FROM processing_queue WHERE file_id = %s", ids[0])
    assert rows == [(album, "completed", started["batch_id"])]


def test_copies_into_the_album_are_no_strangers(admin: Sluice, album: str, books: Ledgers) -> None:
    """Their events find a record, whenever they come: no second one is made, and none of them is dead."""
    since = books.newest_dead_event()
    upload(admin, album, photos(6))
    Watch(admin, album).done()
    eventually(books.events_are_taken, "every event is taken")
    assert len(media(admin, album)) == 6
    assert books.dead_events(album.encode(), since) == []
    assert {medium["error"] for medium in media(admin, album)} == {None}


def test_twenty_with_two_broken(admin: Sluice, album: str, books: Ledgers) -> None:
    watch = Watch(admin, album)
    upload(admin, album, photos(20, broken=2))
    done = watch.done()
    assert (done["completed"], done["failed"]) == (18, 2)
    assert watch.most_at_once <= LIMIT
    assert [error["filename"] for error in done["errors"]] == ["broken-00.jpg", "broken-01.jpg"]
    for error in done["errors"]:
        assert error["code"] == "DECODE_FAILED"
        assert error["message"]
        medium = admin.get(f"/media/{error['file_id']}").json()
        assert (medium["status"], medium["download_url"]) == ("failed", None)
        problem(admin.get(f"/files/{error['file_id']}/content"), 409, "CONFLICT")
    failed = {error["file_id"] for error in done["errors"]}
    staged = {key for key in books.keys("staging/") if key.split("/")[1] in failed}
    assert len(staged) == 2, "a retry needs them"


def test_failures_are_tried_again(admin: Sluice, album: str, books: Ledgers) -> None:
    """One that is whole by then is completed, the other one fails again; the batch runs meanwhile."""
    upload(admin, album, photos(3, broken=2))
    before = Watch(admin, album).done()
    mended = before["errors"][0]
    key = next(key for key in books.keys("staging/") if mended["file_id"] in key)
    data = SCENE + mended["file_id"].encode()
    books.s3.put_object(Bucket=books.bucket, Key=key, Body=data)
    books.database.execute(
        "UPDATE files SET expected_size = %s, expected_sha256 = %s WHERE id = %s",
        [len(data), bytes.fromhex(sha256(data)), mended["file_id"]],
    )
    reply = about(admin, "retry-errors", album)
    assert (reply.status_code, reply.json()["total"]) == (200, 3), reply.text
    done = Watch(admin, album).done()
    assert (done["completed"], done["failed"], done["batch_id"]) == (2, 1, before["batch_id"])
    assert admin.get(f"/media/{mended['file_id']}").json()["status"] == "uploaded"
    again = about(admin, "retry-errors", make_album(admin))  # one that never had a batch
    assert (again.status_code, again.json()["state"]) == (200, "none")


def test_failures_are_cleared(admin: Sluice, album: str, books: Ledgers) -> None:
    """Any number of times; by a form or by JSON. Then the album takes the next batch."""
    upload(admin, album, photos(4, broken=3))
    failed = {error["file_id"] for error in Watch(admin, album).done()["errors"]}
    assert len(failed) == 3
    for attempt in range(2):
        reply = (
            about(admin, "clear-errors", album) if attempt else admin.post(f"{ROUTE}/clear-errors", {"album_id": album})
        )
        assert reply.status_code == 200, reply.text
        found = reply.json()
        assert (found["total"], found["completed"], found["failed"], found["errors"]) == (1, 1, 0, [])
    assert books.value("SELECT count(*) FROM files WHERE id = ANY (%s::uuid[])", list(failed)) == 0
    assert books.value("SELECT count(*) FROM processing_queue WHERE file_id = ANY (%s::uuid[])", list(failed)) == 0
    assert not any(one in key for key in books.keys("") for one in failed)
    assert len(media(admin, album)) == 1
    upload(admin, album, photos(1))
    assert Watch(admin, album).done()["total"] == 1


def test_album_takes_one_batch_at_a_time(admin: Sluice, album: str, key: str, books: Ledgers) -> None:
    """While the first is received; then the next one. What is in the way is said, with how far it is."""
    with receiving(admin, key, album, books) as (link, rest):
        with nothing_left(books):
            refused = problem(send(admin, album, photos(5)), 409, "BATCH_RUNNING")
        assert refused["progress"]["state"] == "receiving"
        for what in ("clear-errors", "retry-errors"):
            problem(about(admin, what, album), 409, "BATCH_RUNNING")
        upload(admin, make_album(admin), photos(1))  # another album is free
        link.sendall(rest)
        assert read_all(link).status == 202
    assert Watch(admin, album).done()["total"] == 3
    upload(admin, album, photos(1))
    Watch(admin, album).done()


def test_running_batch_refuses_the_next(admin: Sluice, album: str, batch_stack: Stack) -> None:
    batch_stack.processor.pause()
    try:
        upload(admin, album, photos(6))
        refused = problem(send(admin, album, photos(2)), 409, "BATCH_RUNNING")
        progress = refused["progress"]
        assert (progress["state"], progress["total"], progress["completed"]) == ("running", 6, 0)
        problem(about(admin, "retry-errors", album), 409, "BATCH_RUNNING")
    finally:
        batch_stack.processor.resume()
    assert Watch(admin, album).done()["completed"] == 6


def test_two_at_once_by_two_servers(admin: Sluice, batch_stack: Stack, key: str) -> None:
    """One is accepted, whichever; the other one is told."""
    with second_api(batch_stack) as url, ThreadPoolExecutor(6) as pool:
        for _ in range(5):
            album = make_album(admin)
            sizes = {6: admin.api_url, 7: url}
            jobs = {
                size: pool.submit(send, Sluice(address, key), album, photos(size)) for size, address in sizes.items()
            }
            replies = {size: job.result() for size, job in jobs.items()}
            assert sorted(reply.status_code for reply in replies.values()) == [202, 409], replies
            accepted = next(size for size, reply in replies.items() if reply.status_code == 202)
            refused = next(reply for reply in replies.values() if reply.status_code == 409)
            assert problem(refused, 409, "BATCH_RUNNING")["progress"]["state"] in ("receiving", "running")
            assert Watch(admin, album).done()["total"] == accepted
            assert len(media(admin, album)) == accepted


def test_limits_of_one_album_and_of_all(admin: Sluice, books: Ledgers, batch_stack: Stack) -> None:
    """Photos that wait are not due; each that ends lets the next one go, in the order in which they came."""
    due = (
        "SELECT album_id::text, count(*) FROM processing_queue WHERE batch_id IS NOT NULL"
        " AND status IN ('pending', 'processing') AND run_at < 'infinity' GROUP BY album_id"
    )
    albums = [make_album(admin) for _ in range(3)]
    batch_stack.processor.pause()
    try:
        for album in albums:
            upload(admin, album, photos(5))
        assert dict(books.rows(due)) == {albums[0]: LIMIT, albums[1]: LIMIT_OF_ALL - LIMIT}
    finally:
        batch_stack.processor.resume()
    most = 0

    def done() -> bool:
        nonlocal most
        counts = [count for _, count in books.rows(due)]
        assert all(count <= LIMIT for count in counts)
        most = max(most, sum(counts))
        return all(status(admin, album)["state"] == "done" for album in albums)

    eventually(done, "all three are done")
    assert most <= LIMIT_OF_ALL
    assert [status(admin, album)["completed"] for album in albums] == [5, 5, 5]


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
    """Fields come first; what is wrong is named."""
    field, picture = ("album_id", None, album.encode()), ("photos", "a.jpg", SCENE)
    with nothing_left(books):
        for parts, name in (
            ([picture, field], "album_id"),
            ([picture], "album_id"),
            ([field, picture, ("more", None, b"x")], "photos"),
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


def test_type_by_name_and_other_fields(admin: Sluice, album: str) -> None:
    """Clients that do not know the type say so, or nothing; a form may have fields of its own."""
    files: list[Any] = [
        ("photos", ("a.JPG", SCENE + b"1", "application/octet-stream")),
        ("photos", ("b.jpeg", SCENE + b"2")),
    ]
    fields = {"album_id": album.upper(), "csrf_token": "t", "other": "x"}
    reply = admin.request("POST", ROUTE, data=fields, files=files)
    assert reply.status_code == 202, reply.text
    assert Watch(admin, album).done()["completed"] == 2
    assert {medium["content_type"] for medium in media(admin, album)} == {"image/jpeg"}


def test_client_goes_away(admin: Sluice, album: str, books: Ledgers, key: str) -> None:
    """With two photos staged and the third on its way: no rows, no objects, and the album is free at once."""
    with nothing_left(books), receiving(admin, key, album, books):
        pass
    eventually(lambda: status(admin, album)["state"] == "none", "the album is free", LEASE_S)
    upload(admin, album, photos(1))
    Watch(admin, album).done()


def test_lease_is_extended_while_bytes_come(admin: Sluice, album: str, key: str) -> None:
    """A batch that is sent for longer than a lease keeps its album."""
    body = multipart([("album_id", None, album.encode()), *(("photos", *one) for one in large_photos(4))])
    started = time.monotonic()
    with connect(admin.api_url, 60) as link:
        link.sendall(head_of(key, len(body)))
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


def test_album_is_deleted_while_it_is_received(admin: Sluice, album: str, books: Ledgers, key: str) -> None:
    with nothing_left(books), receiving(admin, key, album, books) as (link, rest):
        assert admin.request("DELETE", f"/albums/{album}").status_code == 204
        link.sendall(rest)
        assert read_all(link).status in (404, 409)


def test_album_is_deleted_while_its_batch_runs(admin: Sluice, album: str, books: Ledgers, batch_stack: Stack) -> None:
    """Whatever a worker is at: in the end nothing is left, staged objects included."""
    upload(admin, album, photos(12, broken=2))
    ids = [medium["media_id"] for medium in media(admin, album)]
    eventually(lambda: status(admin, album)["completed"] >= 2, "some are completed")
    assert admin.request("DELETE", f"/albums/{album}").status_code == 204
    problem(admin.get(f"{STATUS}?album_id={album}"), 404, "ALBUM_NOT_FOUND")
    assert books.value("SELECT count(*) FROM files WHERE album_id = %s", album) == 0
    assert books.value("SELECT count(*) FROM processing_queue WHERE album_id = %s", album) == 0
    assert books.value("SELECT count(*) FROM batches WHERE album_id = %s", album) == 0
    eventually(lambda: not [key for key in books.keys("") if album in key], "no object of the album")
    eventually(lambda: not [key for key in books.keys("") if any(one in key for one in ids)], "no staged object")


def test_photo_is_deleted_while_its_batch_runs(admin: Sluice, album: str, books: Ledgers, batch_stack: Stack) -> None:
    """The others go on, also those that waited for it."""
    batch_stack.processor.pause()
    try:
        upload(admin, album, photos(5))
        first = media(admin, album)[:LIMIT]
        for medium in first:
            assert admin.request("DELETE", f"/media/{medium['media_id']}").status_code == 204
        assert status(admin, album)["total"] == 5 - LIMIT
    finally:
        batch_stack.processor.resume()
    assert Watch(admin, album).done()["completed"] == 5 - LIMIT
    assert not any(medium["media_id"] in key for key in books.keys("") for medium in first)


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


def test_sweeps_leave_what_a_retry_needs(admin: Sluice, album: str, books: Ledgers, batch_stack: Stack) -> None:
    """A failed photo's object stays however old it is; one that nobody knows of goes."""
    upload(admin, album, photos(2, broken=1))
    failed = Watch(admin, album).done()["errors"][0]["file_id"]
    stray = "staging/0190a000-0000-7000-8000-00000000000a/of-a-batch-that-broke-off.jpg"
    books.s3.put_object(Bucket=books.bucket, Key=stray, Body=BROKEN)
    eventually(lambda: stray not in books.keys("staging/"), "the stray goes", 90)
    assert any(failed in key for key in books.keys("staging/"))
    batch_stack.cli.run("sweep", "--orphan-age", "0", "--force")
    assert any(failed in key for key in books.keys("staging/"))
    assert len([key for key in books.keys(f"albums/{album}/")]) == 1
