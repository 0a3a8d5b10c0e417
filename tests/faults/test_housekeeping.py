"""What the housekeeper does by itself: stale multipart uploads, late objects, orphans, old rows, several sweeps."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import botocore.exceptions
import psycopg
import pytest
import requests
from case import Case
from sluice_client import eventually, problem

SOON = {"SLUICE_PENDING_TTL_S": "2"}
AUDIT = {"SLUICE_AUDIT_INTERVAL_S": "1", "SLUICE_ORPHAN_AGE_S": "1"}
SWEEP_LOCK = 495774655856


def _metric(case: Case, name: str) -> float:
    session = requests.Session()
    session.trust_env = False
    lines = session.get(f"{case.stack.processor.url}/metrics", timeout=10).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def test_multipart_upload_that_nobody_completes(case: Case) -> None:
    """It expires with the parts that arrived: the store has nothing of it any more; a late completion is refused."""
    with case.stack.processor_with(**SOON):
        upload = case.api.post("/s3/multipart", {"filename": "big.bin", "type": "application/octet-stream"}).json()
        part = {"Bucket": case.ledger.bucket, "Key": upload["key"], "UploadId": upload["uploadId"]}
        etag = case.ledger.s3.upload_part(**part, PartNumber=1, Body=b"half of it" * 1000)["ETag"]

        def is_gone() -> bool:
            try:
                case.ledger.s3.list_parts(**part)
            except botocore.exceptions.ClientError as error:
                return "NoSuchUpload" in str(error)
            return False

        eventually(is_gone, "the parts are gone", 40)
        eventually(lambda: case.api.record(upload["file_id"])["status"] == "EXPIRED", "EXPIRED", 40)
        rows = "SELECT count(*) FROM multipart_uploads WHERE file_id = %s"
        eventually(lambda: case.ledger.value(rows, upload["file_id"]) == 0, "its row is gone", 40)
        assert _metric(case, 'sluice_swept_total{result="aborted"}') == 1
    path = f"/s3/multipart/{upload['uploadId']}/complete?key={upload['key']}"
    problem(case.api.post(path, {"parts": [{"PartNumber": 1, "ETag": etag}]}), 404)
    case.ledger.check()


@pytest.mark.parametrize("is_reported", [True, False], ids=["event", "audit"])
def test_object_that_arrives_after_its_file_expired(case: Case, is_reported: bool) -> None:
    """The store has said 200, so the file comes back to life: by the event, or else by the comparison of the bucket."""
    with case.stack.processor_with(**SOON, **({} if is_reported else AUDIT)):  # not both: either may be the faster one
        upload, ticket = case.clients.presign(b"too late" * 100, "put")
        eventually(lambda: case.ledger.status(upload) == "EXPIRED", "EXPIRED", 40)
        if is_reported:
            case.clients.send(upload, ticket)
        else:
            with case.silent_store():
                case.clients.send(upload, ticket)
        case.synced(upload)
        arrived = "sluice_audit_arrived_total"
        eventually(lambda: _metric(case, arrived) == (0 if is_reported else 1), "counted")
    case.ledger.check()


def test_expired_file_that_is_asked_for_again(case: Case) -> None:
    """POST retry signs a new URL and makes it PENDING again, so that the sweeper waits for it once more."""
    with case.stack.processor_with(**SOON):
        upload, _ = case.clients.presign(b"once more" * 100, "put")
        eventually(lambda: case.ledger.status(upload) == "EXPIRED", "EXPIRED", 40)
    reply = case.api.post(f"/files/{upload.file_id}/retry")
    assert (reply.status_code, reply.json()["status"]) == (200, "PENDING"), reply.text
    assert case.ledger.status(upload) == "PENDING"
    with case.silent_store():
        case.clients.send(upload, reply.json())
    case.synced(upload)
    case.ledger.check()


def test_orphans_are_counted_and_deleted_only_on_demand(case: Case) -> None:
    kept = case.clients.upload()
    case.synced(kept)
    orphan = f"files/{uuid.uuid4()}/of nobody+ü.txt"
    with case.silent_store():
        case.ledger.s3.put_object(Bucket=case.ledger.bucket, Key=orphan, Body=b"nobody's")
    since = case.stack.log_end()

    def seen() -> bool:
        return any(line["orphans"] == 1 and line["first_orphan"] == orphan for line in done())

    def done() -> list[dict[str, object]]:
        return case.stack.logged("audit_done", since)

    with case.stack.processor_with(**AUDIT):
        eventually(seen, "the orphan was counted", 40)
        eventually(lambda: _metric(case, "sluice_orphans ") == 1, "shown")
        passes = len(done())
        eventually(lambda: len(done()) > passes, "another comparison", 40)
        assert orphan in case.ledger.objects()
    with case.stack.processor_with(**AUDIT, SLUICE_ORPHAN_DELETE="true"):
        eventually(lambda: orphan not in case.ledger.objects(), "the orphan was deleted", 40)
        eventually(lambda: _metric(case, "sluice_orphans_deleted_total") == 1, "and counted", 40)
    case.ledger.check()


def test_overwrite_that_nobody_reported(case: Case) -> None:
    """Fault 35 without its event: the comparison of the bucket finds it, and finds it restored."""
    upload = case.clients.upload(method="put")
    case.synced(upload)
    with case.stack.processor_with(**AUDIT):
        for body, code in ((b"other bytes", "OBJECT_CHANGED"), (upload.data, None)):
            with case.silent_store():
                case.ledger.s3.put_object(Bucket=case.ledger.bucket, Key=upload.key, Body=body)
            eventually(lambda c=code: case.ledger.records()[upload.file_id].code == c, f"code {code}", 40)
        assert _metric(case, "sluice_objects_changed_total") == 1, "once, although it was compared again and again"
    case.ledger.check()


def test_old_rows_are_purged(case: Case) -> None:
    """By the default ages: 30 days for dead events, 7 for announcements, whatever became of them."""
    bury = (
        "INSERT INTO dead_events (raw, reason, received_at)"
        " VALUES ('', 'made by a test', now() - make_interval(days => %s)) RETURNING id"
    )
    old, young = case.ledger.value(bury, 31), case.ledger.value(bury, 29)
    announce = (
        "INSERT INTO outbox (topic, file_id, owner_id, created_at)"
        " VALUES ('file.deleted', gen_random_uuid(), 'x', now() - make_interval(days => %s)) RETURNING id"
    )
    gone, stays = case.ledger.value(announce, 8), case.ledger.value(announce, 6)
    dead = "SELECT count(*) FROM dead_events WHERE id = %s"
    told = "SELECT count(*) FROM outbox WHERE id = %s"
    # both are looked at from the oldest id on; those of other cases are younger and stand before them
    case.ledger.rows("UPDATE dead_events SET received_at = now() - interval '31 days' WHERE id < %s", old)
    case.ledger.rows("UPDATE outbox SET created_at = now() - interval '8 days' WHERE id < %s", gone)
    eventually(lambda: case.ledger.value(dead, old) == 0, "the old dead event is gone", 40)
    eventually(lambda: case.ledger.value(told, gone) == 0, "the old announcement is gone", 40)
    assert (case.ledger.value(dead, young), case.ledger.value(told, stays)) == (1, 1)
    case.ledger.rows("DELETE FROM dead_events WHERE id = %s", young)
    case.ledger.rows("DELETE FROM outbox WHERE id = %s", stays)
    case.ledger.check()


def _sweep(case: Case, *arguments: str, status: int = 0) -> str:
    done = case.stack.cli.run("sweep", *arguments, check=False)
    assert done.returncode == status, done
    return str(done.stdout)


def test_many_sweeps_at_once(case: Case) -> None:
    """Three operators and the processor sweep at the same time: every object is found once."""
    with case.stack.no_processor(), case.silent_store():
        for _ in range(40):
            case.clients.upload(confirm=False, method="put")
    with ThreadPoolExecutor(3) as pool:
        outputs = [future.result() for future in [pool.submit(_sweep, case) for _ in range(3)]]
    found = [line.split()[1] for text in outputs for line in text.splitlines() if line.startswith("found ")]
    assert len(found) == len(set(found)), "found twice"
    case.ledger.check()


def test_sweep_waits_for_another(case: Case) -> None:
    """While another holds the lock a dry run goes on, and a real one waits for it."""
    with case.stack.no_processor(), psycopg.connect(case.ledger.database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (SWEEP_LOCK,))
        assert "nothing was changed" in _sweep(case, "--dry-run")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(_sweep, case)
            asked = (
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sluice'"
                " AND query LIKE '%%pg_try_advisory_lock%%'"
            )
            eventually(lambda: case.ledger.value(asked) == 1, "the sweep asks for the lock", 40)
            assert not waiting.done()
            other.execute("SELECT pg_advisory_unlock(%s)", (SWEEP_LOCK,))
            assert "removed" in waiting.result()
    case.ledger.check()
