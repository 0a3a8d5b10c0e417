"""Uploads through the server while the store fails: an error that says so, and nothing left behind."""

import hashlib
from urllib.parse import urlsplit

import pytest
import requests
from case import Case
from failing_store import failing_store
from sluice_client import eventually, problem

MIB = 1 << 20


def _post(case: Case, data: bytes) -> requests.Response:
    return case.api.request("POST", "/api/v1/assets", files={"file": ("film.bin", data)})


def _staged(case: Case) -> set[str]:
    pages = case.ledger.s3.get_paginator("list_objects_v2").paginate(Bucket=case.ledger.bucket, Prefix="staging/")
    return {item["Key"] for page in pages for item in page.get("Contents", [])}


def _bytes(length: int) -> bytes:
    return hashlib.shake_256(b"asset").digest(length)


@pytest.mark.parametrize(
    ("query", "last"),
    [("partNumber=2", "DELETE"), ("uploads=", "POST"), (None, "DELETE")],
    ids=["a part", "the start of the upload in parts", "everything"],
)
def test_store_fails_half_way(case: Case, query: str | None, last: str) -> None:
    """Each request is tried again first; then 503, and the upload in parts is aborted."""
    upstream = urlsplit(case.stack.program_settings()["SLUICE_S3_ENDPOINT"]).netloc
    before = case.ledger.value("SELECT count(*) FROM files WHERE kind = 'asset'")
    objects = _staged(case)
    size = 12 * MIB if query else 1000
    with (
        failing_store(503, "SlowDown", None, upstream, query) as (address, asked),
        case.stack.link("api-s3").redirected(address),
    ):
        reply = _post(case, _bytes(size))
        problem(reply, 503, "STORE_UNAVAILABLE")
        assert int(reply.headers["Retry-After"]) > 0
        ours = [request for request in asked if "/staging/" in request]
        assert len(ours) >= 3, asked
        assert ours[-1].startswith(last), asked
    assert _staged(case) <= objects  # the sweeper may have taken some of an earlier test
    assert case.ledger.value("SELECT count(*) FROM files WHERE kind = 'asset'") == before
    task = _post(case, _bytes(size)).json()["task_id"]
    assert case.api.synced(task)["size"] == size
    case.ledger.check()


def test_part_that_fails_is_sent_again(case: Case) -> None:
    """By the client's policy; the upload notices nothing of it."""
    upstream = urlsplit(case.stack.program_settings()["SLUICE_S3_ENDPOINT"]).netloc
    with (
        failing_store(503, "SlowDown", None, upstream, "partNumber=2", 2) as (address, asked),
        case.stack.link("api-s3").redirected(address),
    ):
        reply = _post(case, _bytes(12 * MIB))
        assert reply.status_code == 200, reply.text
        assert sum(request.startswith("PUT") for request in asked) == 5, asked
    record = case.api.synced(reply.json()["task_id"])
    assert record["sha256"] == hashlib.sha256(_bytes(12 * MIB)).hexdigest()
    case.ledger.check()


def test_database_away_when_the_file_is_there(case: Case) -> None:
    """The object that nobody was promised goes again."""
    objects = _staged(case)
    case.stack.postgres.stop()
    try:
        problem(_post(case, _bytes(1000)), 503, "DATABASE_UNAVAILABLE")
    finally:
        case.stack.postgres.start()
    eventually(lambda: _staged(case) <= objects, "the object is gone", 10)
    case.ledger.check()
