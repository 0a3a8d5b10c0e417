"""Sluice's own programs as services of a stack."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from devstack.errors import DevError
from devstack.service import Service, http_ok, plain_environment
from devstack.state import StackState

Settings = Callable[[], dict[str, str]]


def host_and_port(listen: str) -> tuple[str, int]:
    """Where to reach a listener from this machine."""
    host, _, port = listen.rpartition(":")
    return ("127.0.0.1" if host in ("", "*", "0.0.0.0", "[::]") else host), int(port)


class Daemon(Service):
    """sluice-api or sluice-processor, configured by SLUICE_* variables only."""

    listen_setting = ""
    ready_path = ""

    def __init__(self, name: str, program: Path, state: StackState, settings: Settings) -> None:
        super().__init__(name, state)
        self.program = program
        self.program_name = program.name
        self.settings = settings

    def command(self) -> list[str]:
        return [str(self.program)]

    def environment(self) -> dict[str, str]:
        listen = {self.listen_setting: f"127.0.0.1:{self.port}"}
        return super().environment() | listen | self.settings()

    @property
    def url(self) -> str:
        listen = self.environment()[self.listen_setting]
        return "http://{}:{}".format(*host_and_port(listen))

    def is_ready(self) -> bool:
        return http_ok(self.url + self.ready_path)


class Api(Daemon):
    listen_setting = "SLUICE_LISTEN"
    ready_path = "/readyz"

    def start_listening(self) -> None:
        """Starts it and returns once it answers at all: ready it is only when everything that it needs is."""
        self.start(wait=False)
        self.wait_until_serves(lambda: http_ok(self.url + "/healthz"))


class Processor(Daemon):
    listen_setting = "SLUICE_METRICS_LISTEN"
    ready_path = "/healthz"


class Cli:
    """The `sluice` program, run to completion."""

    def __init__(self, program: Path, log_path: Path, settings: Settings) -> None:
        self.program = program
        self.log_path = log_path
        self.settings = settings

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Output is captured and also kept in the stack's log."""
        done = subprocess.run(
            [str(self.program), *arguments],
            env=plain_environment() | self.settings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        with open(self.log_path, "a", encoding="utf-8") as log:
            log.write(f"$ sluice {' '.join(arguments)}\n{_redacted(arguments, done.stdout)}{done.stderr}")
        if check and done.returncode != 0:
            raise DevError(f"sluice {' '.join(arguments)} failed (exit {done.returncode}):\n{done.stdout}{done.stderr}")
        return done


def _redacted(arguments: tuple[str, ...], output: str) -> str:
    return "(not logged: holds a key)\n" if arguments[:1] in (("key",), ("webhook",)) else output
