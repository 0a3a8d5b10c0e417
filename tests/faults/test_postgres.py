"""Faults 17 to 21: Postgres restarts, dies in the middle of a commit, refuses, aborts transactions."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
from case import Case
from fault_stack import LEASE_S
from sluice_client import eventually, problem
from uploads import Upload

from devstack.service import http_ok

BIG = 3 * 1024 * 1024
Held = Callable[[Case], AbstractContextManager[Upload]]


def test_postgres_restarts(case: Case) -> None:
    """Fault 17: clients are told 503 for a moment and try again; every upload is SYNCED, once."""
    case.disturbed_uploads(100, case.stack.postgres.restart, 2)
    case.ledger.check()


def _kill_postgres(case: Case) -> None:
    case.stack.postgres.kill()
    case.stack.postgres.start()


def test_postgres_killed_under_load(case: Case) -> None:
    """Fault 18: kill -9 with commits under way."""
    case.disturbed_uploads(100, lambda: _kill_postgres(case), 2)
    case.ledger.check()


def _blocked(case: Case, application: str = "sluice-worker") -> int:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
    return int(case.ledger.value(sql, application))


@contextmanager
def _arrival_held(case: Case) -> Iterator[Upload]:
    """A file whose event, and the sweeper, wait inside their statements."""
    case.stack.processor.stop()
    upload = case.clients.upload(confirm=False)
    with psycopg.connect(case.ledger.database_url) as blocker:
        blocker.execute("SELECT 1 FROM files WHERE id = %s FOR UPDATE", [upload.file_id])
        case.stack.processor.start()
        eventually(lambda: _blocked(case), "an event that waits")
        yield upload


@contextmanager
def _claim_held(case: Case) -> Iterator[Upload]:
    """A file whose claim waits inside its statement."""
    case.stack.processor.stop()
    upload = case.clients.upload()
    with psycopg.connect(case.ledger.database_url) as blocker:
        blocker.execute("SELECT 1 FROM files WHERE id = %s FOR UPDATE", [upload.file_id])
        case.stack.processor.start()
        eventually(lambda: _blocked(case), "a claim that waits")
        yield upload


@contextmanager
def _settlement_held(case: Case) -> Iterator[Upload]:
    """A file whose settlement waits inside its statement."""
    with psycopg.connect(case.ledger.database_url) as blocker:
        with case.stack.link("processor-s3").slow(64):
            upload = case.clients.upload(BIG, method="put")
            case.ledger.worker_of(upload)
            blocker.execute("SELECT 1 FROM files WHERE id = %s FOR UPDATE", [upload.file_id])
        eventually(lambda: _blocked(case), "a settlement that waits")
        yield upload


@pytest.mark.parametrize("held", [_arrival_held, _claim_held, _settlement_held])
def test_postgres_killed_inside_a_change(case: Case, held: Held) -> None:
    """Fault 18: killed while the statement that takes an event, claims or finishes a file is half done. It is done
    anew, once."""
    with contextlib.suppress(psycopg.OperationalError), held(case):  # our own connection dies with it
        case.stack.postgres.kill()
    case.stack.postgres.start()
    case.ledger.check()


def _lose_the_answer(case: Case, held: Held, *committed: str) -> Upload:
    """The statement that was held goes on and commits, and its connection dies with the answer."""
    link = case.stack.link("processor-db")
    with contextlib.ExitStack() as muted:
        with held(case) as upload:
            muted.enter_context(link.mute())
        eventually(lambda: case.ledger.status(upload) in committed, f"the commit of {' or '.join(committed)}")
        link.cut()
    return upload


def test_answer_of_a_settlement_is_lost(case: Case) -> None:
    """Fault 18: the commit has happened and nobody heard so. The worker asks again, finds it done, repeats nothing."""
    _lose_the_answer(case, _settlement_held, "SYNCED")
    case.ledger.check()
    assert {row.attempts for row in case.ledger.records().values()} == {1}, "no file was processed twice"


def test_answer_of_an_arrival_is_lost(case: Case) -> None:
    """Fault 18: an event has had its effect and its worker does not know, nor of the job that it got with it. Taken
    again, the event has no second effect, and the job does not stay claimed."""
    upload = _lose_the_answer(case, _arrival_held, "UPLOADED", "SYNCING")
    case.synced(upload, 3 * LEASE_S + 10)
    case.ledger.check()


def test_answer_of_a_claim_is_lost(case: Case) -> None:
    """Fault 18: a worker has claimed a file and does not know it. The claim must not live as long as the worker does:
    the file is processed soon after its lease would have ended."""
    upload = _lose_the_answer(case, _claim_held, "SYNCING")
    case.synced(upload, 3 * LEASE_S + 10)
    case.ledger.check()


def test_answer_of_a_presign_or_a_confirm_is_lost(case: Case) -> None:
    """Fault 18, in the API: its statement is committed and the connection dies with the answer; the client, which
    tries again, gets one file and one confirmation."""
    case.disturbed_uploads(80, case.stack.link("api-db").cut, 6)
    case.ledger.check()


def test_postgres_down(case: Case) -> None:
    """Fault 19: a caller is told 503 with Retry-After, soon; readiness is false and names the database, the process is
    alive; all resumes by itself."""
    before = case.clients.upload()
    case.synced(before)
    case.stack.postgres.stop()
    try:
        reply = case.api.post("/files/presigned-upload", {"filename": "a.txt"}, timeout=15)
        problem(reply, 503)
        assert int(reply.headers["Retry-After"]) >= 0
        problem(case.api.get(f"/files/{before.file_id}", timeout=15), 503)
        eventually(lambda: case.api.get("/readyz", timeout=15).status_code == 503, "not ready", 40)
        ready = case.api.get("/readyz", timeout=15)
        assert "database" in ready.text.lower() or "postgres" in ready.text.lower()
        assert case.api.get("/healthz").status_code == 200
        assert http_ok(f"{case.stack.processor.url}/healthz")
    finally:
        case.stack.postgres.start()
    eventually(lambda: case.api.get("/readyz").status_code == 200, "ready again", 40)
    case.clients.upload_many(8)
    case.ledger.check()


def test_postgres_stands_still(case: Case) -> None:
    """Fault 19, worse: Postgres hangs (SIGSTOP) instead of refusing. A caller is answered within the request's
    deadline all the same, and what was uploaded meanwhile is SYNCED afterwards."""
    upload, ticket = case.clients.presign(b"x" * 5000)
    case.stack.postgres.pause()
    try:
        case.clients.send(upload, ticket)
        reply = case.api.post("/files/presigned-upload", {"filename": "a.txt"}, timeout=40)
        problem(reply, 503)
    finally:
        case.stack.postgres.resume()
    case.ledger.check()


@contextmanager
def _database_setting(case: Case, assignment: str) -> Iterator[None]:
    """Every new connection of the daemons has this setting; both are connected anew before and after."""
    name = assignment.split()[0]
    case.ledger.rows(f"ALTER DATABASE sluice SET {assignment}")
    for link in ("api-db", "processor-db"):
        case.stack.link(link).cut()
    try:
        yield
    finally:
        case.ledger.rows(f"ALTER DATABASE sluice RESET {name}")
        for link in ("api-db", "processor-db"):
            case.stack.link(link).cut()


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_serialization_failures(case: Case, level: str) -> None:
    """Fault 20: at a stricter isolation level Postgres aborts statements that meet; they are done again."""
    with _database_setting(case, f"default_transaction_isolation TO '{level}'"):
        case.clients.upload_many(60, threads=6)
        case.ledger.settle()
    case.ledger.check()


def _deadlock(case: Case, upload: Upload) -> None:
    """Holds the file that the worker's settlement wants, and asks for the queue row that the settlement holds. The
    worker's own check finds the circle first, because ours never looks."""
    with psycopg.connect(case.ledger.database_url) as session:
        session.execute("SET deadlock_timeout = '1h'")
        session.execute("SELECT 1 FROM files WHERE id = %s FOR UPDATE", [upload.file_id])
        case.stack.processor.start()
        eventually(lambda: _blocked(case), "a worker that waits for the file")
        session.execute("SELECT 1 FROM processing_queue WHERE file_id = %s FOR UPDATE", [upload.file_id])


def test_deadlock(case: Case) -> None:
    """Fault 20: a worker's statement is chosen as the victim of a deadlock; the file is SYNCED all the same."""
    case.stack.processor.stop()
    with _database_setting(case, "deadlock_timeout TO '3s'"):
        upload = case.clients.upload(confirm=True)
        _deadlock(case, upload)
        case.ledger.check()
    log = case.stack.postgres.log_path.read_text(errors="replace")
    assert "deadlock detected" in log, "the test made no deadlock"


def test_connections_exhausted(case: Case) -> None:
    """Fault 21: others have taken every connection. Callers are told 503 within a bounded time; what is uploaded
    meanwhile is SYNCED once there are connections again."""
    upload, ticket = case.clients.presign(b"y" * 5000)
    hoard: list[psycopg.Connection] = []
    try:
        _take_every_connection(case, hoard)
        reply = case.api.post("/files/presigned-upload", {"filename": "a.txt"}, timeout=30)
        problem(reply, 503)
        assert "Retry-After" in reply.headers
        case.clients.send(upload, ticket)
    finally:
        for connection in hoard:
            connection.close()
    case.clients.upload_many(4)
    case.ledger.check()


def _take_every_connection(case: Case, hoard: list[psycopg.Connection]) -> None:
    """Takes what is free, ends those of the daemons, and takes these too."""
    url = case.ledger.database_url

    def take() -> None:
        while True:
            try:
                hoard.append(psycopg.connect(url, connect_timeout=5, autocommit=True))
            except psycopg.OperationalError as refusal:
                assert "too many" in str(refusal) or "remaining connection slots" in str(refusal), refusal
                return

    sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'sluice%'"
    take()

    def nobody_else() -> bool:
        row = hoard[0].execute(sql).fetchone()
        take()
        return row is not None and row[0] == 0

    eventually(nobody_else, "the daemons have no connection", 40)
