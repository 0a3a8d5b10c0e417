"""Keys, scopes and owners. Another owner's file does not exist."""

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from ledgers import Ledgers, make_key
from sluice_client import Sluice, eventually, problem, sha256

from devstack.stack import Stack

Callers = Callable[..., Sluice]

ROUTES = [
    ("POST", "/files/presigned-upload", {"filename": "a.txt"}),
    ("POST", "/files/confirm-uploads", {"file_id": str(uuid.uuid4()), "file_size": 1}),
    ("POST", "/files/check", {"sha256": [sha256(b"")]}),
    ("GET", "/files", None),
    ("GET", f"/files/{uuid.uuid4()}", None),
    ("GET", f"/files/{uuid.uuid4()}/content", None),
    ("POST", f"/files/{uuid.uuid4()}/retry", None),
    ("DELETE", f"/files/{uuid.uuid4()}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
@pytest.mark.parametrize(
    "credentials",
    [
        None,
        "Bearer ",
        "Bearer wrong",
        "Basic dXNlcjpwYXNz",
        "Bearer " + "x" * 5000,
        "bearer",
        "Bearer \u00e9",
        "Bearer a b",
    ],
)
def test_no_route_without_a_key(
    locked_stack: Stack, method: str, path: str, body: Any, credentials: str | None
) -> None:
    headers = {"Authorization": credentials.encode("latin-1")} if credentials else {}
    reply = Sluice(locked_stack.api.url).request(method, path, json=body, headers=headers)
    assert "WWW-Authenticate" in reply.headers
    problem(reply, 401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "token", ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.AAAA"]
)
def test_forged_tokens(locked_stack: Stack, token: str) -> None:
    problem(Sluice(locked_stack.api.url, token).get("/files"), 401)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_key(locked_stack: Stack, path: str) -> None:
    assert Sluice(locked_stack.api.url).get(path).status_code == 200


def test_upload_with_a_key_belongs_to_its_owner(caller: Callers) -> None:
    record = caller("alice").upload(b"of alice")
    assert record["owner_id"] == "alice"


def test_scopes(caller: Callers) -> None:
    reader, uploader = caller("scoped", "read"), caller("scoped", "upload")
    problem(reader.post("/files/presigned-upload", {"filename": "a.txt"}), 403, "FORBIDDEN")
    ticket = uploader.presign()
    assert reader.record(ticket["file_id"])["status"] == "PENDING"
    problem(reader.request("DELETE", f"/files/{ticket['file_id']}"), 403, "FORBIDDEN")
    problem(uploader.get("/files"), 403, "FORBIDDEN")


def test_another_owners_file_does_not_exist(caller: Callers) -> None:
    alice, mallory = caller("alice"), caller("mallory")
    data = uuid.uuid4().bytes * 3
    group = str(uuid.uuid4())
    record = alice.upload(data, external_id=group)
    file_id = record["file_id"]

    problem(mallory.get(f"/files/{file_id}"), 404, "NOT_FOUND")
    problem(mallory.get(f"/files/{file_id}?wait=1"), 404, "NOT_FOUND")
    problem(mallory.get(f"/files/{file_id}/content"), 404, "NOT_FOUND")
    problem(mallory.post(f"/files/{file_id}/retry"), 404, "NOT_FOUND")
    problem(mallory.request("DELETE", f"/files/{file_id}"), 404, "NOT_FOUND")
    assert mallory.get("/files", params={"external_id": group}).json()["files"] == []
    assert mallory.post("/files/check", {"sha256": [sha256(data)]}).json()["results"][0]["action"] == "accept"
    assert alice.record(file_id)["status"] == "SYNCED"


def test_another_owners_pending_file_cannot_be_confirmed(caller: Callers) -> None:
    alice, mallory = caller("alice"), caller("mallory")
    ticket = alice.presign()
    reply = mallory.post("/files/confirm-uploads", {"file_id": ticket["file_id"], "file_size": 1})
    unknown = mallory.post("/files/confirm-uploads", {"file_id": str(uuid.uuid4()), "file_size": 1})
    assert reply.status_code == unknown.status_code
    if reply.status_code == 200:
        assert reply.json()["results"][0]["code"] == unknown.json()["results"][0]["code"] == "NOT_FOUND"


def test_same_content_of_two_owners_is_no_duplicate(caller: Callers) -> None:
    data = uuid.uuid4().bytes * 3
    caller("alice").upload(data)
    assert caller("mallory").upload(data)["duplicate_of"] is None
    reply = caller("trent").post("/files/presigned-upload", {"filename": "b", "sha256": sha256(data)})
    assert reply.status_code == 201


def test_idempotency_keys_are_per_owner(caller: Callers) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    one = caller("alice").presign("same.txt", headers=headers)
    two = caller("mallory").presign("same.txt", headers=headers)
    assert one["file_id"] != two["file_id"]


def test_cursor_of_another_owner_shows_only_ones_own(caller: Callers) -> None:
    alice, mallory = caller(f"alice-{uuid.uuid4()}"), caller(f"mallory-{uuid.uuid4()}")
    for _ in range(3):
        alice.presign("of alice.txt")
    mallory.presign("of mallory.txt")
    cursor = alice.get("/files?limit=1").json()["next_cursor"]
    reply = mallory.get("/files", params={"cursor": cursor, "limit": "50"})
    if reply.status_code == 200:
        assert {record["filename"] for record in reply.json()["files"]} <= {"of mallory.txt"}
    else:
        problem(reply, reply.status_code)


def test_key_is_stored_as_its_hash_only(locked_stack: Stack, locked_ledgers: Ledgers) -> None:
    key = make_key(locked_stack, "hashed", "read")
    digest = hashlib.sha256(key.encode()).digest()
    assert locked_ledgers.value("SELECT count(*) FROM api_keys WHERE key_hash = %s", digest) == 1
    for log in locked_stack.log_dir.glob("*.log"):
        assert key not in log.read_text(errors="replace"), log


def test_list_and_revoke(locked_stack: Stack, locked_ledgers: Ledgers) -> None:
    key = make_key(locked_stack, "leaver", "read")
    api = Sluice(locked_stack.api.url, key)
    assert api.get("/files").status_code == 200
    listed = locked_stack.cli.run("key", "list").stdout
    assert "leaver" in listed
    assert key not in listed
    key_id = locked_ledgers.value("SELECT id::text FROM api_keys WHERE owner_id = 'leaver'")
    assert key_id in listed
    locked_stack.cli.run("key", "revoke", key_id)
    # A running API may remember a key for a moment, not for long.
    eventually(lambda: api.get("/files").status_code == 401, "key refused")


@pytest.mark.parametrize(
    "arguments",
    [["create"], ["create", "--owner", "x", "--scopes", "root"], ["create", "--owner", ""], ["revoke"], ["nonsense"]],
)
def test_key_command_says_what_is_wrong(locked_stack: Stack, arguments: list[str]) -> None:
    done = locked_stack.cli.run("key", *arguments, check=False)
    assert done.returncode == 2, done
    assert done.stderr.strip()


def test_revoking_an_unknown_key_fails(locked_stack: Stack) -> None:
    done = locked_stack.cli.run("key", "revoke", str(uuid.uuid4()), check=False)
    assert done.returncode == 1
    assert done.stderr.strip()
