"""Faults 31 to 35: events that are early, repeated, out of order, of removals, or of objects that were overwritten."""

import os
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from case import Case
from sluice_client import eventually, problem, send
from uploads import Upload

BIG = 3 * 1024 * 1024


def _event(case: Case, upload: Upload, name: str = "ObjectCreated:Put", **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventName": name,
        "s3": {
            "bucket": {"name": case.ledger.bucket},
            "object": {"key": quote(upload.key, safe=""), "size": len(upload.data), "eTag": upload.etag} | more,
        },
    }


def _report(case: Case, *records: dict[str, Any]) -> None:
    """POST /events/s3, as another store's webhook does."""
    headers = {"Authorization": f"Bearer {case.ledger.events_key}"}
    reply = case.api.post("/events/s3", {"Records": list(records)}, headers=headers)
    assert reply.status_code == 202, reply.text


def _taken(case: Case) -> None:
    eventually(lambda: case.ledger.events_left() == 0, "every event taken")


def test_event_before_its_record(case: Case) -> None:
    """Fault 31: the event comes while the record cannot be seen yet. It is kept with its reason, and the sweeper finds
    the object by itself. (The record is hidden under another key meanwhile: the API never answers before its commit.)
    """
    upload, ticket = case.clients.presign(b"early" * 100, "put")
    case.ledger.rows("UPDATE files SET object_key = object_key || '-hidden' WHERE id = %s", upload.file_id)
    case.clients.send(upload, ticket)
    sql = "SELECT reason FROM dead_events WHERE position(%s IN encode(raw, 'escape')) > 0"
    pattern = upload.key.rpartition("/")[2]
    eventually(lambda: case.ledger.rows(sql, pattern), "an event was kept")
    eventually(lambda: _durable_events(case) == 0, "the other target's event was sent")
    _taken(case)
    reasons = case.ledger.rows(sql, pattern)
    assert all("no record" in reason for (reason,) in reasons)
    case.ledger.rows("UPDATE files SET object_key = %s, sweep_at = now() WHERE id = %s", upload.key, upload.file_id)
    case.ledger.dead_events = len(reasons)
    case.ledger.check()


def test_same_event_a_hundred_times_on_two_hosts(case: Case) -> None:
    """Fault 32: duplicates cost nothing and do nothing, whoever gets them, before, while and after they are true."""
    other = case.stack.add_processor(2)
    other.start()
    try:
        for _ in range(5):
            upload = case.clients.upload(confirm=False, method="put")
            for _ in range(10):
                _report(case, *[_event(case, upload)] * 10)
        _taken(case)
        case.ledger.check()
    finally:
        other.stop()


def test_older_sequencer_last(case: Case) -> None:
    """Fault 33: an event of an older version comes after a newer one, together with it or later. The record is that of
    the object as it is."""
    with case.stack.no_processor():
        first = case.clients.upload(confirm=False, method="put")
        second = case.clients.upload(confirm=False, method="put")
        case.ledger.queue.delete("sluice:events")
        new = {"sequencer": "0055AED6DCD90281E5"}
        old = {"sequencer": "0055AED6DCD90281E4", "size": 5, "eTag": "0" * 32}
        _report(case, _event(case, first, **new), _event(case, first, **old))
        _report(case, _event(case, second, **new))
    case.synced(first)
    case.synced(second)
    before = case.ledger.records()
    _report(case, _event(case, second, **old))
    _taken(case)
    case.ledger.check()
    assert case.ledger.records() == before


def test_removal_event_of_an_object_that_is_there(case: Case) -> None:
    """Fault 34, before: a removal is reported, late or wrongly, and the object exists. Nothing is removed, at any
    status of the file."""
    early, ticket = case.clients.presign(b"early" * 100)
    _report(case, _event(case, early, "ObjectRemoved:Delete"))
    _taken(case)
    case.clients.send(early, ticket)
    case.synced(early)
    _report(case, _event(case, early, "ObjectRemoved:Delete"))
    _taken(case)
    case.ledger.check()


def test_object_removed_while_it_is_read(case: Case) -> None:
    """Fault 34, during: somebody deletes the object while a worker reads it. The record goes too, announced once."""
    with case.stack.link("processor-s3").slow(64):
        upload = case.clients.upload(BIG, method="put")
        case.ledger.worker_of(upload)
        case.ledger.s3.delete_object(Bucket=case.ledger.bucket, Key=upload.key)
    eventually(lambda: case.ledger.status(upload) is None, "the record is gone", 40)
    assert case.api.get(f"/files/{upload.file_id}").status_code == 404
    case.ledger.removed.add(upload.file_id)
    case.clients.upload()
    case.ledger.check()


def test_file_deleted_while_it_is_processed(case: Case) -> None:
    """Fault 34, by the owner: DELETE while a worker has the file. Record, object and cached content are gone for good,
    also after the worker has ended its job."""
    since = case.stack.log_end()
    with case.stack.link("processor-s3").slow(64):
        upload = case.clients.upload(500_000, method="put")
        case.ledger.worker_of(upload)
        assert case.api.request("DELETE", f"/files/{upload.file_id}").status_code in (200, 202, 204)
    ended = ("lease_lost", "file_failed")
    eventually(lambda: any(case.stack.logged(event, since) for event in ended), "the worker gave its job up", 40)
    key = f"file_content:{upload.file_id}"
    eventually(lambda: case.ledger.cache.get(key) is None, "its content has left the cache", 40)
    assert upload.key not in case.ledger.objects()
    case.ledger.removed.add(upload.file_id)
    case.ledger.check()


def test_object_removed_after_it_was_synced(case: Case) -> None:
    """Fault 34, after: an object that is deleted in the bucket takes its record, its cache entry and nothing else."""
    gone, kept = case.clients.upload(), case.clients.upload()
    case.all_synced()
    assert case.ledger.cache.get(f"file_content:{gone.file_id}") == gone.data
    case.ledger.s3.delete_object(Bucket=case.ledger.bucket, Key=gone.key)
    eventually(lambda: case.ledger.status(gone) is None, "the record is gone", 40)
    assert case.api.get(f"/files/{gone.file_id}/content").status_code == 404
    case.ledger.removed.add(gone.file_id)
    case.ledger.check()
    assert case.ledger.status(kept) == "SYNCED"


def test_removal_that_is_not_known_yet(case: Case) -> None:
    """Fault 34, the event waits while no processor runs: once the cache has forgotten the content, the caller is told
    that it is gone, and never gets an empty file; the record goes when the event is taken."""
    upload = case.clients.upload()
    case.synced(upload)
    with case.stack.no_processor():
        case.ledger.s3.delete_object(Bucket=case.ledger.bucket, Key=upload.key)
        case.ledger.cache.delete(f"file_content:{upload.file_id}")
        assert case.api.get(f"/files/{upload.file_id}/content").status_code in (404, 409, 410)
    eventually(lambda: case.ledger.status(upload) is None, "the record is gone", 40)
    case.ledger.removed.add(upload.file_id)
    case.ledger.check()


def test_object_overwritten_after_it_was_synced(case: Case) -> None:
    """Fault 35: somebody with credentials of his own replaces the object. The record keeps the hash of what was
    verified and says OBJECT_CHANGED, and other bytes are never served under that hash; until the object is restored."""
    upload = case.clients.upload(method="put")
    case.synced(upload)
    before = case.ledger.records()[upload.file_id]
    since = case.stack.log_end()
    case.ledger.s3.put_object(Bucket=case.ledger.bucket, Key=upload.key, Body=b"other bytes" * 100)
    eventually(lambda: case.ledger.records()[upload.file_id].code == "OBJECT_CHANGED", "the change noticed", 40)
    record = case.clients.finished(upload)
    assert (record["status"], record["sha256"], record["size"]) == ("SYNCED", upload.sha256, len(upload.data))
    assert record["error"]["code"] == "OBJECT_CHANGED"
    case.ledger.cache.delete(f"file_content:{upload.file_id}")
    problem(case.api.get(f"/files/{upload.file_id}/content"), 409, "OBJECT_CHANGED")
    assert case.ledger.cache.get(f"file_content:{upload.file_id}") is None, "cached under the old hash"
    assert replace(case.ledger.records()[upload.file_id], code=None) == before
    known = case.api.post("/files/check", {"sha256": [upload.sha256]}).json()["results"][0]
    assert known["action"] == "accept", "a changed object stands for no other upload"
    case.ledger.s3.put_object(Bucket=case.ledger.bucket, Key=upload.key, Body=upload.data)
    eventually(lambda: case.ledger.records()[upload.file_id].code is None, "the mark taken off", 40)
    _taken(case)
    case.ledger.check()
    changed = [line for line in case.stack.logged("object_changed", since) if line["file_id"] == upload.file_id]
    assert len(changed) == 1, "logged once, although the store reported it twice"


def _durable_events(case: Case) -> int:
    """How many events MinIO's second target has not sent yet."""
    folder = case.stack.folder / "data" / "minio-events"
    return sum(path.is_file() for path in folder.rglob("*"))


def test_late_events_of_deleted_files_are_no_dead_events(case: Case) -> None:
    """A file is deleted before the store has reported its upload for the second time. A second upload by the form that
    is still valid is no late report: it is kept, since its object belongs to nobody."""
    dead = "SELECT count(*) FROM dead_events"
    before = case.ledger.value(dead)
    tickets = []
    for _ in range(10):
        upload, ticket = case.clients.presign(os.urandom(100))
        tickets.append(ticket)
        case.clients.send(upload, ticket)
        case.clients.confirm(upload)
        assert case.api.request("DELETE", f"/files/{upload.file_id}").status_code == 204
        case.ledger.removed.add(upload.file_id)
    eventually(lambda: _durable_events(case) == 0, "every event sent", 40)
    _taken(case)
    assert case.ledger.value(dead) == before
    key = tickets[0]["object_key"]
    assert send(tickets[0], case.clients.uploads[0].data).ok
    try:
        again = "SELECT count(*) FROM dead_events WHERE reason LIKE 'uploaded again after%%'"
        eventually(lambda: case.ledger.value(again) >= 1, "its dead event", 40)
    finally:
        case.ledger.s3.delete_object(Bucket=case.ledger.bucket, Key=key)
    eventually(lambda: _durable_events(case) == 0, "every event sent", 40)
    case.ledger.check()
