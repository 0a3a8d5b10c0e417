"""Notifications of the store: by the Redis list and by POST /events/s3, in every shape, and what is not understood."""

import base64
import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from ledgers import UNREPORTED as DATA
from ledgers import Ledgers
from sluice_client import Sluice, Ticket, eventually, problem, send

from devstack.stack import Stack


@pytest.fixture
def post_event(api: Sluice, ledgers: Ledgers) -> Any:
    """POST /events/s3 with the stack's key."""

    def post(body: object, key: str | None = None, raw: bytes | None = None) -> Any:
        headers = {"Authorization": f"Bearer {key or ledgers.events_key}", "Content-Type": "application/json"}
        data = raw if raw is not None else json.dumps(body).encode()
        return api.request("POST", "/events/s3", data=data, headers=headers)

    return post


def _record(ledgers: Any, key: str, name: str = "ObjectCreated:Put", **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventName": name,
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": ledgers.bucket},
            "object": {"key": key, "size": len(DATA), "eTag": "d41d8cd98f00b204e9800998ecf8427e"} | more,
        },
    }


def test_shapes(api: Sluice, ledgers: Ledgers, unreported: Ticket, post_event: Any, subtests: pytest.Subtests) -> None:
    """Each shape on a fresh file would be slow; each is accepted, and one of them moves the file."""
    key = unreported["object_key"]
    record = _record(ledgers, quote(key, safe=""))
    shapes = {
        "AWS": {"Records": [record]},
        "quoted eTag": {"Records": [_record(ledgers, quote(key, safe=""), eTag='"abc"')]},
        "MinIO webhook": {"EventName": "s3:ObjectCreated:Put", "Key": f"{ledgers.bucket}/{key}", "Records": [record]},
        "MinIO access": [
            {"Event": [record | {"eventName": "s3:ObjectCreated:Put"}], "EventTime": "2026-01-01T00:00:00Z"}
        ],
        "test event": {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": ledgers.bucket},
        "EventBridge": {
            "version": "0",
            "detail-type": "Object Created",
            "source": "aws.s3",
            "time": "2026-01-01T00:00:00Z",
            "detail": {"bucket": {"name": ledgers.bucket}, "object": {"key": key, "size": len(DATA), "etag": "abc"}},
        },
    }
    known = ledgers.newest_dead_event()
    for name, shape in shapes.items():
        with subtests.test(name):
            assert post_event(shape).status_code == 202
    api.synced(unreported["file_id"])
    eventually(ledgers.events_are_taken, "events taken")
    for part in (unreported["file_id"], "s3:TestEvent"):
        assert ledgers.dead_events(part.encode(), since=known) == []


@pytest.mark.parametrize("form", ["AWS", "raw key", "EventBridge", "MinIO access", "no size"])
def test_one_event_moves_the_file(
    api: Sluice, ledgers: Ledgers, unreported: Ticket, post_event: Any, form: str
) -> None:
    key = unreported["object_key"]
    encoded = _record(ledgers, quote(key, safe=""))
    sizeless = _record(ledgers, quote(key, safe=""))
    del sizeless["s3"]["object"]["size"]
    body: dict[str, Any] = {
        "AWS": {"Records": [encoded]},
        "raw key": {"Records": [_record(ledgers, key)]},
        "no size": {"Records": [sizeless]},
        "MinIO access": [{"Event": [encoded | {"eventName": "s3:ObjectCreated:Put"}]}],
        "EventBridge": {
            "detail-type": "Object Created",
            "source": "aws.s3",
            "detail": {"bucket": {"name": ledgers.bucket}, "object": {"key": key, "size": len(DATA), "etag": "abc"}},
        },
    }
    assert post_event(body[form]).status_code == 202
    assert api.synced(unreported["file_id"])["size"] == len(DATA)


def test_the_same_event_a_hundred_times_has_one_effect(
    api: Sluice, ledgers: Ledgers, unreported: Ticket, post_event: Any
) -> None:
    record = _record(ledgers, quote(unreported["object_key"], safe=""))
    assert post_event({"Records": [record] * 100}).status_code == 202
    for _ in range(10):
        assert post_event({"Records": [record]}).status_code == 202
    api.synced(unreported["file_id"])
    eventually(ledgers.events_are_taken, "events taken")
    file_id = unreported["file_id"]
    assert ledgers.value("SELECT count(*) FROM processing_queue WHERE file_id = %s", file_id) == 1
    topics = ledgers.rows("SELECT topic FROM outbox WHERE file_id = %s ORDER BY id", file_id)
    assert topics == [("file.uploaded",), ("file.synced",)]


def test_removed_object_removes_the_record(api: Sluice, ledgers: Ledgers) -> None:
    record = api.upload(b"removed from the bucket by someone else")
    ledgers.s3.delete_object(Bucket=ledgers.bucket, Key=record["object_key"])
    eventually(lambda: api.get(f"/files/{record['file_id']}").status_code == 404, "record gone")
    eventually(lambda: ledgers.cache.get(f"file_content:{record['file_id']}") is None, "the cache forgets it, too")
    topics = ledgers.rows("SELECT topic FROM outbox WHERE file_id = %s ORDER BY id", record["file_id"])
    assert topics[-1] == ("file.deleted",)


def test_removal_event_of_an_object_that_is_still_there_changes_nothing(
    api: Sluice, ledgers: Ledgers, post_event: Any
) -> None:
    record = api.upload(b"still here")
    event = _record(ledgers, quote(record["object_key"], safe=""), "ObjectRemoved:Delete", sequencer="FFFFFFFFFFFFFFFF")
    assert post_event({"Records": [event]}).status_code == 202
    eventually(ledgers.events_are_taken, "events taken")
    other = api.upload(b"processed after it")
    assert other["status"] == "SYNCED"
    assert api.record(record["file_id"])["status"] == "SYNCED"


def test_a_connection_is_kept_only_for_a_sender_that_will_use_it_again(api: Sluice, ledgers: Ledgers) -> None:
    """A webhook of versitygw, told by its Basic credentials, opens one for each event; each idle one holds a thread."""
    body = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": ledgers.bucket}
    basic = base64.b64encode(f"events:{ledgers.events_key}".encode()).decode()
    for credentials, connection in ((f"Basic {basic}", "close"), (f"Bearer {ledgers.events_key}", "keep-alive")):
        reply = api.post("/events/s3", body, headers={"Authorization": credentials})
        assert (reply.status_code, reply.headers.get("Connection", "keep-alive")) == (202, connection)


def test_without_the_key(api: Sluice, ledgers: Ledgers, post_event: Any) -> None:
    body = {"Records": [_record(ledgers, "files/x")]}
    problem(post_event(body, key="wrong"), 401)
    problem(api.post("/events/s3", body), 401)


@pytest.mark.parametrize(
    "raw",
    [
        b"not json at all", b"{}", b"[]", b'{"Records":[]}', b'{"Records":"x"}', b'{"Records":[{}]}', b"17",
        b'{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"uploads"}}}]}',
        b'{"Records":[{"eventName":"s3:Nonsense","s3":{"bucket":{"name":"uploads"},"object":{"key":"files/x"}}}]}',
        b'{"eventName":"x"}', b'{"detail-type":"Whatever","detail":{}}',
    ],
)  # fmt: skip
def test_what_is_no_event_is_kept_with_its_reason(ledgers: Ledgers, post_event: Any, raw: bytes) -> None:
    """Refused at the door, or accepted and found in dead_events: never dropped in silence."""
    known = ledgers.newest_dead_event()
    reply = post_event(None, raw=raw)
    if reply.status_code != 202:
        assert reply.status_code in (400, 422), reply.text
        problem(reply, reply.status_code)
        return
    query = "SELECT reason FROM dead_events WHERE id > %s AND raw = %s"
    rows = eventually(lambda: ledgers.rows(query, known, raw), "dead event")
    assert rows[0][0].strip()


@pytest.mark.parametrize(
    "raw",
    [
        b"not json at all", b"\xff\xfe\x00", b"{}", b"[]", b'{"Records":[]}', b'{"Records":[{}]}',
        b"x" * 1_000_000,
        b"[" * 50_000, b'{"Records":[{"eventName":"ObjectCreated:Put"}]}',
    ],
)  # fmt: skip
def test_rubbish_on_the_list_is_kept_with_its_reason(ledgers: Ledgers, api: Sluice, raw: bytes) -> None:
    """Not the empty element: that one is a wake-up."""
    known = ledgers.newest_dead_event()
    ledgers.queue.lpush("sluice:events", raw)
    query = "SELECT reason FROM dead_events WHERE id > %s AND substring(raw FOR 100) = %s"
    reasons = eventually(lambda: ledgers.rows(query, known, raw[:100]), "dead event")
    assert len(reasons) == 1
    assert reasons[0][0].strip()
    assert api.upload(uuid.uuid4().bytes)["status"] == "SYNCED"


@pytest.mark.parametrize(
    ("bucket", "key"),
    [
        ("elsewhere", "files/x"),
        (None, "files/%zz"),
        (None, f"files/{uuid.uuid4()}/nobody"),
        (None, ""),
        (None, "..%2f.."),
    ],
)
def test_events_that_fit_no_record_are_kept(ledgers: Ledgers, post_event: Any, bucket: str | None, key: str) -> None:
    mark = uuid.uuid4().hex
    record = _record(ledgers, key, eTag=mark)
    if bucket:
        record["s3"]["bucket"]["name"] = bucket
    assert post_event({"Records": [record]}).status_code == 202
    assert eventually(lambda: ledgers.dead_events(mark.encode()), "dead event")[0].strip()


def test_a_megabyte_of_event(api: Sluice, post_event: Any) -> None:
    reply = post_event(None, raw=b'{"Records":"' + b"x" * 1_100_000 + b'"}')
    assert reply.status_code in (202, 400, 413, 422), reply.text
    assert api.get("/healthz").status_code == 200


def test_event_that_is_late_finds_a_file_already_confirmed(
    api: Sluice, ledgers: Ledgers, unreported: Ticket, post_event: Any
) -> None:
    api.confirm(unreported["file_id"], len(DATA))
    done = api.synced(unreported["file_id"])
    event = _record(ledgers, quote(unreported["object_key"], safe=""))
    assert post_event({"Records": [event]}).status_code == 202
    eventually(ledgers.events_are_taken, "events taken")
    assert api.record(unreported["file_id"])["synced_at"] == done["synced_at"]


@pytest.mark.usefixtures("subscribed")
def test_subscription_covers_the_prefixes_with_named_events(ledgers: Ledgers) -> None:
    queues = ledgers.subscriptions()
    assert {queue["QueueArn"] for queue in queues} == {
        "arn:minio:sqs::DIRECT:redis",
        "arn:minio:sqs::DURABLE:redis",
    } or len({queue["QueueArn"] for queue in queues}) == 2
    for queue in queues:
        assert "s3:ObjectCreated:*" not in queue["Events"], "it would include tagging and retention"
        assert queue["Filter"]["Key"]["FilterRules"][0]["Name"].lower() == "prefix"


def test_tagging_an_object_is_no_event(api: Sluice, ledgers: Ledgers) -> None:
    record = api.upload(b"tag me")
    ledgers.s3.put_object_tagging(
        Bucket=ledgers.bucket, Key=record["object_key"], Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
    )
    api.upload(b"after the tagging")
    assert api.record(record["file_id"])["synced_at"] == record["synced_at"]


def test_event_of_a_form_upload_without_a_key(stack: Stack, api: Sluice, ledgers: Ledgers) -> None:
    """It is kept, not dropped, and the sweeper finds the file that it should have named."""
    if stack.store.reports_forms:
        pytest.skip(f"{stack.store.binary.title} names the key in the events of form uploads")
    known, reason = ledgers.newest_dead_event(), "the event names no key"
    ticket = api.presign("form.txt")
    assert send(ticket, DATA).ok
    query = "SELECT id FROM dead_events WHERE id > %s AND reason = %s"
    eventually(lambda: ledgers.rows(query, known, reason), "dead event")
    assert api.synced(ticket["file_id"])["size"] == len(DATA)


def test_upload_by_a_plain_s3_client_of_the_signed_form(api: Sluice) -> None:
    ticket = api.presign("form.txt")
    assert send(ticket, DATA).status_code in (201, 204)
    api.synced(ticket["file_id"])
