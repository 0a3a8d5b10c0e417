"""HTTP as attackers speak it: requests that two readers would understand differently, texts in every place of a URL.
Which test covers which entry of the list of bad inputs says ../BAD_INPUTS.md."""

import json
import uuid

import pytest
from ledgers import Ledgers
from raw_http import RawReply, exchange
from sluice_client import Sluice, problem

PATH = "/files/presigned-upload"
HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
TIMEOUT_S = 3  # a connection that stays open is closed by the server after five seconds of silence
JSON = b"Content-Type: application/json\r\n"
BODY = b'{"filename":"a.txt"}'


def talk(api: Sluice, request: bytes) -> RawReply:
    return exchange(api.api_url, request, TIMEOUT_S)


def post(head: bytes, body: bytes) -> bytes:
    return b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\n" + JSON + head + b"\r\n" + body


def refused(api: Sluice, reply: RawReply, statuses: tuple[int, ...] = (400, 501)) -> None:
    """One problem answer, after which the server closes; what came behind it was not taken for a request."""
    assert reply.status in statuses, reply.data[:500]
    assert reply.replies == 1, reply.data
    assert b"application/problem+json" in reply.head
    assert b"connection: close" in reply.head.lower()
    assert b"# HELP" not in reply.data
    assert api.get("/healthz").status_code == 200


CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
LENGTH = b"Content-Length: %d\r\n" % len(CHUNKED)


@pytest.mark.parametrize(
    "head",
    [
        LENGTH + b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\n" + LENGTH,
        LENGTH + b"Transfer-Encoding : chunked\r\n",
        LENGTH + b"Transfer-Encoding\t: chunked\r\n",
        LENGTH + b"Transfer-Encoding: xchunked\r\n",
        LENGTH + b"Transfer-Encoding: chunked, identity\r\n",
        LENGTH + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        LENGTH + b"Transfer-Encoding:\x0bchunked\r\n",
        LENGTH + b"Transfer-Encoding: \x00chunked\r\n",
        LENGTH + b"X: y\nTransfer-Encoding: chunked\r\n",
        LENGTH + b"X: y\r\n Transfer-Encoding: chunked\r\n",
        LENGTH + b"X: y\r\n\tfolded\r\n",
        LENGTH + b"X: y\r\nTransfer-Encoding\r\n",
        b"Content-Length: 5\r\n" + LENGTH,
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: 5 5\r\n",
        b"Content-Length: 5\r\n 5\r\n",
        b"Content-Length : 5\r\n",
        b"Content-Length: \r\n",
        b"Content-Length: 5\x00\r\n",
        b"Content\x00-Length: 5\r\n",
        b": 5\r\n",
        b"Host: y\r\n",
    ],
)
def test_ambiguous_framing_is_refused(api: Sluice, head: bytes) -> None:
    """Each of them would make some other reader see another end of the body."""
    refused(api, talk(api, post(head, CHUNKED + HIDDEN)))


@pytest.mark.parametrize(
    "body",
    [
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"5\rhello\r\n0\r\n\r\n",
        b"\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloXX0\r\n\r\n",
        b"5;\x00\r\nhello\r\n0\r\n\r\n",
        b"g\r\nhello\r\n0\r\n\r\n",
        b"10000000000000005\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"5" * 5000 + b"\r\nhello\r\n0\r\n\r\n",
        b"5;" + b"x" * 100_000 + b"\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_broken_chunks_are_refused(api: Sluice, body: bytes) -> None:
    refused(api, talk(api, post(b"Transfer-Encoding: chunked\r\n", body + HIDDEN)), (400, 408, 413))


def test_what_follows_a_giant_chunk_belongs_to_it(api: Sluice) -> None:
    """A size that is well-formed: the rest is waited for as that of any body, and none of it is a request."""
    reply = talk(api, post(b"Transfer-Encoding: chunked\r\n", b"7fffffffffffffff\r\nhello\r\n0\r\n\r\n" + HIDDEN))
    assert reply.status in (0, 400, 408, 413), reply.data
    assert reply.replies <= 1
    assert api.get("/healthz").status_code == 200


def test_trailers_are_no_request(api: Sluice) -> None:
    """Behind the last chunk come fields that nobody asked for; they are read as such, or the connection ends."""
    body = CHUNKED.removesuffix(b"\r\n") + b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    reply = talk(api, post(b"Transfer-Encoding: chunked\r\n", body))
    assert reply.replies == 1, reply.data
    assert b"# HELP" not in reply.data


def test_an_error_ends_what_was_sent_behind_it(api: Sluice) -> None:
    """Requests in a row are answered in their order; one that could not be read whole ends the row."""
    good = post(b"Content-Length: %d\r\n" % len(BODY), BODY)
    reply = talk(api, good + HIDDEN.replace(b"/metrics", b"/healthz") + good)
    assert reply.replies == 3, reply.data
    reply = talk(api, good + post(b"Content-Length: 10485760\r\n", b"") + HIDDEN)
    assert reply.replies == 2, reply.data
    assert b"# HELP" not in reply.data


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /healthz",
        b"GET /healthz HTTP/0.9",
        b"GET /healthz HTTP/2.0",
        b"GET /healthz HTTP/1.1 x",
        b"GET  /healthz HTTP/1.1",
        b"GET\t/healthz\tHTTP/1.1",
        b"GET /heal thz HTTP/1.1",
        b"GET healthz HTTP/1.1",
        b"GET /healthz\x00 HTTP/1.1",
        b"GET /healthz\x0b HTTP/1.1",
        b"G\x00ET /healthz HTTP/1.1",
        b"get /healthz HTTP/1.1",
        b"GETT /healthz HTTP/1.1",
        b"A" * 8000 + b" /healthz HTTP/1.1",
        b"CONNECT internal.example:443 HTTP/1.1",
        b"GET internal.example:443 HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_request_lines(api: Sluice, request_line: bytes) -> None:
    reply = talk(api, request_line + b"\r\nHost: x\r\n\r\n" + HIDDEN)
    assert reply.status == 0 or 400 <= reply.status < 500 or reply.status in (501, 505), reply.data[:300]
    assert reply.replies <= 1, reply.data
    assert b"# HELP" not in reply.data


@pytest.mark.parametrize("target", [b"http://x/healthz", b"http://internal.example/healthz", b"ftp://x/healthz"])
def test_absolute_form_is_not_forwarded(api: Sluice, target: bytes) -> None:
    """No proxy: the path counts, or the request is refused; civetweb does that by closing, without a word."""
    reply = talk(api, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert reply.status in (0, 200, 400, 404), reply.data
    assert reply.replies <= 1


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PATCH", "PROPFIND", "MKCOL", "LOCK", "DEBUG", "X"])
def test_methods_that_no_route_has(api: Sluice, method: str) -> None:
    head = f"{method} /files HTTP/1.1\r\nHost: x\r\nX-Secret: echo-me\r\nConnection: close\r\n\r\n"
    reply = talk(api, head.encode())
    assert reply.status in (400, 405, 501), reply.data
    assert b"echo-me" not in reply.data


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_change_the_method(api: Sluice, header: str) -> None:
    ticket = api.presign()
    api.get(f"/files/{ticket['file_id']}", headers={header: "DELETE"})
    api.post(f"/files/{ticket['file_id']}/retry", {}, headers={header: "DELETE"})
    assert api.record(ticket["file_id"])["status"] == "PENDING"


@pytest.mark.parametrize(
    "head",
    [
        b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Version: 13\r\n",
    ],
)
def test_no_other_protocol_is_switched_to(api: Sluice, head: bytes) -> None:
    reply = talk(api, b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n")
    assert reply.status in (200, 400, 404, 426), reply.data


def test_host_is_demanded(api: Sluice) -> None:
    refused(api, talk(api, b"GET /healthz HTTP/1.1\r\nAccept: */*\r\n\r\n" + HIDDEN), (400,))
    assert talk(api, b"GET /healthz HTTP/1.0\r\n\r\n").status == 200


def test_compressed_bodies_are_not_unpacked(api: Sluice) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    reply = api.request("POST", PATH, data=b"\x1f\x8b\x08" + b"\x00" * 100, headers=headers)
    assert reply.status_code in (400, 415)


def test_many_ranges(api: Sluice) -> None:
    """A thousand overlapping ranges would be a thousand copies of the file."""
    record = api.upload(uuid.uuid4().bytes * 64)
    ranges = "bytes=" + ",".join("0-" for _ in range(1000))
    reply = api.get(f"/files/{record['file_id']}/content", headers={"Range": ranges})
    assert reply.status_code in (200, 206, 416, 431)
    assert len(reply.content) <= 1024 + 500


SEGMENTS = [
    "%2e%2e", "..%2f..", "%2e", "a%2Fb", "%00", "a%00b", "%0d%0aX:%20y", "%ff%fe", "%E2%80%AE", "'%20OR%201=1--", "%25",
    "a" * 500, "%F0%9F%98%80", "%7f",
]  # fmt: skip


@pytest.mark.parametrize("segment", SEGMENTS)
def test_ids_in_paths(api: Sluice, ledgers: Ledgers, segment: str) -> None:
    """Ids of users and generations become part of an object's key."""
    before = ledgers.value("SELECT count(*) FROM files")
    body = {"filename": "a.jpg", "content_type": "image/jpeg", "size": 10}
    for path in (f"/users/{segment}/avatar/upload", f"/generations/{segment}/media", f"/albums/{segment}/media/upload"):
        reply = api.post(path, body | {"count": 1})
        assert reply.status_code in (400, 404, 405, 422), (path, reply.status_code, reply.text)
        problem(reply, reply.status_code)
    for path in (f"/files/{segment}", f"/media/{segment}", f"/api/v1/assets/{segment}", f"/files/{segment}/content"):
        reply = api.get(path)
        assert reply.status_code in (400, 404, 405), (path, reply.status_code, reply.text)
    assert ledgers.value("SELECT count(*) FROM files") == before


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1", "limit=0", "limit=1e400", "limit=18446744073709551616", "limit=NaN", "limit=", "limit=%00",
        "cursor=garbage", "cursor='%20OR%201=1--", "cursor=%ff", "cursor=" + "A" * 8000,
        "status='%3BDROP%20TABLE%20files--", "status=%00", "kind=%ff", "kind=nothing", "external_id=%ff",
        "external_id=a%00b",
    ],
)  # fmt: skip
def test_queries(api: Sluice, query: str) -> None:
    reply = api.get(f"/files?{query}")
    problem(reply, reply.status_code)
    assert reply.status_code in (400, 422), reply.text


@pytest.mark.parametrize("wait", ["-1", "61", "1e400", "18446744073709551616", "x", "%00"])
def test_waits(api: Sluice, wait: str) -> None:
    ticket = api.presign()
    reply = api.get(f"/files/{ticket['file_id']}?wait={wait}", timeout=5)
    problem(reply, 422)


def test_names_come_back_as_text_only(api: Sluice) -> None:
    """Whatever a name holds, the answer is JSON, and says that browsers are not to guess otherwise."""
    name = '<script>alert(1)<b>".html'
    ticket = api.presign(name)
    reply = api.get(f"/files/{ticket['file_id']}")
    assert reply.headers["Content-Type"].split(";")[0] == "application/json"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert json.loads(reply.content)["filename"] == name
