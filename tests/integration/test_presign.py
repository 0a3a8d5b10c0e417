"""POST /files/presigned-upload: its answer, its idempotency, and what it refuses."""

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from ledgers import Ledgers
from sluice_client import ODD_NAME, Sluice, problem, send, sha256

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PATH = "/files/presigned-upload"


def test_answer_for_post(api: Sluice) -> None:
    ticket = api.presign(ODD_NAME, external_id="7", content_type="text/csv")
    assert UUID7.fullmatch(ticket["file_id"])
    assert (ticket["status"], ticket["method"]) == ("PENDING", "POST")
    assert {"key", "policy"} <= {name.lower() for name in ticket["form_fields"]}
    assert ticket["object_key"] in (ticket["form_fields"].get("key"), ticket["form_fields"].get("Key"))
    assert ticket["headers"] == {}
    left = datetime.fromisoformat(ticket["expires_at"]) - datetime.now(UTC)
    assert 800 < left.total_seconds() <= 900


def test_answer_for_put(api: Sluice) -> None:
    ticket = api.presign(ODD_NAME, content_type="text/csv", size=5, sha256=sha256(uuid.uuid4().bytes), method="put")
    assert (ticket["method"], ticket["form_fields"]) == ("PUT", {})
    names = {name.lower() for name in ticket["headers"]}
    assert {"content-type", "if-none-match", "x-amz-checksum-sha256"} <= names
    assert "X-Amz-Signature=" in ticket["upload_url"]


def test_record_is_there_before_the_upload(api: Sluice, ledgers: Ledgers) -> None:
    ticket = api.presign(ODD_NAME, external_id="order 9")
    record = api.record(ticket["file_id"])
    assert (record["status"], record["filename"], record["external_id"]) == ("PENDING", ODD_NAME, "order 9")
    assert record["sha256"] is None
    assert ledgers.keys(ticket["object_key"]) == set()


@pytest.mark.parametrize("filename", ["../../etc/passwd", "a/../../b", "%2e%2e%2fx", "..", "C:\\x\\y", "/abs", "a//b"])
def test_names_never_shape_the_key(api: Sluice, filename: str) -> None:
    """The key is the server's; a name that looks like a path stays inside its own folder, or is refused."""
    reply = api.post(PATH, {"filename": filename})
    if reply.status_code == 201:
        key = reply.json()["object_key"]
        assert key.startswith("files/")
        assert not {"..", ".", ""} & set(key.split("/"))
        assert "%2e" not in key.lower()
        assert reply.json()["file_id"] in key
    else:
        problem(reply, 422, "VALIDATION_FAILED")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("filename", None), ("filename", ""), ("filename", 5), ("filename", []), ("filename", "x" * 10_000),
        ("filename", "a\r\nSet-Cookie: x"), ("filename", "a\u0000b"), ("filename", "a\u202egpj.exe"),
        ("filename", "a\u0001b"),
        ("external_id", 5), ("external_id", "x" * 10_000), ("external_id", "a\u0000"),
        ("content_type", "nonsense"), ("content_type", "text/html\r\nX: y"), ("content_type", 1),
        ("content_type", "a/" + "b" * 5000),
        ("size", -1), ("size", 1.5), ("size", "5"), ("size", 2**64), ("size", 2**63), ("size", True),
        ("sha256", "abc"), ("sha256", "z" * 64), ("sha256", 7), ("sha256", "a" * 63), ("sha256", "a" * 65),
        ("method", "PATCH"), ("method", 1), ("method", "delete"),
    ],
)  # fmt: skip
def test_bad_values_name_their_field(api: Sluice, field: str, value: Any) -> None:
    body = {"filename": "a.txt"} | {field: value}
    reply = api.post(PATH, body)
    assert reply.status_code in (400, 422), (reply.status_code, reply.text)
    answer = problem(reply, reply.status_code)
    if reply.status_code == 422:
        assert field in [error["field"] for error in answer["errors"]], answer


def test_missing_filename(api: Sluice) -> None:
    answer = problem(api.post(PATH, {}), 422, "VALIDATION_FAILED")
    assert [error["field"] for error in answer["errors"]] == ["filename"]


def test_every_mistake_is_reported_at_once(api: Sluice) -> None:
    answer = problem(api.post(PATH, {"size": -1, "sha256": "x", "method": "no"}), 422)
    assert {error["field"] for error in answer["errors"]} == {"filename", "size", "sha256", "method"}


def test_size_beyond_the_limit(api: Sluice) -> None:
    problem(api.post(PATH, {"filename": "a", "size": 5 * 1024**3 + 1}), 413, "FILE_TOO_LARGE")
    assert api.post(PATH, {"filename": "a", "size": 5 * 1024**3}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nonsense", b"[]", b"null", b'"text"', b"17", b'{"filename":"a"} x', b"{'filename':'a'}",
        b'{"filename":"a","filename":"b"}',
        b'{"filename":"\xff\xfe"}', b'{"filename":"\xc0\xaf"}', b'{"filename":"\\ud800"}', b'{"filename":"\\u0000"}',
        b'{"filename":"a","size":1e400}', b'{"filename":"a","size":18446744073709551616}',
        b'{"filename":"a","size":NaN}', b'{"filename":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"filename":"a","x":' + b'{"x":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
        b"\xef\xbb\xbf{}", b"\x00",
    ],
)  # fmt: skip
def test_bodies_that_are_no_request(api: Sluice, body: bytes) -> None:
    reply = api.request("POST", PATH, data=body, headers={"Content-Type": "application/json"})
    assert reply.status_code in (400, 413, 422), (reply.status_code, reply.text)
    problem(reply, reply.status_code)
    assert api.get("/healthz").status_code == 200


def test_sql_metacharacters_are_only_text(api: Sluice, ledgers: Ledgers) -> None:
    name = "'; DROP TABLE files; --"
    ticket = api.presign(name, external_id="' OR 1=1 --")
    assert api.record(ticket["file_id"])["filename"] == name
    listed = api.get("/files", params={"external_id": "' OR 1=1 --"}).json()["files"]
    assert ticket["file_id"] in [record["file_id"] for record in listed]
    assert ledgers.value("SELECT count(*) FROM files") > 0


def test_another_content_type_of_the_request(api: Sluice) -> None:
    body = json.dumps({"filename": "a.txt"})
    reply = api.request("POST", PATH, data=body, headers={"Content-Type": "application/xml"})
    problem(reply, 415)


def test_idempotency_key_repeats_the_first_answer(api: Sluice, ledgers: Ledgers) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    name = f"{uuid.uuid4()}.txt"
    first = api.presign(name, headers=headers)
    second = api.presign(name, headers=headers)
    assert second == first
    assert ledgers.value("SELECT count(*) FROM files WHERE filename = %s", name) == 1
    assert send(second, b"works all the same").ok
    api.synced(first["file_id"])


def test_idempotency_key_with_another_request(api: Sluice) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    api.presign("first.txt", headers=headers)
    reply = api.post(PATH, {"filename": "second.txt"}, headers=headers)
    problem(reply, reply.status_code)
    assert reply.status_code in (409, 422)


def test_idempotency_key_that_is_insane(api: Sluice) -> None:
    reply = api.post(PATH, {"filename": "a.txt"}, headers={"Idempotency-Key": "k" * 5000})
    problem(reply, reply.status_code)
    assert reply.status_code in (400, 422)


def test_concurrent_requests_with_one_idempotency_key_make_one_file(api: Sluice, ledgers: Ledgers) -> None:
    name, headers = f"{uuid.uuid4()}.txt", {"Idempotency-Key": str(uuid.uuid4())}

    def once(_: int) -> Any:
        return Sluice(api.api_url).post(PATH, {"filename": name}, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(once, range(8)))
    assert {reply.status_code for reply in replies} <= {201, 409}
    assert len({reply.json()["file_id"] for reply in replies if reply.status_code == 201}) == 1
    assert ledgers.value("SELECT count(*) FROM files WHERE filename = %s", name) == 1


def test_many_at_once_each_get_their_own_file(api: Sluice) -> None:
    """Requests share commits, and none of them the other's record."""

    def one(number: int) -> tuple[str, str]:
        ticket = Sluice(api.api_url).presign(f"file {number}.txt")
        return ticket["file_id"], f"file {number}.txt"

    with ThreadPoolExecutor(16) as pool:
        made = dict(pool.map(one, range(160)))
    assert len(made) == 160
    for file_id, filename in list(made.items())[::10]:
        assert api.record(file_id)["filename"] == filename
