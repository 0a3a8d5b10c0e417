"""A private service: how it is started, found ready, stopped, killed and paused."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from devstack.errors import DevError
from devstack.paths import log_tail, make_dir
from devstack.process import POLL_S, Process, background_leaders, wait_until
from devstack.state import StackState

OTHERS = ("SLUICE_", "MINIO_", "VGW_", "ROOT_ACCESS_KEY", "ROOT_SECRET_", "PG")

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http_ok(url: str) -> bool:
    """Whether a GET answers 200; proxies of the environment do not apply to loopback."""
    try:
        with _opener.open(url, timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def plain_environment() -> dict[str, str]:
    """The caller's environment without settings of Sluice and its services, which each is given explicitly."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    return kept | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


class Service(ABC):
    """One process of a stack. Its identity lives in the stack's state, so any later command can act on it."""

    program_name = ""  # how its command line begins, whatever its path
    start_deadline_s = 60.0  # sanitizers on a busy machine
    stop_deadline_s = 30.0
    stop_signal = signal.SIGTERM
    user: str | None = None

    def __init__(self, name: str, state: StackState) -> None:
        self.name = name
        self.state = state
        self.log_path = make_dir(state.folder / "log") / f"{name}.log"
        self.extra_environment: dict[str, str] = {}
        self.on_change: Callable[[], None] = lambda: None

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments; never a secret, since others can read them."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it really serves, not merely runs."""

    def environment(self) -> dict[str, str]:
        return plain_environment()

    def prepare(self) -> None:  # noqa: B027 - optional, most services need nothing
        """What must exist before the start."""

    def working_dir(self) -> Path:
        return self.data_dir

    @property
    def data_dir(self) -> Path:
        return self.state.folder / "data" / self.name

    @property
    def port(self) -> int:
        return self.state.port(self.name)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> Process | None:
        return self.state.process(self.name)

    @property
    def pid(self) -> int:
        process = self.process
        if process is None or not process.alive():
            raise DevError(f"{self.name} is not running")
        return process.pid

    def alive(self) -> bool:
        process = self.process
        return process is not None and process.alive()

    def condition(self) -> str:
        """running, paused or stopped."""
        process = self.process
        letter = process.state() if process else None
        return "stopped" if letter is None else "paused" if letter in "Tt" else "running"

    def start(self, wait: bool = True) -> None:
        """Starts it unless it runs, and returns once it serves."""
        if not self.alive():
            self.prepare()
            self._spawn()
        if wait:
            self.wait_ready()
        self.on_change()

    def _spawn(self) -> None:
        if not self.working_dir().exists():
            make_dir(self.working_dir())
        with open(self.log_path, "ab") as log:
            child = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.working_dir(),
                env=self.environment() | self.extra_environment,
                start_new_session=True,  # Ctrl-C in the terminal must reach ./dev only
                umask=0o077,
                **self._identity(),
            )
        self.state.record(self.name, Process.of(child.pid))
        child.returncode = 0  # Process.alive() reaps it; this keeps Popen's destructor quiet

    def _identity(self) -> dict[str, Any]:
        return {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}

    def wait_ready(self) -> None:
        self.wait_until_serves(self.is_ready)

    def wait_until_serves(self, serves: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.start_deadline_s
        while not serves():
            if self.state.abandoned.is_set():
                raise DevError(f"the start of {self.name} was given up")
            if not self.alive():
                if self.retry_start():
                    self._spawn()
                else:
                    raise DevError(f"{self.name} ended while starting; {self.log_path}:\n{log_tail(self.log_path)}")
            if time.monotonic() > deadline:
                tail = log_tail(self.log_path)
                raise DevError(f"{self.name} not ready in {self.start_deadline_s:.0f} s; {self.log_path}:\n{tail}")
            time.sleep(POLL_S)

    def retry_start(self) -> bool:
        """Whether a failed start is known to pass when tried again."""
        return False

    def stop(self) -> None:
        """Asks it to end; kills it when the deadline passes, which is an error worth seeing."""
        process = self.process
        if process is None:
            return
        process.signal(signal.SIGCONT)
        process.signal(self.stop_signal)
        drained = process.wait(self.stop_deadline_s)
        if not drained:
            self._kill_tree(process)
        self.state.forget(self.name)
        if not drained:
            raise DevError(f"{self.name} did not end within {self.stop_deadline_s:.0f} s and was killed")

    def stop_strays(self) -> None:
        """Ends what a ./dev started that was killed before it could write down the pid."""
        recorded = self.process
        strays = background_leaders(self.working_dir(), self.program_name) if self.program_name else []
        strays = [stray for stray in strays if stray != recorded]
        for stray in strays:
            stray.signal(self.stop_signal)
        for stray in strays:
            if not stray.wait(5):
                self._kill_tree(stray)

    def _kill_tree(self, process: Process) -> None:
        for member in process.tree():
            member.signal(signal.SIGKILL)
        process.wait(10)

    def kill(self) -> None:
        """kill -9 of the main process, and only of it; returns once it is gone."""
        process = Process.of(self.pid)
        process.signal(signal.SIGKILL)
        if not process.wait(10):
            raise DevError(f"{self.name} survived kill -9")

    def pause(self) -> None:
        """SIGSTOP to the whole tree: Postgres and the processor answer from children. Returns once all stand still."""
        members = Process.of(self.pid).tree()
        for member in members:
            member.signal(signal.SIGSTOP)
        if not wait_until(lambda: all(member.state() in ("T", "t", None) for member in members), 10):
            raise DevError(f"{self.name} did not stop on SIGSTOP")

    def resume(self) -> None:
        for member in Process.of(self.pid).tree():
            member.signal(signal.SIGCONT)

    def restart(self) -> None:
        self.stop()
        self.start()
