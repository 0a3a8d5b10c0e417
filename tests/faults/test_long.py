"""The long scenarios, by `./dev test faults --long`: thousands of uploads while something dies all the time."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from case import Case, repeatedly
from fault_stack import LEASE_S
from network import lossy_host, missing_tools

from devstack.service import Service

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]

SETTLE_S = 300.0
CLIENTS = 8


@pytest.fixture(autouse=True)
def _figures(case: Case, count: int) -> Iterator[None]:
    """Prints what the case did: read it with `-s`, or in the report."""
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    records = case.ledger.records().values()
    attempts = max((row.attempts for row in records), default=0)
    stored = sum(upload.is_stored for upload in case.clients.uploads)
    synced = sum(row.status == "SYNCED" for row in records)
    print(f"{stored} of {count} uploads stored, {synced} SYNCED, most attempts {attempts}, {seconds:.0f} s")


def _upload_all(case: Case, count: int) -> None:
    case.clients.upload_many(count, threads=CLIENTS)
    case.ledger.settle(SETTLE_S)


def test_a_worker_killed_each_second(case: Case, count: int) -> None:
    """Fault 9: one of four workers is killed each second: 0 lost, 0 doubled."""
    with repeatedly(case.stack.kill_worker, 1) as kills:
        _upload_all(case, count)
    print(f"{len(kills)} workers killed")
    case.ledger.check(SETTLE_S)


def test_every_service_restarted_in_turn(case: Case, count: int) -> None:
    """Faults 11, 17 and 22: Redis, Postgres and the store are restarted in turn, one each 30 seconds."""
    turn: Iterator[Service] = itertools.cycle((case.stack.redis, case.stack.postgres, case.stack.store))

    def restart() -> str:
        service = next(turn)
        service.restart()
        return service.name

    with repeatedly(restart, 30) as restarts:
        _upload_all(case, count)
    print(f"restarted: {restarts}")
    case.ledger.check(SETTLE_S)


def test_every_service_killed_in_turn(case: Case, count: int) -> None:
    """Faults 12, 18 and 24: the same by kill -9, each 10 seconds, and a worker each second as well."""
    turn: Iterator[Service] = itertools.cycle((case.stack.redis, case.stack.postgres, case.stack.store))

    def kill() -> str:
        service = next(turn)
        service.kill()
        service.start()
        return service.name

    with repeatedly(kill, 10) as kills, repeatedly(case.stack.kill_worker, 1):
        _upload_all(case, count)
    print(f"killed: {kills}")
    case.ledger.check(SETTLE_S)


def test_flushall_again_and_again(case: Case, count: int) -> None:
    """Fault 13: FLUSHALL each 10 seconds, and a worker killed each second."""
    flush: Callable[[], object] = case.ledger.queue.flushall
    with repeatedly(flush, 10) as flushed, repeatedly(case.stack.kill_worker, 1):
        _upload_all(case, count)
    print(f"{len(flushed)} times FLUSHALL")
    case.ledger.check(SETTLE_S)


def test_two_hosts_that_lose_packets(case: Case, count: int) -> None:
    """Fault 26: two processors, each in a network namespace of its own in which 5 % of the packets are lost, and the
    first one's host is frozen for longer than a lease now and then."""
    missing = missing_tools()
    assert not missing, f"{missing} not installed; ./dev test installs them"
    case.stack.processor.stop()
    with ExitStack() as hosts:
        processors = [hosts.enter_context(lossy_host(case.stack, number, 5)) for number in (1, 2)]
        for processor in processors:
            hosts.callback(processor.stop)
            processor.start()

        def freeze() -> None:
            processors[0].pause()
            end = time.monotonic() + 2 * LEASE_S  # how long the fault lasts
            while time.monotonic() < end:
                time.sleep(0.1)
            processors[0].resume()

        with repeatedly(freeze, 20):
            _upload_all(case, count)
        case.ledger.check(SETTLE_S)
