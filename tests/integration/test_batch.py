"""Batches of photos into an album: accepted whole or not at all, one at a time, and what failed can be tried again."""

import contextlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from batch_client import (
    BROKEN,
    LIMIT,
    LIMIT_OF_ALL,
    PIECE,
    ROUTE,
    SCENE,
    STATUS,
    Watch,
    about,
    media,
    multipart,
    nothing_left,
    photo,
    photos,
    receiving,
    send,
    status,
    upload,
)
from ledgers import Ledgers
from media_client import make_album
from PIL import Image
from process_memory import forget_peak, peak_and_now
from raw_http import read_all
from sluice_client import ODD_NAME, Sluice, eventually, problem, sha256

from devstack.daemons import Api
from devstack.stack import Stack


@contextlib.contextmanager
def second_api(stack: Stack) -> Iterator[Api]:
    """Another sluice-api on the same services. AddressSanitizer keeps little of what it frees there."""
    other = Api("api-2", stack.api.program, stack.state, stack.program_settings)
    other.extra_environment |= stack.api.extra_environment
    options = other.extra_environment.get("ASAN_OPTIONS", "")
    other.extra_environment["ASAN_OPTIONS"] = f"{options}:quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
    other.start()
    try:
        yield other
    finally:
        other.stop()


def test_photos_come_into_their_album(admin: Sluice, album: str, books: Ledgers, admin_key: str) -> None:
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


def test_album_takes_one_batch_at_a_time(admin: Sluice, album: str, admin_key: str, books: Ledgers) -> None:
    """While the first is received; then the next one. What is in the way is said, with how far it is."""
    with receiving(admin, admin_key, album, books) as (link, rest):
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


def test_two_at_once_by_two_servers(admin: Sluice, batch_stack: Stack, admin_key: str) -> None:
    """One is accepted, whichever; the other one is told."""
    with second_api(batch_stack) as other, ThreadPoolExecutor(6) as pool:
        for _ in range(5):
            album = make_album(admin)
            sizes = {6: admin.api_url, 7: other.url}
            jobs = {
                size: pool.submit(send, Sluice(address, admin_key), album, photos(size))
                for size, address in sizes.items()
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


def test_memory_does_not_grow_with_the_batch(stack: Stack) -> None:
    """50 photos of 4 MiB: the same bound as for 50 of 24 MP, which `./dev bench batch` sends."""

    def body(album: str) -> Iterator[bytes]:
        yield multipart([("album_id", None, album.encode())])[: -len(b"--b--\r\n")]
        for name, data in photos(50):
            head, _, tail = multipart([("photos", name, data)]).partition(data)
            yield head + data
            yield from (bytes(PIECE) for _ in range((4 << 20) // PIECE))
            yield tail if name == "photo-49.jpg" else tail[: -len(b"--b--\r\n")]

    with second_api(stack) as other:
        api = Sluice(other.url)
        warm, album = make_album(api), make_album(api)
        upload(api, warm, photos(2))  # what is taken once
        forget_peak(other.pid)
        _, before = peak_and_now(other.pid)
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        reply = api.request("POST", ROUTE, data=body(album), headers=kind)
        assert reply.status_code == 202, reply.text
        peak, _ = peak_and_now(other.pid)
        assert peak - before <= 64 << 20
        assert Watch(api, album).done()["completed"] == 50


def test_the_status_is_a_fragment_unless_json_is_asked_for(admin: Sluice, album: str) -> None:
    route = f"/admin/upload/status?album_id={album}"
    for accept in ("*/*", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"):
        reply = admin.get(route, headers={"Accept": accept})
        assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for accept in ("application/json", "application/json, text/html;q=0.5"):
        assert admin.get(route, headers={"Accept": accept}).json()["state"] == "none"
