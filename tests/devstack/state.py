"""What a stack remembers between commands: its processes, its ports and its secrets."""

import contextlib
import fcntl
import json
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from devstack.errors import DevError
from devstack.paths import make_dir, write_private
from devstack.ports import free_port, is_free
from devstack.process import Process


class StackState:
    """`state.json` of one stack folder. It is written as soon as a process exists, so that a killed ./dev leaves
    nothing behind that the next one does not know of."""

    def __init__(self, folder: Path) -> None:
        self.folder = make_dir(folder)
        self.path = folder / "state.json"
        self.abandoned = threading.Event()  # set when a start has failed elsewhere: those still waiting give up
        self._thread_lock = threading.RLock()

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            data = {}
        return {"processes": {}, "ports": {}, "secrets": {}, "store": ""} | (data if isinstance(data, dict) else {})

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """Read, change, replace; one writer at a time among threads and processes."""
        with self._thread_lock, open(self.folder / "state.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            data = self._read()
            yield data
            write_private(self.path, json.dumps(data, indent=1))

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Held while a stack is brought up or down, so that two commands cannot interleave. A kill releases it."""
        with open(self.folder / "lock", "w", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DevError(f"another ./dev is starting or stopping the stack in {self.folder}") from None
            yield

    def process(self, name: str) -> Process | None:
        data = self._read()["processes"].get(name)
        return Process.from_json(data) if data else None

    def processes(self) -> dict[str, Process]:
        return {name: Process.from_json(data) for name, data in self._read()["processes"].items()}

    def record(self, name: str, process: Process) -> None:
        with self._changing() as data:
            data["processes"][name] = vars(process)

    def forget(self, name: str) -> None:
        with self._changing() as data:
            data["processes"].pop(name, None)

    @property
    def store(self) -> str:
        """The name of the store that this stack's files are in; "" before the first start."""
        return str(self._read()["store"])

    def record_store(self, name: str) -> None:
        with self._changing() as data:
            data["store"] = name

    def port(self, name: str) -> int:
        """The port of a service: the same at every start, so that addresses survive a restart."""
        known = self._read()["ports"].get(name)
        if known is not None:
            return int(known)
        with self._changing() as data:
            return int(data["ports"].setdefault(name, free_port(set(data["ports"].values()))))

    def drop_taken_ports(self) -> None:
        """For a stack of which nothing runs: gives up remembered ports that others use by now."""
        with self._changing() as data:
            data["ports"] = {name: port for name, port in data["ports"].items() if is_free(port)}

    def secret(self, name: str, size: int = 20) -> str:
        """Random, made once for each stack and kept with its data."""
        with self._changing() as data:
            return str(data["secrets"].setdefault(name, secrets.token_hex(size)))
