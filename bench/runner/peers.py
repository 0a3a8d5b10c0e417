"""The peers as services of the stack, so that whatever ends a run also finds and stops them."""

import urllib.parse
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

import psycopg

from devstack.service import Service, http_ok
from devstack.stack import Stack
from runner.toolchain import PEERS, go_program, peer_python

PEER_DATABASE = "peers"
PEER_LIST = "bench:events"
PYTHON_PROCESSES = 2
GO_GOROUTINES = 8
WEBHOOK_SECRET = "whsec_c2x1aWNlLWJlbmNoLXNlY3JldC0wMTIzNDU2Nzg5"


def peer_database_url(stack: Stack) -> str:
    """Another database on the same server, hence with the same settings."""
    return stack.postgres.database_url.rpartition("/")[0] + "/" + PEER_DATABASE


class Peer(Service):
    """A program that is configured by PEER_* variables."""

    def __init__(self, name: str, stack: Stack) -> None:
        super().__init__(name, stack.state)
        self.stack = stack

    def environment(self) -> dict[str, str]:
        settings = self.stack.program_settings()
        endpoint = settings["SLUICE_S3_ENDPOINT"]
        inherited = {name: value for name, value in super().environment().items() if name != "PYTHONPATH"}
        return inherited | {
            "PEER_DATABASE_URL": peer_database_url(self.stack),
            "PEER_REDIS_URL": settings["SLUICE_REDIS_URL"],
            "PEER_CACHE_REDIS_URL": settings["SLUICE_CACHE_REDIS_URL"],
            "PEER_S3_ENDPOINT": endpoint,
            "PEER_S3_ADDRESS": urllib.parse.urlsplit(endpoint).netloc,
            "PEER_S3_REGION": settings["SLUICE_S3_REGION"],
            "PEER_S3_ACCESS_KEY": settings["SLUICE_S3_ACCESS_KEY"],
            "PEER_S3_SECRET_KEY": settings["SLUICE_S3_SECRET_KEY"],
            "PEER_BUCKET": settings["SLUICE_S3_BUCKET"],
            "PEER_LISTEN": f"127.0.0.1:{self.port}",
            "PEER_LIST": PEER_LIST,
            "PEER_PROCESSES": str(PYTHON_PROCESSES),
        }

    @abstractmethod
    def build(self) -> Path:
        """Makes it runnable, which may take a while, and returns its program or interpreter."""


class FastapiPresign(Peer):
    """Two uvicorn workers."""

    def build(self) -> Path:
        return peer_python(self.name)

    def command(self) -> list[str]:
        where = ["--app-dir", str(PEERS / self.name), "--host", "127.0.0.1", "--port", str(self.port)]
        how = ["--workers", "2", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
        return [str(self.build()), "-m", "uvicorn", "app:app", *where, *how]

    def is_ready(self) -> bool:
        return http_ok(f"{self.url}/healthz")


class GoProgram(Peer):
    """Built from its folder."""

    def build(self) -> Path:
        return go_program(self.name)

    def command(self) -> list[str]:
        return [str(self.build())]


class PythonProgram(Peer):
    """A script of its folder, with the packages of the folder."""

    script = ""

    def build(self) -> Path:
        return peer_python(self.name)

    def command(self) -> list[str]:
        return [str(self.build()), str(PEERS / self.name / self.script)]


class GinService(GoProgram):
    """One process on all cores."""

    def is_ready(self) -> bool:
        return http_ok(f"{self.url}/healthz")


class Worker(Peer):
    """Serves the event list; it is ready once all of its connections wait there."""

    waiting = 0

    def __init__(self, name: str, stack: Stack, blocked_clients: Callable[[], int]) -> None:
        super().__init__(name, stack)
        self.blocked_clients = blocked_clients

    def is_ready(self) -> bool:
        return self.blocked_clients() >= self.waiting


class PythonWorker(PythonProgram, Worker):
    """A process a core."""

    script = "worker.py"
    waiting = PYTHON_PROCESSES


class GoWorker(GoProgram, Worker):
    """Eight goroutines."""

    waiting = GO_GOROUTINES


class WebhookPeer(Peer):
    """Polls its outbox; it is ready once all of its connections are there."""

    receiver = ""
    waiting = 0

    def environment(self) -> dict[str, str]:
        return super().environment() | {"PEER_RECEIVER": self.receiver, "PEER_WEBHOOK_SECRET": WEBHOOK_SECRET}

    def is_ready(self) -> bool:
        with psycopg.connect(peer_database_url(self.stack)) as database:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            row = database.execute(query, (PEER_DATABASE,)).fetchone()
            return row is not None and int(row[0]) >= self.waiting


class PythonWebhooks(PythonProgram, WebhookPeer):
    """A process a core."""

    script = "sender.py"
    waiting = PYTHON_PROCESSES


class GoWebhooks(GoProgram, WebhookPeer):
    """Eight goroutines."""

    waiting = 1  # its pool opens further ones as they are needed
