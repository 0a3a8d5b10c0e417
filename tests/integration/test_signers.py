"""The routes that Uppy, Shrine and ActiveStorage call, as these call them. Their packages run in tests/browser."""

import http.client
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import botocore.exceptions
import pytest
from ledgers import ORIGIN, PRESIGN_TTL_S, Ledgers
from signer_client import PART, Signers, form, put
from sluice_client import ODD_NAME, Sluice, eventually, sha256

from devstack.daemons import Api
from devstack.stack import Stack


@pytest.fixture
def signers(stack: Stack) -> Signers:
    return Signers(stack.api.url)


def _data(size: int = 40) -> bytes:
    """Another content each time."""
    return (uuid.uuid4().bytes * (size // 16 + 1))[:size]


def _head(ledgers: Ledgers, key: str) -> Any:
    return ledgers.s3.head_object(Bucket=ledgers.bucket, Key=key)


def test_params_the_form_uploads_one_file(api: Sluice, signers: Signers) -> None:
    data = _data()
    answer = signers.params(ODD_NAME, type="text/csv", **{"metadata[external_id]": "order-7"})
    assert answer["method"] == "POST"
    assert answer["headers"] == {}
    assert answer["fields"]["Content-Type"] == "text/csv"
    reply = form(answer, data)
    assert reply.status_code == 201, reply.text
    assert reply.headers["ETag"]
    record = api.synced(answer["file_id"])
    assert (record["filename"], record["size"], record["sha256"]) == (ODD_NAME, len(data), sha256(data))
    assert (record["external_id"], record["content_type"]) == ("order-7", "text/csv")
    assert record["object_key"] == answer["fields"]["key"]


def test_params_metadata_go_to_the_object(api: Sluice, signers: Signers, ledgers: Ledgers) -> None:
    metadata = {"metadata[Caption]": "a b", "metadata[name]": "x", "metadata[wort]": "Größe"}
    answer = signers.params("a.txt", **metadata)
    assert form(answer, _data()).status_code == 201
    api.synced(answer["file_id"])
    kept = _head(ledgers, answer["fields"]["key"])["Metadata"]
    assert kept["caption"] == "a b"
    assert "name" not in kept
    assert kept["wort"] in ("Größe", "=?UTF-8?B?R3LDtsOfZQ==?="), kept


@pytest.mark.parametrize("kind", ["", "undefined", "null"])
def test_params_a_type_that_a_browser_does_not_know(api: Sluice, signers: Signers, kind: str) -> None:
    answer = signers.params("a.unknown", type=kind)
    assert form(answer, _data()).status_code == 201
    assert api.synced(answer["file_id"])["content_type"] is None


def test_params_no_field_has_a_placeholder(api: Sluice, signers: Signers) -> None:
    """The store would put the file's name in its place, and the key would not be the record's."""
    answer = signers.params("${filename}.txt", **{"metadata[note]": "${filename}"})
    assert not [value for value in answer["fields"].values() if "${" in value]
    assert form(answer, _data()).status_code == 201
    assert api.synced(answer["file_id"])["filename"] == "${filename}.txt"


def test_params_the_form_takes_what_was_declared_only(api: Sluice, signers: Signers) -> None:
    data = _data()
    answer = signers.params("a.txt", type="text/plain", size=str(len(data)))
    assert form(answer, data + b"x").status_code == 400
    assert form(answer, data, **{"Content-Type": "text/html"}).status_code in (400, 403)
    assert form(answer, data, key="files/elsewhere").status_code in (400, 403)
    assert api.record(answer["file_id"])["status"] == "PENDING"


@pytest.mark.parametrize(
    "query", ["", "filename=", "filename=a&type=x", "filename=a&size=0", "filename=a&metadata[a%20b]=c", "filename=%ff"]
)
def test_params_bad_values(signers: Signers, query: str) -> None:
    assert signers.get(f"/s3/params?{query}").status_code == 422


def test_params_a_base_address_that_ends_with_a_slash(stack: Stack, api: Sluice) -> None:
    signers = Signers(stack.api.url + "/")
    data = _data()
    answer = signers.params()
    assert form(answer, data).status_code == 201
    assert api.synced(answer["file_id"])["sha256"] == sha256(data)


def test_multipart_from_parts_to_a_file(api: Sluice, signers: Signers, ledgers: Ledgers) -> None:
    """Parts may have any type; ETags come quoted, bare, or as XML lists them."""
    one, two, three = _data(PART), _data(PART), _data(7)
    parts = signers.create(
        "film.mp4", type="application/x-film", metadata={"external_id": "m-1", "scene": "Größe", "take": 3}
    )
    first = parts.upload(1, one)
    second = parts.upload(2, two, {"Content-Type": "text/html"})
    third = parts.upload(3, three, {"Content-Type": "application/x-www-form-urlencoded"})
    assert [(part["PartNumber"], part["Size"], part["ETag"]) for part in parts.listed()] == [
        (1, PART, first), (2, PART, second), (3, 7, third)]  # fmt: skip
    assert first.startswith('"')
    etags = {3: third.strip('"'), 1: first, 2: second.replace('"', "&quot;")}
    answer = signers.ok(parts.complete(etags))
    assert answer["key"] == parts.key
    assert answer["bucket"] == ledgers.bucket
    assert answer["location"].endswith(parts.key)
    record = api.synced(parts.file_id)
    assert (record["size"], record["sha256"]) == (2 * PART + 7, sha256(one + two + three))
    assert (record["external_id"], record["content_type"]) == ("m-1", "application/x-film")
    head = _head(ledgers, parts.key)
    assert head["ContentType"] == "application/x-film"
    assert head["Metadata"]["take"] == "3"
    assert signers.ok(parts.complete(etags)) == answer, "an answer that got lost can be asked for again"


def test_multipart_parts_are_signed_in_a_batch(api: Sluice, signers: Signers) -> None:
    parts = signers.create()
    urls = signers.ok(signers.get(parts.path("/batch", partNumbers="2,1,10000")))["presignedUrls"]
    assert sorted(urls) == ["1", "10000", "2"]
    data = {1: _data(PART), 2: _data(9)}
    etags = {number: put(urls[str(number)], data[number]).headers["ETag"] for number in data}
    signers.ok(parts.complete(etags))
    assert api.synced(parts.file_id)["sha256"] == sha256(data[1] + data[2])


@pytest.mark.parametrize("numbers", ["", "0", "10001", "1,x", "1;2", ",".join(map(str, range(1, 1002)))])
def test_multipart_bad_batches(signers: Signers, numbers: str) -> None:
    assert signers.get(signers.create().path("/batch", partNumbers=numbers)).status_code == 422


def test_multipart_all_pages_of_parts_are_merged(signers: Signers, ledgers: Ledgers) -> None:
    """A store lists a thousand at a time."""
    parts = signers.create()

    def send(number: int) -> None:
        where = {"Bucket": ledgers.bucket, "Key": parts.key, "UploadId": parts.upload_id, "PartNumber": number}
        ledgers.s3.upload_part(**where, Body=b"x")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(1, 1003)))
    assert [part["PartNumber"] for part in parts.listed()] == list(range(1, 1003))
    assert signers.ok(parts.abort()) == {}


def test_multipart_a_wrong_etag_can_be_put_right(api: Sluice, signers: Signers) -> None:
    parts, data = signers.create(), _data()
    etag = parts.upload(1, data)
    assert parts.complete({1: "0" * 32}).status_code == 409
    signers.ok(parts.complete({1: etag}))
    assert api.synced(parts.file_id)["sha256"] == sha256(data)


def test_multipart_what_is_given_up_is_gone(api: Sluice, signers: Signers, ledgers: Ledgers) -> None:
    parts = signers.create()
    parts.upload(1, _data())
    assert signers.ok(parts.abort()) == {}
    assert api.get(f"/files/{parts.file_id}").status_code == 404
    with pytest.raises(botocore.exceptions.ClientError, match="NoSuchUpload"):
        ledgers.s3.list_parts(Bucket=ledgers.bucket, Key=parts.key, UploadId=parts.upload_id)
    for reply in (parts.abort(), parts.complete({1: "a"}), signers.get(parts.path()), signers.get(parts.path("/1"))):
        assert reply.status_code == 404


def test_multipart_a_key_of_another_upload_is_unknown(signers: Signers) -> None:
    parts, other = signers.create(), signers.create()
    parts.key = other.key
    assert signers.get(parts.path("/1")).status_code == 404
    assert signers.get(f"/s3/multipart/{parts.upload_id}").status_code == 422


def test_multipart_an_expired_part_is_signed_again(caller: Callable[..., Sluice], locked_stack: Stack) -> None:
    api = caller("late-parts")
    signers = Signers(locked_stack.api.url, str(api.http.headers["Authorization"]).split()[1])
    parts, data = signers.create(), _data()
    url = parts.signed(1)
    over = time.monotonic() + PRESIGN_TTL_S + 1.5
    eventually(lambda: time.monotonic() > over, "the signature to expire")
    refused = put(url, data)
    assert refused.status_code == 403
    assert "<Message>Request has expired</Message>" in refused.text, "Uppy 5 looks for this"
    signers.ok(parts.complete({1: parts.upload(1, data)}))
    assert api.synced(parts.file_id)["sha256"] == sha256(data)


PREFLIGHTS = [
    ("/s3/params", "GET", "content-type"),
    ("/s3/multipart", "POST", "content-type"),
    ("/s3/multipart/u", "DELETE", "authorization"),
    ("/s3/multipart/u/1", "GET", "authorization"),
    ("/s3/multipart/u/batch", "GET", "authorization"),
    ("/s3/multipart/u/complete", "POST", "content-type"),
    ("//s3/sign", "POST", "content-type,authorization"),
    ("/rails/active_storage/direct_uploads", "POST", "content-type,x-requested-with,x-csrf-token"),
]


@pytest.mark.parametrize("base", ["", "/c/sct_any"])
@pytest.mark.parametrize(("path", "method", "headers"), PREFLIGHTS)
def test_pages_may_ask(locked_stack: Stack, base: str, path: str, method: str, headers: str) -> None:
    reply = Sluice(locked_stack.api.url).request(
        "OPTIONS", base + path,
        headers={"Origin": ORIGIN, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers},
    )  # fmt: skip
    assert reply.status_code == 204
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert method in reply.headers["Access-Control-Allow-Methods"].split(", ")
    allowed = {name.strip().lower() for name in reply.headers["Access-Control-Allow-Headers"].split(",")}
    assert set(headers.split(",")) <= allowed


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/s3/params?filename=a"), ("POST", "/s3/multipart"), ("POST", "/s3/sign"),
     ("POST", "/rails/active_storage/direct_uploads")],
)  # fmt: skip
def test_none_without_a_key(locked_stack: Stack, method: str, path: str) -> None:
    assert Signers(locked_stack.api.url).request(method, path, json={}).status_code == 401


def test_another_owners_upload_is_unknown(caller: Callable[..., Sluice], locked_stack: Stack) -> None:
    mine, other = (
        Signers(locked_stack.api.url, str(caller(owner).http.headers["Authorization"]).split()[1])
        for owner in ("parts-mine", "parts-other")
    )
    parts = mine.create()
    etag = parts.upload(1, _data())
    parts.signers = other
    replies = [parts.complete({1: etag}), parts.abort(), other.get(parts.path()), other.get(parts.path("/1"))]
    replies.append(other.get(parts.path("/batch", partNumbers="1")))
    replies.append(other.post("/s3/sign", {"method": "GET", "key": parts.key, "uploadId": parts.upload_id}))
    assert {reply.status_code for reply in replies} == {404}
    parts.signers = mine
    mine.ok(parts.complete({1: etag}))


class Meddler(ThreadingHTTPServer):
    """Stands between an API and the store; answers the first CompleteMultipartUpload with an error inside of a 200."""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), MeddlerHandler)
        self.target = urlsplit(target)
        self.to_spoil = 0


class MeddlerHandler(BaseHTTPRequestHandler):
    server: Meddler
    protocol_version = "HTTP/1.1"

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "POST" and "uploadId=" in self.path and self.server.to_spoil > 0:
            self.server.to_spoil -= 1
            self._answer(
                200, b'<?xml version="1.0"?><Error><Code>InternalError</Code><Message>try again</Message></Error>'
            )
            return
        connection = http.client.HTTPConnection(self.server.target.hostname or "", self.server.target.port or 80)
        connection.request(self.command, self.path, body, dict(self.headers.items()))
        reply = connection.getresponse()
        self._answer(reply.status, reply.read(), list(reply.headers.items()))
        connection.close()

    def _answer(self, status: int, body: bytes, headers: Any = ()) -> None:
        self.send_response_only(status)
        length = str(len(body))
        for name, value in headers:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = _pass

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: pytest's output is for results."""


@pytest.fixture
def meddled(stack: Stack) -> Iterator[tuple[Meddler, Signers]]:
    """A second API of the open stack, whose way to the store leads through a meddler."""
    meddler = Meddler(stack.store.url)
    Thread(target=meddler.serve_forever, daemon=True).start()
    through = f"http://127.0.0.1:{meddler.server_address[1]}"
    extra = Api(
        "api-2", stack.api.program, stack.state, lambda: stack.program_settings() | {"SLUICE_S3_ENDPOINT": through}
    )
    extra.extra_environment |= stack.api.extra_environment
    extra.start()
    try:
        yield meddler, Signers(extra.url)
    finally:
        extra.stop()
        meddler.shutdown()
        meddler.server_close()


def test_a_200_with_an_error_inside_is_an_error(meddled: tuple[Meddler, Signers], api: Sluice) -> None:
    meddler, signers = meddled
    parts, data = signers.create(), _data()
    etag = parts.upload(1, data)
    meddler.to_spoil = 1
    reply = parts.complete({1: etag})
    assert reply.status_code == 503, reply.text
    assert reply.json()["code"] == "STORE_UNAVAILABLE"
    assert api.record(parts.file_id)["status"] == "PENDING"
    signers.ok(parts.complete({1: etag}))
    assert api.synced(parts.file_id)["sha256"] == sha256(data)
