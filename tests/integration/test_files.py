"""Reading, waiting for, listing, retrying and deleting files."""

import base64
import threading
import time
import uuid
from typing import Any

import pytest
import requests
from ledgers import Ledgers
from sluice_client import ODD_NAME, Sluice, eventually, problem, send

FIELDS = (
    "file_id kind status filename external_id owner_id content_type detected_type size sha256 object_key download_url "
    "content_url duplicate_of width height thumbhash metadata tags variants error attempts created_at uploaded_at "
    "synced_at expires_at"
).split()


def test_metadata_has_every_field(api: Sluice) -> None:
    pending = api.record(api.presign("new.txt")["file_id"])
    done = api.upload(b"metadata" * 9, ODD_NAME, content_type="text/csv")
    for record in (pending, done):
        assert set(FIELDS) <= set(record), set(FIELDS) - set(record)
    assert (done["tags"], done["variants"]) == ([], [])
    assert isinstance(done["metadata"], dict)
    assert done["created_at"].endswith("Z")


def test_download_url_gives_the_bytes_under_the_files_name(api: Sluice) -> None:
    record = api.upload(b"download me", ODD_NAME)
    session = requests.Session()
    session.trust_env = False
    reply = session.get(record["download_url"], timeout=30)
    assert (reply.status_code, reply.content) == (200, b"download me")
    content_url = record["content_url"]
    assert content_url.endswith(f"/files/{record['file_id']}/content")


@pytest.mark.parametrize("file_id", [str(uuid.uuid4()), "0190b5a0-0000-7000-8000-000000000000"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("GET", "/content"), ("DELETE", ""), ("POST", "/retry"), ("HEAD", "/content")]
)
def test_unknown_file(api: Sluice, file_id: str, method: str, path: str) -> None:
    reply = api.request(method, f"/files/{file_id}{path}")
    assert reply.status_code == 404
    if method != "HEAD":
        problem(reply, 404, "NOT_FOUND")


@pytest.mark.parametrize(
    "file_id", ["x", "1", "..", "%00", "a" * 5000, "%2e%2e%2f", "0190b5a0-0000-7000-8000-00000000000g"]
)
def test_ids_that_are_none(api: Sluice, file_id: str) -> None:
    reply = api.get(f"/files/{file_id}")
    assert reply.status_code in (400, 404, 414, 422), reply.text


def test_wait_returns_when_the_file_is_final(api: Sluice) -> None:
    ticket = api.presign()
    replies: list[tuple[float, Any]] = []

    def wait() -> None:
        reply = Sluice(api.api_url).get(f"/files/{ticket['file_id']}?wait=30")
        replies.append((time.monotonic(), reply.json()))

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert send(ticket, b"wait for me").ok
    sent = time.monotonic()
    waiting.join(60)
    finished, record = replies[0]
    assert record["status"] == "SYNCED"
    assert finished - sent < 20  # of the 30 for which it would wait


def test_wait_gives_up_after_its_seconds(api: Sluice) -> None:
    ticket = api.presign()
    started = time.monotonic()
    record = api.get(f"/files/{ticket['file_id']}?wait=1").json()
    assert record["status"] == "PENDING"
    assert 0.9 <= time.monotonic() - started < 15


@pytest.mark.parametrize("value", ["61", "-1", "x", "1e3", "", "99999999999999999999"])
def test_wait_bad_values(api: Sluice, value: str) -> None:
    problem(api.get(f"/files/{api.presign()['file_id']}?wait={value}"), 422)


def test_include_content(api: Sluice) -> None:
    text, binary = "Grüße 😀\n".encode(), bytes(range(256))
    record = api.upload(text, "text.txt")
    reply = api.get(f"/files/{record['file_id']}?include=content").json()
    assert reply["content"] == text.decode()
    assert "content_base64" not in reply
    record = api.upload(binary, "binary.bin")
    reply = api.get(f"/files/{record['file_id']}?include=content").json()
    assert base64.b64decode(reply["content_base64"]) == binary
    assert "content" not in reply


def test_include_content_of_what_the_cache_does_not_take(api: Sluice) -> None:
    record = api.upload(b"x" * (8 * 1024 * 1024 + 1), "large.bin")
    problem(api.get(f"/files/{record['file_id']}?include=content"), 413)


def test_include_of_something_else(api: Sluice) -> None:
    problem(api.get(f"/files/{api.presign()['file_id']}?include=secrets"), 422)


def test_list_is_newest_first_and_pages_by_cursor(api: Sluice) -> None:
    group = str(uuid.uuid4())
    made = [api.presign(f"{number}.txt", external_id=group)["file_id"] for number in range(7)]
    seen: list[str] = []
    parameters = {"external_id": group, "limit": "3"}
    pages = 0
    while pages < 5:
        page = api.get("/files", params=parameters).json()
        pages += 1
        seen += [record["file_id"] for record in page["files"]]
        if not page["next_cursor"]:
            break
        parameters["cursor"] = page["next_cursor"]
    assert (seen, pages) == (made[::-1], 3)


def test_list_filters(api: Sluice) -> None:
    group = str(uuid.uuid4())
    pending = api.presign("p.txt", external_id=group)["file_id"]
    done = api.upload(b"listed", "d.txt", external_id=group)["file_id"]

    def ids(**parameters: str) -> list[str]:
        reply = api.get("/files", params={"external_id": group, **parameters})
        return [record["file_id"] for record in reply.json()["files"]]

    assert ids() == [done, pending]
    assert ids(status="PENDING") == [pending]
    assert ids(status="SYNCED") == [done]
    assert ids(kind="file") == [done, pending]
    assert ids(kind="media") == []


@pytest.mark.parametrize(
    "query",
    ["status=NONE", "kind=x", "limit=0", "limit=-1", "limit=x", "limit=100000", "cursor=%00", "cursor=nonsense"],
)
def test_list_bad_values(api: Sluice, query: str) -> None:
    reply = api.get(f"/files?{query}")
    assert reply.status_code in (400, 422), reply.text
    problem(reply, reply.status_code)


def test_retry_of_a_pending_file_gives_a_new_signed_url(api: Sluice) -> None:
    ticket = api.presign("again.txt", method="put")
    reply = api.post(f"/files/{ticket['file_id']}/retry")
    assert reply.status_code in (200, 201), reply.text
    fresh = reply.json()
    assert fresh["file_id"] == ticket["file_id"]
    assert fresh["status"] == "PENDING"
    assert send(fresh, b"second chance").ok
    api.synced(ticket["file_id"])


def test_retry_of_a_file_in_parts_signs_it_as_a_whole(api: Sluice) -> None:
    reply = api.post("/s3/multipart", {"filename": "whole.bin", "type": "application/octet-stream"})
    assert reply.status_code == 200, reply.text
    file_id = reply.json()["key"].split("/")[1]
    fresh = api.post(f"/files/{file_id}/retry").json()
    assert (fresh["file_id"], fresh["method"]) == (file_id, "PUT")
    assert send(fresh, b"not in parts after all").ok
    assert api.synced(file_id)["size"] == 22


def test_retry_of_a_failed_file_processes_it_again(api: Sluice, ledgers: Ledgers) -> None:
    ticket = api.presign("empty.txt", method="put")
    assert send(ticket, b"").ok
    api.failed(ticket["file_id"], "EMPTY_OBJECT")
    reply = api.post(f"/files/{ticket['file_id']}/retry")
    assert reply.status_code in (200, 202), reply.text
    assert reply.json()["status"] in ("UPLOADED", "SYNCING", "FAILED")
    api.failed(ticket["file_id"], "EMPTY_OBJECT")
    tried = "SELECT count(*) FROM outbox WHERE file_id = %s AND topic = 'file.failed'"
    eventually(lambda: ledgers.value(tried, ticket["file_id"]) == 2, "the second attempt")


def test_retry_of_a_synced_file_is_a_conflict(api: Sluice) -> None:
    problem(api.post(f"/files/{api.upload(b'done')['file_id']}/retry"), 409)


def test_delete_removes_everything(api: Sluice, ledgers: Ledgers) -> None:
    record = api.upload(b"delete me", ODD_NAME)
    file_id = record["file_id"]
    reply = api.request("DELETE", f"/files/{file_id}")
    assert reply.status_code in (200, 204), reply.text
    problem(api.get(f"/files/{file_id}"), 404)
    problem(api.get(f"/files/{file_id}/content"), 404)
    problem(api.request("DELETE", f"/files/{file_id}"), 404)
    eventually(lambda: record["object_key"] not in ledgers.keys(record["object_key"]), "object removed")
    assert ledgers.cache.get(f"file_content:{file_id}") is None
    topics = ledgers.rows("SELECT topic FROM outbox WHERE file_id = %s ORDER BY id", file_id)
    assert topics[-1] == ("file.deleted",)
    assert topics.count(("file.deleted",)) == 1


def test_delete_of_a_pending_file(api: Sluice, ledgers: Ledgers) -> None:
    ticket = api.presign()
    assert api.request("DELETE", f"/files/{ticket['file_id']}").status_code in (200, 204)
    problem(api.get(f"/files/{ticket['file_id']}"), 404)


def test_delete_of_the_original_keeps_its_duplicates(api: Sluice) -> None:
    data = uuid.uuid4().bytes * 4
    first, second = api.upload(data), api.upload(data)
    assert second["duplicate_of"] == first["file_id"]
    api.request("DELETE", f"/files/{first['file_id']}")
    record = api.record(second["file_id"])
    assert (record["status"], record["duplicate_of"]) == ("SYNCED", None)
    assert api.get(f"/files/{second['file_id']}/content").content == data
