"""Capability tokens: what they open, how far, and that nobody reads them anywhere."""

import hashlib
import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ledgers import ORIGIN, Ledgers, make_key
from signer_client import PART, Signers, form, put
from sluice_client import Sluice, eventually, problem, sha256

from devstack.stack import Stack

Callers = Callable[..., Sluice]


@pytest.fixture
def owner(caller: Callers) -> Sluice:
    """A caller with an owner of its own."""
    return caller(f"owner-{uuid.uuid4()}")


def _mint(api: Sluice, **limits: Any) -> dict[str, Any]:
    reply = api.post("/tokens", limits)
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


def _signers(api: Sluice, **limits: Any) -> Signers:
    return Signers(api.api_url + _mint(api, **limits)["url"])


def test_a_token_uploads_without_a_header(owner: Sluice) -> None:
    minted = _mint(owner, expires_in=600, max_uploads=5, max_bytes=1000, content_types=["Text/*"])
    assert minted["url"] == f"/c/{minted['token']}"
    assert (minted["max_uploads"], minted["max_bytes"], minted["content_types"]) == (5, 1000, ["text/*"])
    assert minted["expires_at"].endswith("Z")
    data = uuid.uuid4().bytes
    signers = Signers(owner.api_url + minted["url"] + "/")  # as careless people write it
    answer = signers.params("a.txt", type="text/plain")
    assert form(answer, data).status_code == 201
    assert owner.synced(answer["file_id"])["sha256"] == sha256(data)
    blob = signers.ok(signers.blob(data, "b.txt"))
    assert put(blob["direct_upload"]["url"], data, blob["direct_upload"]["headers"]).ok
    assert owner.synced(blob["id"])["filename"] == "b.txt"


def test_parts_by_a_token(owner: Sluice) -> None:
    parts, data = _signers(owner).create(), uuid.uuid4().bytes
    etag = parts.upload(1, data)
    assert len(parts.listed()) == 1
    assert parts.complete({1: etag}).status_code == 200
    assert owner.synced(parts.file_id)["sha256"] == sha256(data)
    other = _signers(owner).create()
    assert other.abort().json() == {}
    assert owner.get(f"/files/{other.file_id}").status_code == 404


def test_it_touches_only_what_was_made_with_it(owner: Sluice, caller: Callers) -> None:
    key = str(owner.http.headers["Authorization"]).split()[1]
    by_key = Signers(owner.api_url, key).create()
    by_other_token = _signers(owner).create()
    by_other_owner = _signers(caller("elsewhere")).create()
    token = _signers(owner)
    for parts in (by_key, by_other_token, by_other_owner):
        parts.signers = token
        replies = [token.get(parts.path()), token.get(parts.path("/1")), parts.complete({1: "a"}), parts.abort()]
        replies.append(token.get(parts.path("/batch", partNumbers="1")))
        for method in ("GET", "POST", "DELETE"):
            replies.append(token.post("/s3/sign", {"method": method, "key": parts.key, "uploadId": parts.upload_id}))
        assert {reply.status_code for reply in replies} == {404}


@pytest.mark.parametrize(
    "path", ["/files", "/tokens", "/events", "/api/v1/assets", "/s3", "/c/x/s3/params", "/metrics"]
)
def test_it_opens_nothing_else(owner: Sluice, path: str) -> None:
    url = _mint(owner)["url"]
    assert owner.http.get(owner.api_url + url + path, timeout=30).status_code == 404


def test_unknown_tokens(owner: Sluice) -> None:
    key = str(owner.http.headers["Authorization"]).split()[1]
    good = _mint(owner)["token"]
    for token in ("x", key, "sct_" + "0" * 64, good.upper(), good[:-1], good + "0"):
        reply = Signers(f"{owner.api_url}/c/{token}").get("/s3/params?filename=a")
        assert reply.status_code == 404, token
        assert token not in reply.text or token == "x"


def test_a_key_does_not_help_a_bad_token(owner: Sluice) -> None:
    reply = owner.get("/c/sct_x/s3/params?filename=a")
    assert reply.status_code == 404


def test_it_expires(owner: Sluice) -> None:
    signers = _signers(owner, expires_in=1)

    def code() -> bool:
        reply = signers.get("/s3/params?filename=a")
        return reply.status_code == 403 and reply.json()["code"] == "TOKEN_EXPIRED"

    eventually(code, "the token to expire", 10)


def test_it_is_revoked_at_once(owner: Sluice, caller: Callers) -> None:
    minted = _mint(owner)
    signers = Signers(owner.api_url + minted["url"])
    signers.params()
    path = f"/tokens/{minted['token_id']}"
    problem(caller("mallory").request("DELETE", path), 404, "NOT_FOUND")
    signers.params()
    assert owner.request("DELETE", path).status_code == 204
    assert signers.get("/s3/params?filename=a").status_code == 404
    assert owner.request("DELETE", path).status_code == 204, "again is no error"
    problem(owner.request("DELETE", f"/tokens/{uuid.uuid4()}"), 404, "NOT_FOUND")


def test_uses_are_counted_exactly(owner: Sluice, locked_ledgers: Ledgers) -> None:
    """Whatever the kind, and however many ask at once."""
    minted = _mint(owner, max_uploads=7)
    base = owner.api_url + minted["url"]

    def ask(number: int) -> int:
        signers = Signers(base)
        if number % 3 == 0:
            return signers.get("/s3/params?filename=a").status_code
        if number % 3 == 1:
            return signers.post("/s3/multipart", {"filename": "a"}).status_code
        return signers.blob(b"12345").status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(ask, range(36)))
    assert sorted(statuses) == [200] * 7 + [403] * 29
    reply = Signers(base).post("/s3/sign", {"method": "PUT", "key": "a"})
    assert (reply.status_code, reply.json()["code"]) == (403, "TOKEN_USED_UP")
    token_id = minted["token_id"]
    assert locked_ledgers.value("SELECT uploads FROM upload_tokens WHERE id = %s", token_id) == 7
    assert locked_ledgers.value("SELECT count(*) FROM upload_token_files WHERE token_id = %s", token_id) == 7


def test_what_is_refused_is_not_counted_and_leaves_nothing(owner: Sluice, locked_ledgers: Ledgers) -> None:
    minted = _mint(owner, max_uploads=1, content_types=["image/png"])
    signers = Signers(owner.api_url + minted["url"])
    assert signers.get("/s3/params?filename=a&type=text/html").status_code == 415
    assert signers.get("/s3/params?filename=a").status_code == 415
    assert signers.post("/s3/multipart", {"filename": "a", "type": "text/html"}).status_code == 415
    assert signers.blob(b"12345").status_code == 415
    signers.params("a.png", type="image/png")
    assert signers.get("/s3/params?filename=a&type=image/png").status_code == 403
    files = owner.get("/files").json()["files"]
    assert [record["filename"] for record in files] == ["a.png"]


def test_sizes_are_limited(api: Sluice) -> None:
    """On the open stack, which has no small limit of its own."""
    signers = _signers(api, max_bytes=PART)
    answer = signers.params()
    assert form(answer, b"x" * (PART + 1)).status_code == 400
    assert signers.get(f"/s3/params?filename=a&size={PART + 1}").status_code == 413
    assert signers.blob(b"x" * (PART + 1)).status_code == 413
    assert signers.post("/s3/multipart", {"filename": "a", "size": PART + 1}).status_code == 413
    assert signers.post("/s3/sign", {"method": "POST", "key": "a"}).status_code == 403

    signed = signers.sign(method="PUT", key="a.txt", contentType="text/plain")
    assert form(signed | {"headers": {}}, b"x" * (PART + 1)).status_code == 400
    data = uuid.uuid4().bytes
    assert form(signed | {"headers": {}}, data).status_code == 201
    assert api.synced(signed["file_id"])["sha256"] == sha256(data)

    parts = signers.create()
    etags = {1: parts.upload(1, b"x" * PART), 2: parts.upload(2, b"y")}
    assert parts.complete(etags).status_code == 413
    assert parts.complete({1: etags[1], 2: "0" * 32}).status_code == 409, "a part of another size could still come"
    assert api.record(parts.file_id)["status"] == "PENDING"
    parts.abort()
    exact = signers.create()
    assert exact.complete({1: exact.upload(1, b"z" * PART)}).status_code == 200


@pytest.mark.parametrize(
    "limits",
    [{"expires_in": 0}, {"expires_in": 604801}, {"max_uploads": 0}, {"max_bytes": 0}, {"content_types": []},
     {"content_types": ["*/*"]}, {"content_types": ["a" * 200]}, {"max_uploads": "1"}],
)  # fmt: skip
def test_bad_limits(owner: Sluice, limits: dict[str, Any]) -> None:
    problem(owner.post("/tokens", limits), 422, "VALIDATION_FAILED")


def test_who_may_mint(locked_stack: Stack, caller: Callers) -> None:
    problem(Sluice(locked_stack.api.url).post("/tokens", {}), 401, "UNAUTHORIZED")
    problem(caller("reader", "read").post("/tokens", {}), 403, "FORBIDDEN")


def test_only_its_hash_is_stored(owner: Sluice, locked_ledgers: Ledgers) -> None:
    minted = _mint(owner)
    digest = hashlib.sha256(minted["token"].encode()).digest()
    stored = locked_ledgers.rows("SELECT id::text, t::text FROM upload_tokens t WHERE token_hash = %s", digest)
    assert [row[0] for row in stored] == [minted["token_id"]]
    assert minted["token"] not in stored[0][1]


def test_no_log_shows_it(owner: Sluice, locked_stack: Stack) -> None:
    minted = _mint(owner)
    token = minted["token"]
    signers = Signers(owner.api_url + minted["url"])
    signers.params()
    signers.get("/s3/nothing")
    escaped = "%73" + token[1:]
    signers_of_escaped = Signers(f"{owner.api_url}/%63/{escaped}")
    signers_of_escaped.params()
    for path in (f"/c/{token}/files", f"/c/{token}", f"/files/{token}", f"/c//{token}/s3/params"):
        owner.get(path)
    owner.request("DELETE", f"/tokens/{token}")

    def logs() -> str:
        return "\n".join(path.read_text(errors="replace") for path in locked_stack.log_dir.glob("*.log"))

    eventually(lambda: "/c/…/s3/nothing" in logs(), "the request in the log")
    assert "/c/…/s3/params" in logs()
    for secret in (token, token[4:], escaped):
        assert secret not in logs()


def test_pages_read_the_answers(owner: Sluice) -> None:
    url = _mint(owner)["url"]
    for path in ("/s3/params?filename=a", "/s3/params", "/s3/nothing"):
        reply = owner.http.get(owner.api_url + url + path, headers={"Origin": ORIGIN}, timeout=30)
        assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_commands(locked_stack: Stack, locked_ledgers: Ledgers) -> None:
    owner_id = f"cli-{uuid.uuid4()}"
    arguments = ("--owner", owner_id, "--max-uploads", "2", "--content-types", "image/*,text/plain", "--json")
    minted = json.loads(locked_stack.cli.run("token", "create", *arguments).stdout)
    signers = Signers(locked_stack.api.url + minted["url"])
    signers.params("a.txt", type="text/plain")
    listed = locked_stack.cli.run("token", "list", "--owner", owner_id, "--json").stdout
    row = json.loads(listed)
    assert minted["token"] not in listed
    assert (row["token_id"], row["uploads"], row["max_uploads"]) == (minted["token_id"], 1, 2)
    assert row["content_types"] == "image/*,text/plain"
    assert minted["token_id"] in locked_stack.cli.run("token", "list").stdout
    locked_stack.cli.run("token", "revoke", minted["token_id"])
    assert signers.get("/s3/params?filename=a&type=text/plain").status_code == 404
    text = locked_stack.cli.run("token", "create", "--owner", owner_id).stdout
    assert "sct_" in text
    unknown = locked_stack.cli.run("token", "revoke", str(uuid.uuid4()), check=False)
    assert unknown.returncode == 1
    key = make_key(locked_stack, owner_id, "read")
    assert len(Sluice(locked_stack.api.url, key).get("/files").json()["files"]) == 1
    assert locked_ledgers.value("SELECT count(*) FROM upload_tokens WHERE owner_id = %s", owner_id) == 2
