"""Faults 1 to 10: workers and supervisors that are killed, stopped, hung or asked to end."""

import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from case import Case, repeatedly
from fault_stack import LEASE_S
from sluice_client import eventually

from devstack.process import Process, wait_until

POINTS = ("ingest_moved", "ingest_committed", "claimed", "fetched", "cached", "settle_before", "settle_after")
BIG = 3 * 1024 * 1024


@pytest.mark.parametrize("point", POINTS)
def test_worker_dies_at_a_crash_point(case: Case, point: str) -> None:
    """Faults 1, 4 and 5: each of the first workers kills itself at the same place, with work in hand. Users see all of
    their files SYNCED, once."""
    case.stack.processor.stop()
    case.clients.upload_many(40)
    since = case.stack.log_end()
    with case.stack.processor_with(SLUICE_CRASH_AT=point):
        case.ledger.check()
        deaths = case.stack.logged("child_died", since)
    assert [line for line in deaths if line["status"] == -signal.SIGKILL], f"nobody died at {point}"


def test_supervisor_killed(case: Case) -> None:
    """Fault 2: kill -9 of the supervisor under load. Its workers end by themselves, and the next one finishes all."""
    with ThreadPoolExecutor(4) as pool:
        uploads = case.clients.start_many(pool, 100)
        eventually(lambda: sum(upload.done() for upload in uploads) > 20, "the first uploads")
        family = Process.of(case.stack.processor.pid).tree()
        case.stack.processor.kill()
        assert wait_until(lambda: not any(member.alive() for member in family), 15), "workers outlived their supervisor"
        case.stack.processor.start()
        for upload in uploads:
            upload.result()
    case.ledger.check()


def test_whole_processor_killed_at_once(case: Case) -> None:
    """Fault 2, as a power cut: supervisor and workers die in the same moment, three times, and the queue is taken up
    again each time: jobs when their lease is over, events when their worker was silent for two leases."""
    with ThreadPoolExecutor(4) as pool:
        uploads = case.clients.start_many(pool, 120)
        for third in (20, 50, 80):
            eventually(lambda wanted=third: sum(upload.done() for upload in uploads) > wanted, "some uploads")
            for member in Process.of(case.stack.processor.pid).tree():
                member.signal(signal.SIGKILL)
            assert case.stack.processor.process.wait(10)
            case.stack.processor.start()
        for upload in uploads:
            upload.result()
    case.ledger.check()


def test_worker_killed_while_it_downloads(case: Case) -> None:
    """Fault 3: kill -9 with half of an object read. The file is SYNCED by another, soon, and nothing is left of the
    first one's half: the ledger looks into the spool."""
    since = case.stack.log_end()

    def logged(event: str) -> list[datetime]:
        lines = case.stack.logged(event, since)
        return [datetime.fromisoformat(line["time"]) for line in lines if line["child"] == worker]

    with case.stack.link("processor-s3").slow(64):
        upload = case.clients.upload(BIG, method="put")
        worker = case.ledger.worker_of(upload)
        case.stack.kill_worker(worker)
        (taken_back,) = eventually(lambda: logged("jobs_taken_back"), "its job was taken back")
        assert (taken_back - logged("child_died")[0]).total_seconds() <= 2  # by the supervisor's own clock
    case.ledger.check()
    assert case.ledger.job(upload, "attempts") == (2,)


def test_worker_stopped_past_its_lease_is_fenced(case: Case) -> None:
    """Fault 6: SIGSTOP in the middle of a job, for longer than the lease; another worker does the job; SIGCONT. The
    first one's late result is refused, and the record is right."""
    since = case.stack.log_end()
    with case.stack.link("processor-s3").slow(64):
        upload = case.clients.upload(BIG, method="put")
        name = case.ledger.worker_of(upload)
        worker = case.stack.children()[name]
        worker.signal(signal.SIGSTOP)
    case.synced(upload, LEASE_S + 20)
    first = case.ledger.records()[upload.file_id]
    worker.signal(signal.SIGCONT)

    def refused() -> list[object]:
        lines = case.stack.logged("lease_lost", since)
        return [line for line in lines if line["file_id"] == upload.file_id and line["pid"] == worker.pid]

    eventually(refused, "the late result was refused", 30)
    case.ledger.check()
    assert case.ledger.records()[upload.file_id] == first
    assert case.stack.children()[name].pid == worker.pid, "a worker that was stopped goes on afterwards"


def test_processor_stopped_past_its_lease_while_another_host_works(case: Case) -> None:
    """Fault 6, a whole host that freezes: its leases end, a second processor does its jobs, and nothing happens twice
    when it comes back."""
    case.stack.processor.stop()
    case.clients.upload_many(60)
    case.stack.processor.start(wait=False)
    eventually(case.jobs_under_way, "the first processor has jobs")
    case.stack.processor.pause()
    other = case.stack.add_processor(2)
    other.start()
    try:
        case.ledger.settle()
        case.stack.processor.resume()
        case.stack.processor.wait_ready()
        case.ledger.check()
    finally:
        other.stop()


def test_sigterm_under_load_drains(case: Case) -> None:
    """Fault 7: SIGTERM with a backlog: it ends within the deadline of the drain, leaves no job claimed, no event on a
    list of its own, and spends no attempt of the jobs it gives back."""
    case.stack.processor.stop()
    case.clients.upload_many(100)
    case.stack.processor.start(wait=False)
    eventually(case.jobs_under_way, "jobs under way")
    process = case.stack.processor.process
    process.signal(signal.SIGTERM)
    assert process.wait(20), "it did not end within SLUICE_DRAIN_TIMEOUT_S, and a slow machine's time on top"
    assert case.jobs_under_way() == 0
    assert not list(case.ledger.queue.scan_iter("sluice:events:worker:*", count=1000))
    case.stack.processor.start()
    case.ledger.check()
    assert {row.attempts for row in case.ledger.records().values()} == {1}


def test_no_processor_for_a_while(case: Case) -> None:
    """Fault 8: nobody processes while users upload. They see UPLOADED or PENDING, never an error, and SYNCED as soon
    as a processor is back. (How long it was away makes no difference to it: nothing here ages but the signed URL.)"""
    with case.stack.no_processor():
        case.clients.upload_many(60)
        assert {case.ledger.status(upload) for upload in case.clients.uploads} == {"PENDING", "UPLOADED"}
    case.ledger.check()


def test_workers_killed_again_and_again(case: Case) -> None:
    """Fault 9, short: 300 uploads while one of four workers is killed three times a second: none lost, none doubled."""
    with repeatedly(case.stack.kill_worker, 0.33) as kills:
        case.clients.upload_many(300)
        case.ledger.settle()
    assert len(kills) >= 3
    case.ledger.check()


def test_job_past_its_deadline(case: Case) -> None:
    """Fault 10: the worker lives, but its download never ends. The supervisor ends it at the job's deadline, the file
    is tried again, and other files are not held up."""
    with case.stack.processor_with(SLUICE_JOB_DEADLINE_S="3"):
        since = case.stack.log_end()
        with case.stack.link("processor-s3").slow(64):
            upload = case.clients.upload(BIG, method="put")
            case.ledger.worker_of(upload)
            eventually(lambda: case.stack.logged("child_overdue", since), "the supervisor ended it", 40)
        case.ledger.check()
        assert case.ledger.job(upload, "attempts")[0] >= 2


def test_worker_that_was_replaced_leaves_no_sign_of_life(case: Case) -> None:
    """Fault 1, what operators see: the heartbeats of dead workers go away, so that the set of workers does not grow."""
    for _ in range(3):
        case.stack.kill_worker()

    def beating() -> set[str]:
        return {name.decode() for name in case.ledger.queue.zrange("sluice:events:workers", 0, -1)}

    eventually(lambda: beating() <= set(case.stack.children()), "only living workers beat", 3 * LEASE_S)
    case.clients.upload_many(4)
    case.ledger.check()


def test_repeated_deaths_exhaust_the_attempts(case: Case) -> None:
    """Fault 1, to the end: a file whose every worker dies is FAILED with ATTEMPTS_EXHAUSTED, and the others live."""
    with case.stack.processor_with(SLUICE_MAX_ATTEMPTS="2"):
        with case.stack.link("processor-s3").slow(64):
            upload = case.clients.upload(BIG, method="put")
            for attempt in (1, 2):
                eventually(lambda wanted=attempt: case.ledger.job(upload, "status, attempts") == ("processing", wanted),
                           f"attempt {attempt}", 20)  # fmt: skip
                case.stack.kill_worker(case.ledger.worker_of(upload))
            upload.code = "ATTEMPTS_EXHAUSTED"
            eventually(lambda: case.ledger.status(upload) == "FAILED", "FAILED", 40)
        case.clients.upload_many(4)
        case.ledger.check()
