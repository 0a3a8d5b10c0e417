"""What processes cost, from /proc: CPU seconds and memory of a program with all its children."""

import os
from dataclasses import dataclass
from pathlib import Path

from devstack.process import Process
from devstack.service import Service

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024


def _members(service: Service) -> list[Process]:
    return Process.of(service.pid).tree()


def cpu_seconds(service: Service) -> float:
    """Of all its processes."""
    return tree_cpu_seconds(service.pid)


def tree_cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living descendants, and of the dead that they have reaped."""
    ticks = 0
    for member in Process.of(pid).tree():
        try:
            text = Path(f"/proc/{member.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        ticks += sum(int(field) for field in text.rpartition(")")[2].split()[11:15])
    return ticks / TICKS_PER_SECOND


@dataclass(frozen=True)
class Memory:
    """Of one process, in bytes."""

    pid: int
    rss: int
    peak: int
    pss: int


def _kib_fields(path: Path) -> dict[str, int]:
    fields = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if value.endswith(" kB"):
            fields[name] = int(value.split()[0]) * 1024
    return fields


def memory(service: Service) -> list[Memory]:
    """One entry a process, the main one first."""
    found = []
    for member in _members(service):
        try:
            status = _kib_fields(Path(f"/proc/{member.pid}/status"))
            pss = _kib_fields(Path(f"/proc/{member.pid}/smaps_rollup")).get("Pss", 0)
        except OSError:
            continue
        found.append(Memory(member.pid, status.get("VmRSS", 0), status.get("VmHWM", 0), pss))
    return found


def rss_mib(service: Service) -> float:
    """Resident memory of all its processes added up, pages that they share counted in each."""
    return sum(process.rss for process in memory(service)) / MIB


def forget_peaks(service: Service) -> None:
    """Sets every process's peak to what it holds now."""
    for member in _members(service):
        Path(f"/proc/{member.pid}/clear_refs").write_text("5", encoding="ascii")


class CpuMeter:
    """CPU seconds of several services between two moments."""

    def __init__(self, services: dict[str, Service]) -> None:
        self.services = services
        self.start = self._read()

    def _read(self) -> dict[str, float]:
        return {name: cpu_seconds(service) for name, service in self.services.items()}

    def spent(self) -> dict[str, float]:
        """Since the meter was made."""
        return {name: now - self.start[name] for name, now in self._read().items()}
