"""GET /files/{id}/content: bytes, ranges, conditions and safe headers, from the cache and from the store."""

import base64
import uuid
from collections.abc import Callable

import pytest
from ledgers import Ledgers
from sluice_client import ODD_NAME, Sluice, eventually, problem, send, sha256

from devstack.stack import Stack

DATA = bytes(range(256)) * 40


@pytest.fixture(params=["HIT", "MISS"])
def content(request: pytest.FixtureRequest, api: Sluice, ledgers: Ledgers) -> str:
    """The path of one file's content that the next read finds in the cache, or not."""
    record = api.upload(DATA + uuid.uuid4().bytes, "data.bin")
    if request.param == "MISS":
        ledgers.cache.delete(f"file_content:{record['file_id']}")
    return f"/files/{record['file_id']}/content"


def test_range(api: Sluice, content: str) -> None:
    total = len(DATA) + 16
    for header, first, last in (
        ("bytes=0-0", 0, 0), ("bytes=10-99", 10, 99), ("bytes=10200-", 10200, total - 1),
        ("bytes=-5", total - 5, total - 1), ("bytes=10000-99999999", 10000, total - 1),
    ):  # fmt: skip
        reply = api.get(content, headers={"Range": header})
        assert reply.status_code == 206, (header, reply.text)
        assert reply.headers["Content-Range"] == f"bytes {first}-{last}/{total}"
        assert len(reply.content) == last - first + 1
        assert reply.content[: len(DATA) - first] == DATA[first : last + 1]


def test_range_beyond_the_end(api: Sluice, content: str) -> None:
    reply = api.get(content, headers={"Range": "bytes=99999-"})
    assert reply.status_code == 416
    assert reply.headers["Content-Range"] == f"bytes */{len(DATA) + 16}"


@pytest.mark.parametrize("header", ["bytes=5-1", "lines=1-2", "bytes=", "bytes=a-b", "nonsense", "bytes=--1"])
def test_range_that_is_none_is_ignored(api: Sluice, content: str, header: str) -> None:
    reply = api.get(content, headers={"Range": header})
    assert (reply.status_code, len(reply.content)) == (200, len(DATA) + 16)


def test_whole_content_has_its_hash_as_etag(api: Sluice, content: str) -> None:
    reply = api.get(content)
    assert reply.status_code == 200
    assert reply.headers["ETag"] == f'"{sha256(reply.content)}"'
    assert reply.headers["Accept-Ranges"] == "bytes"
    assert reply.content.startswith(DATA)


def test_conditional(api: Sluice, content: str) -> None:
    etag = api.get(content).headers["ETag"]
    for condition in (etag, f'"other", {etag}', "*", f"W/{etag}"):
        reply = api.get(content, headers={"If-None-Match": condition})
        assert (reply.status_code, reply.content) == (304, b""), condition
        assert reply.headers["ETag"] == etag
    assert api.get(content, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head(api: Sluice, content: str) -> None:
    reply = api.request("HEAD", content)
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["Content-Length"] == str(len(DATA) + 16)
    assert reply.headers["ETag"] == api.get(content).headers["ETag"]


@pytest.mark.parametrize(
    ("content_type", "data"),
    [("text/html", b"<script>alert(1)</script>"), ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>')],
)
def test_active_content_can_do_nothing(api: Sluice, content_type: str, data: bytes) -> None:
    record = api.upload(data, ODD_NAME, content_type=content_type)
    headers = api.get(f"/files/{record['file_id']}/content").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe" in headers["Content-Disposition"]


def test_plain_picture_is_shown_inline(api: Sluice) -> None:
    gif = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
    record = api.upload(gif, "dot.gif", content_type="image/gif")
    headers = api.get(f"/files/{record['file_id']}/content").headers
    assert not headers.get("Content-Disposition", "inline").startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Type"].startswith("image/gif")


def test_before_the_upload_it_is_a_conflict(api: Sluice) -> None:
    problem(api.get(f"/files/{api.presign()['file_id']}/content"), 409)
    problem(api.get(f"/files/{api.presign()['file_id']}?include=content"), 409)


def test_larger_than_the_cache_takes(caller: Callable[..., Sluice], locked_ledgers: Ledgers) -> None:
    """The locked stack caches up to 64 KiB."""
    api = caller("large")
    data = uuid.uuid4().bytes * (65536 // 16)
    fits, exceeds = api.upload(data), api.upload(data + b"x")
    assert api.get(f"/files/{fits['file_id']}/content").headers["X-Cache"] == "HIT"
    reply = api.get(f"/files/{exceeds['file_id']}/content")
    assert (reply.headers["X-Cache"], reply.content) == ("BYPASS", data + b"x")
    assert locked_ledgers.cache.get(f"file_content:{exceeds['file_id']}") is None
    part = api.get(f"/files/{exceeds['file_id']}/content", headers={"Range": "bytes=65535-"})
    assert (part.status_code, part.content) == (206, data[-1:] + b"x")


def test_content_while_the_cache_is_down(api: Sluice, stack: Stack, ledgers: Ledgers) -> None:
    record = api.upload(DATA)
    stack.cache.kill()
    try:
        reply = api.get(f"/files/{record['file_id']}/content")
        assert (reply.status_code, reply.content) == (200, DATA)
        ticket = api.presign()
        assert send(ticket, b"processed without a cache").ok
        api.synced(ticket["file_id"])
    finally:
        stack.cache.start()

    def is_cached() -> bool:
        return bool(ledgers.cache.exists(f"file_content:{api.upload(uuid.uuid4().bytes)['file_id']}"))

    # A worker that found no cache leaves it alone for a second: the tests that follow expect every one to use it.
    eventually(lambda: all(is_cached() for _ in range(8)), "every worker uses the cache again")
