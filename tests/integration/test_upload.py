"""The main job: a browser-like client uploads straight to the store, and the file becomes a SYNCED record."""

import base64
import uuid

import pytest
from ledgers import Ledgers
from sluice_client import ODD_NAME, Sluice, eventually, send, sha256

from devstack.stack import Stack

CONTENT = "Größe;1+2;😀\r\n".encode() * 50


@pytest.mark.parametrize("method", ["post", "put"])
@pytest.mark.parametrize("confirm", [True, False], ids=["confirmed", "event only"])
@pytest.mark.parametrize("filename", [ODD_NAME, "plain.csv", "a'b\"c&d=e;f%20g#h?.csv", "..csv", "日本語.csv"])
def test_upload_ends_synced_once(
    stack: Stack, api: Sluice, ledgers: Ledgers, method: str, confirm: bool, filename: str
) -> None:
    """By an event alone, too, on a store whose event names what was uploaded; where it does not, by the sweeper."""
    ticket = api.presign(filename, external_id="order 7", content_type="text/csv", size=len(CONTENT), method=method)
    if method == "put" or stack.store.reports_forms:
        ledgers.leave_to_events(ticket["file_id"])
    sent = send(ticket, CONTENT)
    assert sent.status_code in (200, 201, 204), sent.text
    if confirm:
        assert api.confirm(ticket["file_id"], len(CONTENT))["confirmed"] == 1
    record = api.synced(ticket["file_id"])

    assert record["filename"] == filename
    assert record["external_id"] == "order 7"
    assert record["content_type"] == "text/csv"
    assert record["size"] == len(CONTENT)
    assert record["sha256"] == sha256(CONTENT)
    assert record["object_key"] == ticket["object_key"]
    assert record["owner_id"] == "dev"
    assert record["kind"] == "file"
    assert not record["error"]
    assert record["created_at"] <= record["uploaded_at"] <= record["synced_at"]
    assert ledgers.s3.get_object(Bucket=ledgers.bucket, Key=ticket["object_key"])["Body"].read() == CONTENT

    # One effect, however many roads led there: both events and the confirm.
    file_id = ticket["file_id"]
    eventually(ledgers.events_are_taken, "events taken")
    jobs = ledgers.rows("SELECT status FROM processing_queue WHERE file_id = %s", file_id)
    topics = ledgers.rows("SELECT topic FROM outbox WHERE file_id = %s ORDER BY id", file_id)
    assert jobs == [("completed",)]
    assert topics == [("file.uploaded",), ("file.synced",)]


@pytest.mark.parametrize("method", ["post", "put"])
def test_content_is_cached_for_a_day(api: Sluice, ledgers: Ledgers, method: str) -> None:
    record = api.upload(CONTENT, ODD_NAME, content_type="text/csv", method=method)
    key = f"file_content:{record['file_id']}"
    assert ledgers.cache.get(key) == CONTENT
    assert 86400 - 60 < ledgers.cache.ttl(key) <= 86400

    cached = api.get(f"/files/{record['file_id']}/content")
    assert (cached.content, cached.headers["X-Cache"]) == (CONTENT, "HIT")
    ledgers.cache.delete(key)
    missed = api.get(f"/files/{record['file_id']}/content")
    assert (missed.content, missed.headers["X-Cache"]) == (CONTENT, "MISS")
    again = api.get(f"/files/{record['file_id']}/content")
    assert (again.content, again.headers["X-Cache"]) == (CONTENT, "HIT")
    assert 86400 - 60 < ledgers.cache.ttl(key) <= 86400


def test_declared_hash_is_verified(api: Sluice) -> None:
    data = uuid.uuid4().bytes * 10
    for method in ("post", "put"):
        record = api.upload(method.encode() + data, method=method, sha256=sha256(method.encode() + data))
        assert record["sha256"] == sha256(method.encode() + data)


def test_known_hash_is_a_duplicate_and_uploads_nothing(api: Sluice, ledgers: Ledgers) -> None:
    data = uuid.uuid4().bytes * 10
    first = api.upload(data, "first.bin")
    reply = api.post("/files/presigned-upload", {"filename": "second.bin", "sha256": sha256(data)})
    assert reply.status_code == 200, reply.text
    answer = reply.json()
    assert answer["duplicate"] is True
    assert answer["file_id"] == first["file_id"]
    assert answer["status"] == "SYNCED"
    assert not answer.get("upload_url")
    assert ledgers.value("SELECT count(*) FROM files WHERE filename = 'second.bin'") == 0


def test_same_content_uploaded_again_points_at_the_first(api: Sluice) -> None:
    """Without a declared hash the duplicate is only found while processing; both objects stay."""
    data = uuid.uuid4().bytes * 10
    first, second = api.upload(data, "one.bin"), api.upload(data, "two.bin")
    assert first["duplicate_of"] is None
    assert second["duplicate_of"] == first["file_id"]
    assert api.get(f"/files/{second['file_id']}/content").content == data


def test_empty_object_fails_with_its_own_code(api: Sluice) -> None:
    ticket = api.presign("empty.txt", method="put")
    assert send(ticket, b"").ok
    api.failed(ticket["file_id"], "EMPTY_OBJECT")


def test_empty_form_upload_is_refused_or_fails(api: Sluice) -> None:
    """A policy can ask for at least one byte, so the store may be the one to say no."""
    ticket = api.presign("empty.txt")
    if send(ticket, b"").ok:
        api.failed(ticket["file_id"], "EMPTY_OBJECT")
    else:
        assert api.record(ticket["file_id"])["status"] == "PENDING"


def test_content_of_another_type_than_declared_fails(api: Sluice) -> None:
    ticket = api.presign("cat.png", content_type="image/png", method="put")
    assert send(ticket, b"just text, no picture\n" * 20).ok
    api.failed(ticket["file_id"], "TYPE_MISMATCH")


def test_detected_type_comes_from_the_bytes(api: Sluice) -> None:
    pixel = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    assert api.upload(pixel, "pixel.dat")["detected_type"] == "image/png"


def test_larger_than_one_read_buffer(api: Sluice) -> None:
    data = uuid.uuid4().bytes * (12 * 1024 * 1024 // 16)
    record = api.upload(data, "big.bin", method="put", size=len(data))
    assert record["sha256"] == sha256(data)
    reply = api.get(f"/files/{record['file_id']}/content")
    assert reply.headers["X-Cache"] == "BYPASS"
    assert sha256(reply.content) == sha256(data)
