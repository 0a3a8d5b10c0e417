"""The machine and the versions, without which no figure means anything."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from devstack.build import build_dir
from devstack.paths import ROOT
from runner.lab import Lab
from runner.usage import TICKS_PER_SECOND, tree_cpu_seconds

BUSY_SHARE = 0.1
LAYERS = ("common", "api", "processor", "decoder")


def _machine_seconds() -> tuple[float, float]:
    """Busy and total, of all cores since the boot."""
    fields = [int(field) for field in Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS_PER_SECOND, sum(fields) / TICKS_PER_SECOND


class Neighbours:
    """What share of the machine others took while a benchmark ran: all of the CPU time but that of our own tree, so
    a little of the kernel's own threads is in it."""

    def __init__(self) -> None:
        self.load_average = os.getloadavg()[0]
        self._start = self._read()

    @staticmethod
    def _read() -> tuple[float, float]:
        busy, total = _machine_seconds()
        return busy - tree_cpu_seconds(os.getpid()), total

    def share(self) -> float:
        """Since it was made."""
        busy, total = self._read()
        return max(0.0, (busy - self._start[0]) / max(total - self._start[1], 0.01))


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def output(*command: str) -> str:
    """What a command prints, "" when there is no such program."""
    try:
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    except OSError:
        return ""


def sluice_version(preset: str, program: str = "sluice-api") -> str:
    """Version, commit and build of one of the programs."""
    version = output(str(build_dir(preset) / "bin" / program), "--version") or program
    commit = output("git", "-c", "safe.directory=*", "rev-parse", "--short", "HEAD")
    changed = output("git", "-c", "safe.directory=*", "status", "--porcelain", "--", *LAYERS)
    return f"{version} ({commit}{' with changes' if changed else ''}, {preset} build)"


def _sluice(lab: Lab) -> str:
    return sluice_version(lab.stack.preset) if lab.with_sluice else ""


def _services(lab: Lab) -> str:
    with lab.database("postgres") as server:
        row = server.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchone()
    version, fsync, synchronous = row or ("", "", "")
    redis = lab.queue.info("server")["redis_version"]
    return f"Postgres {version.split()[0]} (fsync {fsync}, synchronous_commit {synchronous}), Redis {redis}"


def stack_software(lab: Lab) -> str:
    """What ran on the stack."""
    return f"{_sluice(lab)}; {_services(lab)}; everything on loopback.".lstrip("; ")


def describe(software: str, others: Neighbours) -> list[str]:
    """Lines for the head of a section."""
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    hardware = f"{os.cpu_count()} cores ({_cpu_model()}), {_memory_gib():.0f} GiB, Linux {platform.release()}"
    share = others.share()
    noise = f"others took {share:.0%} of it meanwhile (load average {others.load_average:.2f} at the start)"
    warning = "**The machine was busy: do not rely on these figures.**" if share > BUSY_SHARE else ""
    return [line for line in (f"{when}; {hardware}; {noise}.", software, warning) if line]
