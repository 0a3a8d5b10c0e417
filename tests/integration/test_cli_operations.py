"""`sluice failed`, `requeue`, `sweep`, `dead` and `events`: what an operator does when something went wrong."""

import json
import subprocess
import uuid
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from ledgers import UNREPORTED as DATA
from ledgers import Ledgers
from sluice_client import Sluice, Ticket, eventually, send, sha256

from devstack.daemons import Cli
from devstack.stack import Stack

NOBODY = "01931234-5678-7abc-8def-0123456789ab"


def _run(stack: Stack, *arguments: str, status: int = 0, **changes: str) -> subprocess.CompletedProcess[str]:
    settings = stack.program_settings() | {"SLUICE_API_URL": stack.api.url} | changes
    done = Cli(stack.cli.program, stack.cli.log_path, lambda: settings).run(*arguments, check=False)
    assert done.returncode == status, done
    return done


def _json_lines(stack: Stack, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _run(stack, *arguments).stdout.splitlines()]


@pytest.fixture
def failed(api: Sluice, ledgers: Ledgers) -> Ticket:
    """A file that failed because its bytes were not those that were declared, which are in "declared"."""
    declared = f"declared {uuid.uuid4()}".encode()
    ticket = api.presign("wrong.txt", sha256=sha256(declared))
    ledgers.s3.put_object(Bucket=ledgers.bucket, Key=ticket["object_key"], Body=b"something else")
    api.failed(ticket["file_id"], "HASH_MISMATCH")
    return ticket | {"declared": declared}


def _event(ledgers: Ledgers, key: str) -> str:
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": ledgers.bucket}, "object": {"key": key, "size": len(DATA), "sequencer": "1A"}},
    }
    return json.dumps({"Records": [record]})


def _kill_event(ledgers: Ledgers, raw: bytes) -> int:
    """Puts an event into the table of dead ones, and returns its id."""
    return int(ledgers.value("INSERT INTO dead_events (raw, reason) VALUES (%s, 'made by a test') RETURNING id", raw))


def test_failed_list(stack: Stack, failed: Ticket) -> None:
    found = {row["file_id"]: row for row in _json_lines(stack, "failed", "list", "--limit", "1000", "--json")}
    row = found[failed["file_id"]]
    assert (row["error_code"], row["owner_id"], row["filename"]) == ("HASH_MISMATCH", "dev", "wrong.txt")
    assert row["attempts"] == 1
    assert failed["file_id"] in _run(stack, "failed", "list", "--code", "HASH_MISMATCH", "--owner", "dev").stdout
    assert failed["file_id"] not in _run(stack, "failed", "list", "--code", "EMPTY_OBJECT").stdout
    assert failed["file_id"] not in _run(stack, "failed", "list", "--owner", "somebody else").stdout
    assert len(_json_lines(stack, "failed", "list", "-n1", "--json")) == 1


def test_requeue_of_one_file(stack: Stack, api: Sluice, ledgers: Ledgers, failed: Ticket) -> None:
    ledgers.s3.put_object(Bucket=ledgers.bucket, Key=failed["object_key"], Body=failed["declared"])
    assert failed["file_id"] in _run(stack, "requeue", failed["file_id"]).stdout
    assert api.synced(failed["file_id"])["sha256"] == sha256(failed["declared"])
    done = _run(stack, "requeue", failed["file_id"], status=1)
    assert "not FAILED" in done.stdout
    _run(stack, "requeue", NOBODY, status=1)


def test_requeue_of_all_with_a_code(stack: Stack, api: Sluice, ledgers: Ledgers, failed: Ticket) -> None:
    empty = api.presign("empty.txt", method="put")
    assert send(empty, b"").ok
    api.failed(empty["file_id"], "EMPTY_OBJECT")
    ledgers.s3.put_object(Bucket=ledgers.bucket, Key=failed["object_key"], Body=failed["declared"])
    done = _run(stack, "requeue", "--all", "--code", "HASH_MISMATCH")
    assert failed["file_id"] in done.stdout
    assert empty["file_id"] not in done.stdout
    api.synced(failed["file_id"])
    tried = "SELECT count(*) FROM outbox WHERE file_id = %s AND topic = 'file.failed'"
    _run(stack, "requeue", "--all")  # what fails again must not be taken up again and again
    eventually(lambda: ledgers.value(tried, empty["file_id"]) == 2, "the second attempt")
    api.failed(empty["file_id"], "EMPTY_OBJECT")


def test_sweep_finds_what_nobody_reported(stack: Stack, api: Sluice, unreported: Ticket) -> None:
    plan = _run(stack, "sweep", "--dry-run", SLUICE_SWEEP_AGE_S="0")
    assert f"found     {unreported['file_id']}" in plan.stdout
    assert "nothing was changed" in plan.stdout
    assert api.record(unreported["file_id"])["status"] == "PENDING"
    done = _run(stack, "sweep", SLUICE_SWEEP_AGE_S="0")
    assert f"found     {unreported['file_id']}" in done.stdout
    assert api.synced(unreported["file_id"])["size"] == len(DATA)


def test_sweep_expires_what_was_never_uploaded(stack: Stack, api: Sluice) -> None:
    ticket = api.presign("never.txt")
    line = f"expired   {ticket['file_id']}"
    young = _run(stack, "sweep", "--dry-run", SLUICE_SWEEP_AGE_S="0")
    assert ticket["file_id"] not in young.stdout

    def is_due() -> bool:
        return line in _run(stack, "sweep", "--dry-run", SLUICE_SWEEP_AGE_S="0", SLUICE_PENDING_TTL_S="1").stdout

    eventually(is_due, "a plan to expire it")
    assert api.record(ticket["file_id"])["status"] == "PENDING"
    assert line in _run(stack, "sweep", SLUICE_SWEEP_AGE_S="0", SLUICE_PENDING_TTL_S="1").stdout
    record = api.record(ticket["file_id"])
    assert (record["status"], record["error"]["code"]) == ("EXPIRED", "NOT_UPLOADED")


def test_sweep_aborts_uploads_that_nobody_completes(stack: Stack, api: Sluice, ledgers: Ledgers) -> None:
    upload = api.post("/s3/multipart", {"filename": "big.bin", "type": "application/octet-stream"}).json()
    key, upload_id = upload["key"], upload["uploadId"]
    part = ledgers.s3.upload_part(Bucket=ledgers.bucket, Key=key, UploadId=upload_id, PartNumber=1, Body=DATA)
    assert part["ETag"]

    def is_due() -> bool:
        return f"upload    {upload['file_id']}" in _run(stack, "sweep", "--dry-run", SLUICE_PENDING_TTL_S="1").stdout

    eventually(is_due, "a plan to abort it")
    assert ledgers.s3.list_parts(Bucket=ledgers.bucket, Key=key, UploadId=upload_id)["Parts"]
    _run(stack, "sweep", SLUICE_PENDING_TTL_S="1")
    with pytest.raises(botocore.exceptions.ClientError, match="NoSuchUpload"):
        ledgers.s3.list_parts(Bucket=ledgers.bucket, Key=key, UploadId=upload_id)
    assert not is_due()


def test_sweep_removes_objects_without_a_record(stack: Stack, api: Sluice, ledgers: Ledgers) -> None:
    kept = api.upload(b"this one has a record")
    orphan = f"files/{uuid.uuid4()}/of nobody+ü.txt"
    ledgers.s3.put_object(Bucket=ledgers.bucket, Key=orphan, Body=DATA)
    assert orphan not in _run(stack, "sweep", "--dry-run").stdout, "it is younger than a day"
    done = _run(stack, "sweep", "--dry-run", "--orphan-age", "0")
    assert f"orphan    {orphan}\n" in done.stdout
    assert kept["object_key"] not in done.stdout
    assert orphan in ledgers.keys("files/")
    _run(stack, "sweep", "--orphan-age", "0")
    assert orphan not in ledgers.keys("files/")
    assert kept["object_key"] in ledgers.keys("files/")


def test_dead_events_are_listed(stack: Stack, ledgers: Ledgers) -> None:
    marker = f"nonsense of {uuid.uuid4()}"
    ledgers.queue.rpush("sluice:events", marker)
    eventually(lambda: any(row.get("raw") == marker for row in _json_lines(stack, "dead", "list", "--json")), "its row")
    assert marker in _run(stack, "dead", "list").stdout
    assert len(_json_lines(stack, "dead", "list", "--limit", "1", "--json")) == 1


def test_dead_events_are_replayed(stack: Stack, api: Sluice, ledgers: Ledgers, unreported: Ticket) -> None:
    dead = _kill_event(ledgers, _event(ledgers, unreported["object_key"]).encode())
    assert f"replayed {dead}" in _run(stack, "dead", "replay", str(dead)).stdout
    api.synced(unreported["file_id"])
    assert ledgers.value("SELECT count(*) FROM dead_events WHERE id = %s", dead) == 0
    _run(stack, "dead", "replay", str(dead), status=1)


def test_replaying_all_ends_even_if_they_die_again(
    stack: Stack, api: Sluice, ledgers: Ledgers, unreported: Ticket
) -> None:
    good = _kill_event(ledgers, _event(ledgers, unreported["object_key"]).encode())
    bad = _kill_event(ledgers, b"\xff\x00 never understood")
    done = _run(stack, "dead", "replay", "--all")
    assert {f"replayed {good}", f"replayed {bad}"} <= set(done.stdout.splitlines())
    api.synced(unreported["file_id"])
    eventually(lambda: len(ledgers.dead_events(b"\xff\x00 never understood", since=bad)) == 1, "its new row")
    eventually(ledgers.events_are_taken, "all that was replayed, of other tests too, has had its effect")


def test_events_send(stack: Stack, api: Sluice, ledgers: Ledgers, unreported: Ticket, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(_event(ledgers, unreported["object_key"]), encoding="utf-8")
    assert "1 notification with 1 event" in _run(stack, "events", "send", str(path)).stdout
    api.synced(unreported["file_id"])


def test_events_that_are_not_understood_are_not_sent(stack: Stack, ledgers: Ledgers, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    key = f"files/{uuid.uuid4()}"  # of nobody: if its event were sent, it would die
    path.write_text(_event(ledgers, key) + "\n{}\n", encoding="utf-8")
    assert "line 2" in _run(stack, "events", "send", str(path), status=1).stderr
    _run(stack, "events", "send", "-", status=1)  # nothing on standard input
    _run(stack, "events", "send", str(tmp_path / "none"), status=1)
    eventually(ledgers.events_are_taken, "whatever was sent has had its effect")
    assert ledgers.dead_events(key.encode()) == []


@pytest.mark.parametrize(
    "arguments",
    [["requeue"], ["requeue", "no-id"], ["requeue", "--all", NOBODY], ["dead"], ["dead", "replay"], ["events"]],
)
def test_wrong_usage_is_exit_2(stack: Stack, arguments: list[str]) -> None:
    assert _run(stack, *arguments, status=2).stderr.strip()
