"""Fault 29: the machine itself is short of something."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import requests
from case import Case
from sluice_client import eventually

from devstack.process import Process, wait_until


def _lowest_free(process: Process) -> int:
    """The number its next file would get. The limit is one of numbers, so a gap below it would be one file more."""
    used = {int(path.name) for path in Path(f"/proc/{process.pid}/fd").iterdir()}
    return next(number for number in count() if number not in used)


@contextmanager
def _no_more_files(processes: list[Process]) -> Iterator[None]:
    """They may not open one file, or connection, more than they have."""
    before = {process: resource.prlimit(process.pid, resource.RLIMIT_NOFILE) for process in processes}
    for process, (_soft, hard) in before.items():
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (_lowest_free(process), hard))
    try:
        yield
    finally:
        for process, limits in before.items():
            if process.alive():
                resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limits)


def test_workers_without_file_descriptors(case: Case) -> None:
    """Fault 29: workers cannot open a connection any more, and those they had are cut. They live, wait, and finish
    everything once they can."""
    case.clients.upload_many(8)
    case.all_synced()
    workers = case.stack.children()
    since = case.stack.log_end()
    with _no_more_files(list(workers.values())):
        for name in ("s3", "redis", "db"):
            case.stack.link(f"processor-{name}").cut()
        case.clients.upload_many(12)
        eventually(lambda: len(case.stack.logged("dependency_down", since)) >= 4, "workers that notice", 40)
        eventually(lambda: case.api.get("/healthz").ok, "the API is not concerned", 40)
    case.ledger.check()
    assert {name: process.pid for name, process in case.stack.children().items()} == {
        name: process.pid for name, process in workers.items()
    }, "no worker had to die for it"


def test_api_without_file_descriptors(case: Case) -> None:
    """Fault 29: the API can accept no connection more. It does not die, does not spin, and serves when it can again."""
    api = Process.of(case.stack.api.pid)
    since = case.stack.log_end("api")
    with _no_more_files([api]):
        try:
            reply = requests.get(f"{case.stack.api.url}/healthz", timeout=2)
            assert reply.status_code in (200, 503)
        except requests.RequestException:
            pass  # nobody could be told
        used = _cpu_ticks(api)
        end = time.monotonic() + 1  # a measurement over this time, not a synchronisation
        wait_until(lambda: time.monotonic() >= end, 2)
        assert _cpu_ticks(api) - used < 50, "it spins while it cannot accept"
        assert case.stack.logged("cannot_accept", since, "api"), "it says why nobody is served"
    eventually(lambda: _answers(case), "served again", 40)
    assert case.stack.api.pid == api.pid
    case.clients.upload_many(8)
    case.ledger.check()


def _cpu_ticks(process: Process) -> int:
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _answers(case: Case) -> bool:
    try:
        return requests.get(f"{case.stack.api.url}/healthz", timeout=2).status_code == 200
    except requests.RequestException:
        return False
