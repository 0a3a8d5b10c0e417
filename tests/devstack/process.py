"""Processes by identity: a pid alone may be reused, so every signal first checks that it is still the same one."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.errors import DevError

POLL_S = 0.02


def _stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the command, whose name may itself hold spaces and brackets."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _thread_count(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return 0


@dataclass(frozen=True)
class Process:
    """One process of this boot: start_ticks tells it from a later one with the same pid."""

    pid: int
    start_ticks: int
    boot_id: str

    @classmethod
    def of(cls, pid: int) -> "Process":
        fields = _stat_fields(pid)
        if fields is None:
            raise DevError(f"process {pid} ended as soon as it was started")
        return cls(pid, int(fields[19]), _boot_id())

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Process":
        return cls(int(data["pid"]), int(data["start_ticks"]), str(data["boot_id"]))

    def state(self) -> str | None:
        """The kernel's one-letter state, or None when it is gone. A zombie counts as gone once its other threads
        have ended too: until then its sockets are open."""
        fields = _stat_fields(self.pid)
        if fields is None or int(fields[19]) != self.start_ticks or self.boot_id != _boot_id():
            return None
        if fields[0] == "X" or (fields[0] == "Z" and _thread_count(self.pid) <= 1):
            return None
        return fields[0]

    def alive(self) -> bool:
        with contextlib.suppress(ChildProcessError, OSError):
            os.waitpid(self.pid, os.WNOHANG)  # reaps it when it is our child
        return self.state() is not None

    def signal(self, number: signal.Signals) -> None:
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """True once it has ended, False if it outlives the deadline."""
        return wait_until(lambda: not self.alive(), seconds)

    def tree(self) -> list["Process"]:
        """Itself and all its descendants, parents first."""
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                fields = _stat_fields(int(entry.name))
                if fields is not None:
                    children.setdefault(int(fields[1]), []).append(int(entry.name))
        found, queue = [], [self.pid]
        while queue:
            pid = queue.pop(0)
            queue += children.get(pid, [])
            with contextlib.suppress(DevError):
                found.append(Process.of(pid))
        return found


def background_leaders(folder: Path, program: str) -> list[Process]:
    """Sessions without a terminal that run this program in exactly this folder: services, and no one's shell."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            where = str((entry / "cwd").readlink()).removesuffix(" (deleted)")
            name = Path(os.fsdecode((entry / "cmdline").read_bytes()).split("\0")[0]).name
        except OSError:
            continue
        fields = _stat_fields(int(entry.name))
        alone = fields is not None and fields[3] == entry.name and fields[4] == "0"
        if alone and where == str(folder) and name.startswith(program):
            with contextlib.suppress(DevError):
                found.append(Process.of(int(entry.name)))
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Polls until the condition holds; False when the deadline passes first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_S)
    return True
