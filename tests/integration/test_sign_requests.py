"""What signRequest of Uppy 6 and ActiveStorage ask for, as these ask. Their packages run in tests/browser."""

import hashlib
import http.client
import uuid
from typing import Any
from urllib.parse import urlsplit

import botocore.exceptions
import pytest
from ledgers import Ledgers
from signer_client import Signers, md5, put
from sluice_client import ODD_NAME, Sluice, sha256

from devstack.stack import Stack


@pytest.fixture
def signers(stack: Stack) -> Signers:
    return Signers(stack.api.url)


def _data(size: int = 40) -> bytes:
    """Another content each time."""
    return (uuid.uuid4().bytes * (size // 16 + 1))[:size]


def test_sign_a_put(api: Sluice, signers: Signers) -> None:
    data = _data()
    answer = signers.sign(method="PUT", key=f"{uuid.uuid4()}-a b.txt", contentType="text/plain")
    assert answer["headers"] == {"Content-Type": "text/plain", "If-None-Match": "*"}
    assert put(answer["url"], data, {"Content-Type": "text/html"}).status_code in (400, 403)
    assert put(answer["url"], data, answer["headers"]).ok
    assert put(answer["url"], data, answer["headers"]).status_code == 412
    record = api.synced(answer["file_id"])
    assert (record["filename"], record["sha256"]) == ("a b.txt", sha256(data))
    assert record["object_key"] == answer["key"]


def test_sign_a_put_of_a_client_that_sends_none_of_our_headers(api: Sluice, signers: Signers) -> None:
    """Uppy 6.0 to 6.2: no contentType in the request, and the file's own type on the PUT."""
    data = _data()
    answer = signers.sign(method="PUT", key="b.txt")
    assert answer["headers"] == {}
    assert put(answer["url"], data, {"Content-Type": "text/plain"}).ok
    assert api.synced(answer["file_id"])["sha256"] == sha256(data)


def test_sign_a_size_is_signed(signers: Signers) -> None:
    answer = signers.sign(method="PUT", key="b.txt", contentType="text/plain", size=5)
    assert "Content-Length" not in answer["headers"], "pages cannot set it"
    assert put(answer["url"], b"123456", answer["headers"]).status_code == 403
    assert put(answer["url"], b"12345", answer["headers"]).ok


def test_sign_a_multipart_upload_of_the_clients_own(api: Sluice, signers: Signers, ledgers: Ledgers) -> None:
    data = _data()
    made = signers.sign(method="POST", key=f"{uuid.uuid4()}-c.bin")
    key, created = made["key"], requests_post(made["url"])
    upload_id = created.partition("<UploadId>")[2].partition("</UploadId>")[0]
    assert upload_id
    part = signers.sign(method="PUT", key=key, uploadId=upload_id, partNumber=1)
    etag = put(part["url"], data, {"Content-Type": "anything/else"}).headers["ETag"]
    listing = requests_get(signers.sign(method="GET", key=key, uploadId=upload_id)["url"])
    assert "<PartNumber>1</PartNumber>" in listing
    body = (
        f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    )
    done = requests_post(signers.sign(method="POST", key=key, uploadId=upload_id)["url"], body)
    assert "<Location>" in done
    record = api.synced(made["file_id"])
    assert (record["filename"], record["sha256"]) == ("c.bin", sha256(data))
    other = ledgers.s3.create_multipart_upload(Bucket=ledgers.bucket, Key=key)["UploadId"]
    refused = signers.post("/s3/sign", {"method": "PUT", "key": key, "uploadId": other, "partNumber": 1})
    assert refused.status_code == 404, "a second upload would replace the object"


def test_sign_an_abort(signers: Signers, ledgers: Ledgers) -> None:
    made = signers.sign(method="POST", key="d.bin")
    upload_id = requests_post(made["url"]).partition("<UploadId>")[2].partition("</UploadId>")[0]
    url = signers.sign(method="DELETE", key=made["key"], uploadId=upload_id)["url"]
    assert signers.http.delete(url, timeout=30).status_code == 204
    with pytest.raises(botocore.exceptions.ClientError, match="NoSuchUpload"):
        ledgers.s3.list_parts(Bucket=ledgers.bucket, Key=made["key"], UploadId=upload_id)


@pytest.mark.parametrize(
    "body",
    [
        {"method": "DELETE", "key": "k"},
        {"method": "GET", "key": "k"},
        {"method": "PUT"},
        {},
        {"method": "HEAD", "key": "k"},
    ],
)
def test_sign_other_operations_are_not_signed(signers: Signers, body: dict[str, str]) -> None:
    assert signers.post("/s3/sign", body).status_code == 422


def test_sign_keys_of_nobody_are_unknown(signers: Signers, api: Sluice) -> None:
    single = api.presign("single.txt")["object_key"]
    for key in ("files/elsewhere", single):
        assert signers.post("/s3/sign", {"method": "GET", "key": key, "uploadId": "u"}).status_code == 404


def requests_post(url: str, body: str = "") -> str:
    """A POST to the store; its XML."""
    return _plain("POST", url, body)


def requests_get(url: str) -> str:
    return _plain("GET", url, "")


def _plain(method: str, url: str, body: str) -> str:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=30)
    headers = {"Content-Type": "application/xml"} if body else {"Content-Type": "application/octet-stream"}
    connection.request(method, f"{parts.path}?{parts.query}", body, headers)
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    assert reply.status == 200, (reply.status, text)
    return text


def test_blob_a_blob_as_rails_makes_it(api: Sluice, signers: Signers) -> None:
    data = _data()
    blob = signers.ok(signers.blob(data, ODD_NAME, metadata={"external_id": "r-1", "custom": {"a": 1}}))
    assert {"id", "key", "filename", "content_type", "byte_size", "checksum", "signed_id", "created_at"} <= set(blob)
    assert (blob["filename"], blob["byte_size"], blob["checksum"]) == (ODD_NAME, len(data), md5(data))
    assert blob["metadata"] == {"external_id": "r-1", "custom": {"a": 1}}
    assert blob["direct_upload"]["headers"] == {
        "Content-Type": "text/plain", "Content-MD5": md5(data), "If-None-Match": "*"}  # fmt: skip
    assert put(blob["direct_upload"]["url"], data, blob["direct_upload"]["headers"]).ok
    record = api.synced(blob["signed_id"])
    assert (record["sha256"], record["size"], record["external_id"]) == (sha256(data), len(data), "r-1")
    assert record["object_key"] == blob["key"]


def test_blob_the_store_refuses_what_was_not_declared(api: Sluice, signers: Signers) -> None:
    data = _data()
    blob = signers.ok(signers.blob(data))
    url, headers = blob["direct_upload"]["url"], blob["direct_upload"]["headers"]
    other = bytes(reversed(data))
    assert put(url, other, headers).status_code == 400, "its MD5 is another one"
    assert put(url, other, headers | {"Content-MD5": md5(other)}).status_code == 403
    assert put(url, data + b"x", headers).status_code in (400, 403)
    assert put(url, data, headers | {"Content-Type": "text/html"}).status_code == 403
    assert api.record(blob["id"])["status"] == "PENDING"


@pytest.mark.parametrize(
    "change", [{"checksum": "x"}, {"checksum": hashlib.md5(b"").hexdigest()}, {"byte_size": 0}, {"byte_size": "5"},
               {"filename": ""}, {"content_type": "x"}],
)  # fmt: skip
def test_blob_bad_values(signers: Signers, change: dict[str, Any]) -> None:
    assert signers.blob(b"12345", **change).status_code == 422
