"""Faults of batches: whatever dies in the middle, what was accepted is completed, and what was not leaves nothing."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from batch_client import ROUTE, SCENE, Watch, about, media, photo, photos, send, status, upload
from case import Case, repeatedly
from media_client import make_album
from raw_http import connect, read_all
from sluice_client import Sluice, eventually

BATCH_LEASE_S, STALL_S = 3, 4
POINTS = ("claimed", "fetched", "variant_stored", "promoted", "settle_before", "settle_after")
HASTY = {"SLUICE_PENDING_TTL_S": "4"}  # of staged objects that nobody needs


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Asks all the time whether the batch goes backwards; an API that is away is asked again."""
    over = threading.Event()
    problems: list[BaseException] = []

    def look() -> None:
        own = Watch(Sluice(watch.api.api_url), watch.album_id)
        while not over.wait(0.05):
            try:
                own.look()
            except requests.RequestException:
                continue
            except BaseException as problem:
                problems.append(problem)
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)
    assert not problems, problems[0]


def nothing_staged(case: Case) -> None:
    def staged() -> list[str]:
        return [key for key in case.ledger.objects() if key.startswith("staging/")]

    eventually(lambda: not staged(), "nothing is staged", 60)


def complete(case: Case, album: str, count: int, failed: int = 0, seconds: float = 90) -> None:
    """Every photo is in the album with its variants, or failed, and nothing else is left."""
    done = Watch(case.api, album).done(seconds)
    assert (done["completed"], done["failed"]) == (count - failed, failed), done
    found = media(case.api, album)
    assert len(found) == count
    objects = case.ledger.objects()
    for medium in found:
        if medium["status"] == "uploaded":
            assert medium["object_key"] in objects
            kept = {key for key in objects if key.startswith(f"thumbnails/{medium['media_id']}/")}
            assert len(kept) == len(medium["variants"]) == 4
    if not failed:  # whose staged objects stay
        nothing_staged(case)
        case.ledger.check()


@pytest.mark.parametrize("point", POINTS)
def test_worker_dies_at_a_crash_point_of_batches(case: Case, point: str) -> None:
    """Each of the first workers kills itself at the same place."""
    case.stack.processor.stop()
    album = make_album(case.api)
    upload(case.api, album, photos(12))
    since = case.stack.log_end()
    with watched(Watch(case.api, album)), case.stack.processor_with(SLUICE_CRASH_AT=point, **HASTY):
        complete(case, album, 12)
        deaths = case.stack.logged("child_died", since)
    assert [line for line in deaths if line["status"] == -signal.SIGKILL], f"nobody died at {point}"


def test_workers_are_killed_in_mid_batch(case: Case) -> None:
    """Any of them, again and again; two photos are none."""
    album = make_album(case.api)
    with case.stack.processor_with(**HASTY):
        upload(case.api, album, photos(30, broken=2))
        with watched(Watch(case.api, album)):
            with repeatedly(case.stack.kill_worker, 0.5) as kills:
                eventually(lambda: len(kills) >= 6, "six killed workers", 40)
            complete(case, album, 30, failed=2)
        assert about(case.api, "clear-errors", album).json()["total"] == 28
        complete(case, album, 28)


def test_worker_uses_up_its_attempts(case: Case) -> None:
    """A photo that was given up for a dead worker lets the next one go as any other end does."""
    album = make_album(case.api)
    settings = {"SLUICE_BATCH_CONCURRENCY": "1"}
    with case.stack.configured(case.stack.api, **settings):
        case.stack.api.start()
        with case.stack.processor_with(SLUICE_MAX_ATTEMPTS="1", **HASTY):
            with case.stack.link("processor-s3").slow(16):
                upload(case.api, album, [("large.jpg", SCENE + bytes(3 << 20)), *photos(3)])
                sql = (
                    "SELECT q.worker FROM processing_queue q JOIN files f ON f.id = q.file_id"
                    " WHERE f.album_id = %s AND q.status = 'processing'"
                )
                worker = eventually(lambda: case.ledger.rows(sql, album), "the first is worked on")[0][0]
                case.stack.kill_worker(worker)
            done = Watch(case.api, album).done()
            assert (done["completed"], done["failed"]) == (3, 1), done
            assert done["errors"][0]["code"] == "ATTEMPTS_EXHAUSTED"
            assert about(case.api, "retry-errors", album).status_code == 200
            complete(case, album, 4)


def test_api_is_killed_in_mid_batch(case: Case) -> None:
    """What it had accepted is completed; what it was receiving leaves nothing once lease and sweep are over."""
    accepted, received = make_album(case.api), make_album(case.api)
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'
    body = f'--b\r\nContent-Disposition: form-data; name="album_id"\r\n\r\n{received}\r\n'.encode()
    body += b"".join(part.encode() + photo()[1] + bytes(1 << 18) + b"\r\n" for _ in range(3))
    settings = {"SLUICE_BATCH_LEASE_S": str(BATCH_LEASE_S), "SLUICE_ASSET_STALL_S": str(STALL_S)}
    with case.stack.configured(case.stack.api, **settings):
        case.stack.api.start()
        with case.stack.processor_with(**HASTY), connect(case.api.api_url) as link:
            link.sendall(f"{head}Content-Length: {len(body) + 100}\r\n\r\n".encode() + body)
            eventually(lambda: status(case.api, received)["state"] == "receiving", "one is received")
            upload(case.api, accepted, photos(12))
            with watched(Watch(case.api, accepted)):
                case.stack.api.kill()
                case.stack.api.start()
                complete(case, accepted, 12)
            assert read_all(link).status == 0
            eventually(
                lambda: status(case.api, received)["state"] == "none", "the lease is over", BATCH_LEASE_S + STALL_S + 5
            )
            assert case.ledger.value("SELECT count(*) FROM files WHERE album_id = %s", received) == 0
            nothing_staged(case)
            eventually(
                lambda: case.ledger.value("SELECT count(*) FROM batches WHERE state <> 'done'") == 0, "forgotten"
            )
            upload(case.api, received, photos(2))
            complete(case, received, 2)


def test_api_is_killed_while_it_accepts(case: Case) -> None:
    """At any moment of many requests: each album has a whole batch in the end, or none."""
    albums = [make_album(case.api) for _ in range(12)]

    def attempt(album: str) -> int:
        try:
            return send(Sluice(case.stack.api.url), album, photos(5)).status_code
        except requests.RequestException:
            return 0

    settings = {"SLUICE_BATCH_LEASE_S": str(BATCH_LEASE_S), "SLUICE_ASSET_STALL_S": str(STALL_S)}
    with case.stack.configured(case.stack.api, **settings):
        case.stack.api.start()
        with case.stack.processor_with(**HASTY), ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(attempt, album) for album in albums]
            eventually(lambda: sum(answer.done() for answer in answers) >= 3, "the first answers")
            case.stack.api.kill()
            case.stack.api.start()
            told = [answer.result() for answer in answers]
            assert told.count(202) >= 3, told
            for album, answer in zip(albums, told, strict=True):
                found = eventually(lambda a=album: _ended(case, a), "it is done, or there is none", 60)
                assert found["total"] in ((5,) if answer == 202 else (0, 5)), (found, answer)
                assert len(media(case.api, album)) == found["total"]
            nothing_staged(case)
    case.ledger.check()


def _ended(case: Case, album: str) -> dict[str, Any] | None:
    found = status(case.api, album)
    return found if found["state"] in ("done", "none") else None


def test_database_restarts_in_mid_batch(case: Case) -> None:
    album = make_album(case.api)
    with case.stack.processor_with(**HASTY):
        upload(case.api, album, photos(20))
        eventually(lambda: status(case.api, album)["completed"] >= 3, "some are completed")
        case.stack.postgres.kill()
        case.stack.postgres.start()
        complete(case, album, 20)


def test_batch_whose_release_was_lost_is_repaired(case: Case) -> None:
    """By hand, as no fault does it: housekeeping finds what waits although there is room."""
    album = make_album(case.api)
    with case.stack.no_processor():
        upload(case.api, album, photos(6))
        case.ledger.rows("UPDATE processing_queue SET run_at = 'infinity' WHERE album_id = %s", album)
    complete(case, album, 6)
