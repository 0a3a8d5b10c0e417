"""POST /files/confirm-uploads and /files/check."""

import uuid

import pytest
from ledgers import Ledgers
from sluice_client import Sluice, problem, send, sha256

from devstack.stack import Stack

PATH = "/files/confirm-uploads"
DATA = b"0123456789"


def test_confirm_answers_what_became_of_it(api: Sluice) -> None:
    ticket = api.presign()
    send(ticket, DATA)
    answer = api.confirm(ticket["file_id"], len(DATA))
    assert answer["confirmed"] == 1
    assert [result["file_id"] for result in answer["results"]] == [ticket["file_id"]]
    assert answer["results"][0]["status"] in ("UPLOADED", "SYNCING", "SYNCED")
    assert not answer["results"][0].get("code")


def test_absent_object(api: Sluice) -> None:
    ticket = api.presign()
    answer = api.confirm(ticket["file_id"], 10)
    assert answer["confirmed"] == 0
    assert answer["results"] == [{"file_id": ticket["file_id"], "status": "PENDING", "code": "NOT_UPLOADED"}]
    assert api.record(ticket["file_id"])["status"] == "PENDING"


def test_other_size(api: Sluice, stack: Stack) -> None:
    """The processor is paused, so that only the confirm acts."""
    ticket = api.presign()
    stack.processor.pause()
    try:
        send(ticket, DATA)
        answer = api.confirm(ticket["file_id"], len(DATA) + 1)
        assert answer["confirmed"] == 0
        assert answer["results"] == [{"file_id": ticket["file_id"], "status": "PENDING", "code": "SIZE_MISMATCH"}]
        assert api.record(ticket["file_id"])["status"] == "PENDING"
        assert api.confirm(ticket["file_id"], len(DATA))["confirmed"] == 1
        assert api.record(ticket["file_id"])["status"] == "UPLOADED"
    finally:
        stack.processor.resume()
    api.synced(ticket["file_id"])


def test_twice_confirms_once_and_answers_the_same(api: Sluice, stack: Stack, ledgers: Ledgers) -> None:
    ticket = api.presign()
    stack.processor.pause()
    try:
        send(ticket, DATA)
        first = api.confirm(ticket["file_id"], len(DATA))
        assert api.confirm(ticket["file_id"], len(DATA)) == first
    finally:
        stack.processor.resume()
    api.synced(ticket["file_id"])
    assert api.confirm(ticket["file_id"], len(DATA)) == first  # however far it has come
    assert ledgers.value("SELECT count(*) FROM processing_queue WHERE file_id = %s", ticket["file_id"]) == 1


def test_bulk(api: Sluice) -> None:
    there = [api.presign(f"{number}.txt") for number in range(5)]
    absent, unknown = api.presign("absent.txt"), str(uuid.uuid4())
    for ticket in there:
        send(ticket, DATA)
    ids = [ticket["file_id"] for ticket in [*there, absent]] + [unknown]
    reply = api.post(PATH, {"files": [{"file_id": file_id, "file_size": len(DATA)} for file_id in ids]})
    assert reply.status_code == 200, reply.text
    answer = reply.json()
    assert answer["confirmed"] == 5
    assert [result["file_id"] for result in answer["results"]] == ids
    assert answer["results"][5]["code"] == "NOT_UPLOADED"
    assert answer["results"][6]["code"] == "NOT_FOUND"
    for ticket in there:
        api.synced(ticket["file_id"])


def test_a_thousand_are_allowed_and_one_more_is_not(api: Sluice) -> None:
    files = [{"file_id": str(uuid.uuid4()), "file_size": 1} for _ in range(1001)]
    reply = api.post(PATH, {"files": files[:1000]})
    assert (reply.status_code, reply.json()["confirmed"], len(reply.json()["results"])) == (200, 0, 1000)
    problem(api.post(PATH, {"files": files}), 422)


def test_same_file_twice_in_one_request(api: Sluice) -> None:
    ticket = api.presign()
    send(ticket, DATA)
    entry = {"file_id": ticket["file_id"], "file_size": len(DATA)}
    reply = api.post(PATH, {"files": [entry, entry]})
    assert reply.status_code in (200, 422), reply.text
    if reply.status_code == 200:
        assert len(reply.json()["results"]) == 2
    api.confirm(ticket["file_id"], len(DATA))
    api.synced(ticket["file_id"])


@pytest.mark.parametrize(
    "body",
    [
        {}, {"file_id": "no uuid", "file_size": 1}, {"file_size": 1},
        {"file_id": str(uuid.uuid4()), "file_size": -1}, {"file_id": str(uuid.uuid4()), "file_size": "1"},
        {"file_id": 5, "file_size": 1}, {"files": "x"}, {"files": [5]}, {"files": [{}]},
        {"files": [{"file_id": "x", "file_size": 1}]},
    ],
)  # fmt: skip
def test_bad_values(api: Sluice, body: object) -> None:
    problem(api.post(PATH, body), 422, "VALIDATION_FAILED")


def test_one_unknown_file(api: Sluice) -> None:
    """A single confirm of an id that does not exist says so, as its result or as a 404."""
    unknown = str(uuid.uuid4())
    reply = api.post(PATH, {"file_id": unknown, "file_size": 1})
    if reply.status_code == 200:
        assert reply.json()["confirmed"] == 0
        assert reply.json()["results"][0]["code"] == "NOT_FOUND"
    else:
        problem(reply, 404, "NOT_FOUND")


def test_check_tells_what_is_known(api: Sluice) -> None:
    data = uuid.uuid4().bytes * 4
    record = api.upload(data)
    unknown = sha256(uuid.uuid4().bytes)
    reply = api.post("/files/check", {"sha256": [sha256(data), unknown]})
    assert reply.status_code == 200, reply.text
    known, new = reply.json()["results"]
    assert (known["sha256"], known["action"], known["file_id"]) == (sha256(data), "skip", record["file_id"])
    assert (new["sha256"], new["action"]) == (unknown, "accept")
    assert not new.get("file_id")


def test_check_does_not_know_a_file_that_is_only_pending(api: Sluice) -> None:
    digest = sha256(uuid.uuid4().bytes)
    api.presign(sha256=digest)
    assert api.post("/files/check", {"sha256": [digest]}).json()["results"][0]["action"] == "accept"


@pytest.mark.parametrize("body", [{}, {"sha256": "x"}, {"sha256": ["x"]}, {"sha256": [5]}, {"sha256": ["z" * 64]}])
def test_check_bad_values(api: Sluice, body: object) -> None:
    problem(api.post("/files/check", body), 422, "VALIDATION_FAILED")
