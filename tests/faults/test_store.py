"""Faults 22 to 25 and 27: the store restarts, is away, dies before it reports, refuses, or answers only half."""

import json
import shutil
from urllib.parse import urlsplit

import pytest
from case import Case
from failing_store import failing_store
from sluice_client import eventually, problem

BIG = 3 * 1024 * 1024


def test_store_restarts_while_an_object_is_read(case: Case) -> None:
    """Fault 22: the download breaks off; the file is SYNCED by another attempt, with the right hash."""
    with case.stack.link("processor-s3").slow(64):
        upload = case.clients.upload(BIG, method="put")
        case.ledger.worker_of(upload)
        case.stack.store.restart()
    case.ledger.check()


def test_store_restarts_under_load(case: Case) -> None:
    """Fault 22: clients whose upload breaks off try again; each acknowledged upload is SYNCED once."""
    case.disturbed_uploads(100, case.stack.store.restart, 2)
    case.ledger.check()


def test_store_down_spends_no_attempts(case: Case) -> None:
    """Fault 23: while the store is away files wait; afterwards each is SYNCED by what counts as its first attempt."""
    with case.stack.no_processor():
        case.clients.upload_many(24)
        case.stack.store.stop()
    since = case.stack.log_end()
    try:
        ids = [upload.file_id for upload in case.clients.uploads]
        tried = "SELECT count(*) FROM processing_queue WHERE file_id = ANY (%s::uuid[]) AND error_code IS NOT NULL"
        eventually(lambda: case.ledger.value(tried, ids) >= 12, "files that were tried in vain", 30)
        eventually(lambda: len(case.stack.logged("file_postponed", since)) > 40, "several tries of each", 40)
        assert case.ledger.value("SELECT max(attempts) FROM files WHERE id = ANY (%s::uuid[])", ids) <= 1
        reply = case.api.post("/files/confirm-uploads", {"file_id": ids[2], "file_size": 2000}, timeout=30)
        assert reply.status_code == 503 or reply.json()["results"][0]["status"] != "PENDING", reply.text
    finally:
        case.stack.store.start()
    case.ledger.check()
    assert {row.attempts for row in case.ledger.records().values()} == {1}


def test_confirm_while_the_store_is_down(case: Case) -> None:
    """Fault 23: the API cannot look; it says 503, changes nothing, and never guesses NOT_UPLOADED."""
    upload, ticket = case.clients.presign(b"z" * 1000)
    with case.stack.no_processor():
        case.clients.send(upload, ticket)
        case.stack.store.stop()
        try:
            reply = case.api.post("/files/confirm-uploads", {"file_id": upload.file_id, "file_size": 1000}, timeout=60)
            problem(reply, 503)
            assert "Retry-After" in reply.headers
            assert case.ledger.status(upload) == "PENDING"
        finally:
            case.stack.store.start()
    case.ledger.check()


def test_store_killed_before_it_reports(case: Case) -> None:
    """Fault 24: kill -9 of the store right after its 200. Every event of it is lost, also those kept for later: the
    sweeper alone finds the objects."""
    with case.stack.no_processor():
        for _ in range(8):
            case.clients.upload(confirm=False, method="put")
        case.stack.store.kill()
        shutil.rmtree(case.stack.folder / "data" / "minio-events")
        case.ledger.queue.flushall()
        case.stack.store.start()
        assert {case.ledger.status(upload) for upload in case.clients.uploads} == {"PENDING"}
    case.ledger.check()


def test_store_killed_under_load(case: Case) -> None:
    """Fault 24, as it comes: kill -9 at any moment of uploads and their events."""

    def kill() -> None:
        case.stack.store.kill()
        case.stack.store.start()

    case.disturbed_uploads(80, kill, 2)
    case.ledger.check()


@pytest.mark.parametrize(
    ("status", "code"),
    [(503, "SlowDown"), (500, "InternalError"), (403, "AccessDenied"), (404, "NoSuchBucket")],
)
def test_store_refuses_for_a_while(case: Case, status: int, code: str) -> None:
    """Fault 25: throttled, denied, or the bucket seems to be gone. Nothing becomes FAILED by that, no record goes, and
    all is SYNCED when it is over."""
    with case.stack.no_processor():
        case.clients.upload_many(8)
    with failing_store(status, code) as (address, asked), case.stack.link("processor-s3").redirected(address):
        upload = case.clients.upload()
        eventually(lambda: sum(upload.key in path for path in asked) >= 2, "the store was asked twice", 60)
    case.ledger.check()


def test_one_object_that_the_store_cannot_read(case: Case) -> None:
    """A broken object in a store that is well: it is FAILED after its attempts, not waited for without end, and neither
    jobs, nor events, nor sweeps of other files wait for it."""
    upstream = urlsplit(case.stack.program_settings()["SLUICE_S3_ENDPOINT"]).netloc
    with case.stack.processor_with(SLUICE_MAX_ATTEMPTS="4"):
        case.stack.processor.stop()
        broken = case.clients.upload()
        with (
            failing_store(500, "InternalError", broken.key, upstream) as (address, asked),
            case.stack.link("processor-s3").redirected(address),
        ):
            case.stack.processor.start()
            others = case.clients.upload_many(8)
            eventually(lambda: case.ledger.status(broken) == "FAILED", "given up", 60)
            for upload in others:
                case.synced(upload)
            assert sum(broken.key in path for path in asked) >= 4
            record = case.clients.finished(broken)
            assert record["error"]["code"] == "ATTEMPTS_EXHAUSTED", record
            message = case.ledger.value("SELECT error_message FROM files WHERE id = %s", broken.file_id)
            assert "cannot read this object, but others" in message
            assert "500 InternalError" in message
        broken.code = "ATTEMPTS_EXHAUSTED"
        case.ledger.check()


def test_sweeps_and_events_pass_by_an_object_that_the_store_cannot_read(case: Case) -> None:
    """The same for a PENDING file that only the sweeper can find, and for events of removals: first in line, it holds
    up nobody, and when the store can read it again it is SYNCED like any other."""
    upstream = urlsplit(case.stack.program_settings()["SLUICE_S3_ENDPOINT"]).netloc
    case.stack.processor.stop()
    with case.silent_store():
        broken = case.clients.upload(confirm=False)
        others = [case.clients.upload(confirm=False) for _ in range(3)]
    s3 = {"bucket": {"name": case.ledger.bucket}, "object": {"key": broken.key}}
    removal = json.dumps({"Records": [{"eventName": "ObjectRemoved:Delete", "s3": s3}]})
    synced = case.clients.upload()
    with (
        failing_store(500, "InternalError", broken.key, upstream) as (address, asked),
        case.stack.link("processor-s3").redirected(address),
    ):
        case.stack.processor.start()
        for upload in [*others, synced]:
            case.synced(upload)
        assert case.ledger.status(broken) == "PENDING"
        assert any(broken.key in path for path in asked)
    case.synced(broken)
    with (
        failing_store(500, "InternalError", broken.key, upstream) as (address, asked),
        case.stack.link("processor-s3").redirected(address),
    ):
        case.ledger.queue.lpush("sluice:events", removal)
        eventually(lambda: case.ledger.events_left() == 0, "the removal taken", 40)
        case.synced(case.clients.upload(confirm=False))
    case.ledger.dead_events = 1
    case.ledger.check()


def test_wrong_secret_of_the_processor(case: Case) -> None:
    """Fault 25, 403 by the real store: an operator's mistake costs time, no file."""
    with case.stack.processor_with(SLUICE_S3_SECRET_KEY="wrong"):
        since = case.stack.log_end()
        case.clients.upload_many(8)
        eventually(lambda: case.stack.logged("file_postponed", since), "a try in vain", 40)
    case.ledger.check()


def test_object_is_gone_before_it_is_read(case: Case) -> None:
    """Fault 25, 404: the object was deleted and nobody said so. It is FAILED with OBJECT_GONE, the others live."""
    with case.stack.no_processor():
        for _ in range(4):
            case.clients.upload(confirm=True)
        lost = case.clients.uploads[1]
        with case.silent_store():
            case.ledger.s3.delete_object(Bucket=case.ledger.bucket, Key=lost.key)
    lost.code = "OBJECT_GONE"
    case.ledger.check()


def test_body_stalls_half_way(case: Case) -> None:
    """Fault 27: an object's body stops in the middle and the connection stays open. The attempt is given up, other
    files go on meanwhile, and the next attempt reads it whole."""
    link = case.stack.link("processor-s3")
    with link.slow(64):
        upload = case.clients.upload(BIG, method="put")
        case.ledger.worker_of(upload)
        with link.toxic("timeout", timeout=0):
            since = case.stack.log_end()
            eventually(lambda: case.stack.logged("file_postponed", since), "the attempt was given up", 40)
    case.ledger.check()


def test_body_is_cut_short(case: Case) -> None:
    """Fault 27: the connection ends before the promised length. Half an object is never taken for a whole one."""
    with case.stack.link("processor-s3").toxic("limit_data", bytes=100_000):
        since = case.stack.log_end()
        upload = case.clients.upload(300_000, method="put")
        eventually(lambda: case.stack.logged("file_postponed", since), "an attempt broke off", 40)
        assert case.ledger.status(upload) in ("UPLOADED", "SYNCING")
    case.ledger.check()
