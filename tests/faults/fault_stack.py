"""A stack whose daemons reach every service through a link that can be disturbed, tuned to notice loss quickly."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sluice_client import eventually
from toxiproxy import Link, Toxiproxy

from devstack.daemons import Daemon, Processor
from devstack.paths import make_dir
from devstack.process import Process
from devstack.stack import Stack
from devstack.stores import DEFAULT

LEASE_S = 4
SWEEP_INTERVAL_S = 2
SWEEP_AGE_S = 1

SETTINGS = {
    "SLUICE_LOG_FORMAT": "json",
    "SLUICE_WORKERS": "4",
    "SLUICE_LEASE_S": str(LEASE_S),
    "SLUICE_SWEEP_INTERVAL_S": str(SWEEP_INTERVAL_S),
    "SLUICE_SWEEP_AGE_S": str(SWEEP_AGE_S),
    "SLUICE_RETRY_BASE_MS": "50",
    "SLUICE_RETRY_MAX_MS": "2000",
    "SLUICE_POLL_MS": "200",
    "SLUICE_DRAIN_TIMEOUT_S": "10",
    "SLUICE_CACHE_MAX_BYTES": "1MiB",
    "SLUICE_WEBHOOK_ALLOW_HTTP": "true",
    "SLUICE_WEBHOOK_ALLOW_PRIVATE": "true",
    "SLUICE_WEBHOOK_TIMEOUT_S": "1",
    "SLUICE_WEBHOOK_RETRY_BASE_MS": "100",
    "SLUICE_WEBHOOK_RETRY_MAX_MS": "2000",
    "SLUICE_WEBHOOK_PAUSE_MAX_MS": "500",
    "SLUICE_WEBHOOK_ENDPOINT_CONNECTIONS": "8",
}

LINKED = {
    "db": "SLUICE_DATABASE_URL",
    "redis": "SLUICE_REDIS_URL",
    "cache": "SLUICE_CACHE_REDIS_URL",
    "s3": "SLUICE_S3_ENDPOINT",
}


class FaultStack(Stack):
    """Links are named `api-db`, `processor-s3` and so on; further processors share those of the first."""

    def __init__(self, folder: Path, preset: str) -> None:
        super().__init__(folder, preset, SETTINGS, DEFAULT)
        self.proxy = Toxiproxy(self.state)
        self.spool = folder / "spool"

    def _start_all(self) -> None:
        make_dir(self.spool)
        self.proxy.start()
        for daemon in (self.api, self.processor):
            daemon.extra_environment |= self.add_links(daemon.name) | self._spool_settings()
        self.normal = {daemon.name: dict(daemon.extra_environment) for daemon in (self.api, self.processor)}
        super()._start_all()

    def _spool_settings(self) -> dict[str, str]:
        """Every picture goes through a file, which the ledger must not find."""
        return {"TMPDIR": str(self.spool), "SLUICE_SPOOL_DIR": str(self.spool), "SLUICE_SPOOL_MEMORY_BYTES": "0"}

    def add_links(self, daemon: str, host: str = "127.0.0.1") -> dict[str, str]:
        """Settings that lead a daemon through links of its own."""
        settings = self.program_settings()
        linked = {}
        for name, setting in LINKED.items():
            parts = urlsplit(settings[setting])
            login, at, upstream = parts.netloc.rpartition("@")
            address = self.proxy.add(f"{daemon}-{name}", upstream, host)
            linked[setting] = urlunsplit(parts._replace(netloc=f"{login}{at}{address}"))
        return linked

    def link(self, name: str) -> Link:
        return Link(self.proxy, name)

    @contextmanager
    def configured(self, daemon: Daemon, **changes: str) -> Iterator[None]:
        """The daemon runs with these variables as well; afterwards it runs as before. It may be stopped inside."""
        daemon.stop()
        daemon.extra_environment |= changes
        try:
            yield
        finally:
            daemon.stop()
            daemon.extra_environment = dict(self.normal[daemon.name])
            daemon.start()

    @contextmanager
    def processor_with(self, **changes: str) -> Iterator[None]:
        with self.configured(self.processor, **changes):
            self.processor.start()
            yield

    @contextmanager
    def no_processor(self) -> Iterator[None]:
        """What happens inside, nobody processes until the end."""
        self.processor.stop()
        yield
        self.processor.start()

    def heal(self) -> None:
        """Whatever a failed test left down, paused or configured is put right."""
        self.proxy.heal()
        for service in self.services.values():
            if service.alive():
                service.resume()
            service.start()

    def logged(self, event: str, since: int, daemon: str = "processor") -> list[dict[str, Any]]:
        """The lines of this event that a daemon logged from this offset of its log on."""
        with open(self.log_dir / f"{daemon}.log", "rb") as file:
            file.seek(since)
            wanted = [line for line in file if f'"event":"{event}"'.encode() in line]
        return [json.loads(line) for line in wanted]

    def log_end(self, daemon: str = "processor") -> int:
        return (self.log_dir / f"{daemon}.log").stat().st_size

    def children(self, role: str = "worker", processor: Processor | None = None) -> dict[str, Process]:
        """The living children of a processor by the name that queue rows hold; never a process of anyone else."""
        processor = processor or self.processor
        tree = Process.of(processor.pid).tree()[1:]
        own = {member.pid: member for member in tree if member.alive()}
        started = self.logged("child_started", 0, processor.name)
        return {
            line["child"]: own[line["child_pid"]]
            for line in started
            if f"-{role}" in line["child"] and line["pid"] == processor.pid and line["child_pid"] in own
        }

    def kill_worker(self, name: str | None = None) -> str:
        """kill -9 of one worker, by name or any; returns the name."""
        workers = eventually(self.children, "a worker that lives", 20)
        name = name or next(iter(sorted(workers, key=lambda _: os.urandom(4))))
        workers[name].signal(signal.SIGKILL)
        return name
