"""The private stack of a run: real services, Sluice's release build and the peers, one of them at work at a time."""

import contextlib
import fcntl
import shutil
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TextIO

import boto3
import psycopg
import redis
from botocore.config import Config

from devstack.errors import DevError
from devstack.paths import cache_dir, make_dir
from devstack.process import wait_until
from devstack.service import Service
from devstack.stack import REPLACES, Stack, caller_settings
from devstack.store import EVENT_LIST
from devstack.stores import DEFAULT
from runner.options import Options
from runner.peers import (
    PEER_DATABASE,
    FastapiPresign,
    GinService,
    GoWebhooks,
    GoWorker,
    Peer,
    PythonWebhooks,
    PythonWorker,
    WebhookPeer,
    Worker,
    peer_database_url,
)
from runner.toolchain import PEERS

FREE_DISK = 20 * 1024**3
# The sweeper must not find the objects before the worker under test has been given their events.
# Webhooks go to a receiver on this machine.
SETTINGS = {
    "SLUICE_SWEEP_AGE_S": "86400",
    "SLUICE_WEBHOOK_ALLOW_HTTP": "true",
    "SLUICE_WEBHOOK_ALLOW_PRIVATE": "true",
}


def lock_machine() -> TextIO:
    """Held by closing what it returns only at the end: DevError while another run holds it."""
    lock = (make_dir(cache_dir() / "bench") / "lock").open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise DevError("another ./dev bench is running, and two would measure each other") from None
    return lock


class Lab:
    """Holds the stack for as long as it is entered, and wipes it afterwards."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.folder = make_dir(cache_dir() / "bench")
        given = {name: value for name, value in caller_settings().items() if name not in REPLACES}
        self.stack = Stack(folder=self.folder / "stack", overrides=SETTINGS | given, store=DEFAULT)
        self.fastapi = FastapiPresign("fastapi_presign", self.stack)
        self.gin = GinService("gin_presign", self.stack)
        self.gin_assets = GinService("gin_assets", self.stack)
        self.python_worker = PythonWorker("python_worker", self.stack, self.blocked_clients)
        self.go_worker = GoWorker("go_worker", self.stack, self.blocked_clients)
        self.python_webhooks = PythonWebhooks("python_webhooks", self.stack)
        self.go_webhooks = GoWebhooks("go_webhooks", self.stack)

    @property
    def with_sluice(self) -> bool:
        return not self.options.peers_only

    @property
    def presign_peers(self) -> list[Peer]:
        return [] if self.options.sluice_only else [self.fastapi, self.gin]

    @property
    def asset_peers(self) -> list[Peer]:
        return [] if self.options.sluice_only else [self.gin_assets]

    @property
    def worker_peers(self) -> list[Worker]:
        return [] if self.options.sluice_only else [self.python_worker, self.go_worker]

    @property
    def webhook_peers(self) -> list[WebhookPeer]:
        return [] if self.options.sluice_only else [self.python_webhooks, self.go_webhooks]

    def __enter__(self) -> "Lab":
        self._lock = lock_machine()
        if shutil.disk_usage(self.folder).free < FREE_DISK:
            raise DevError(f"less than {FREE_DISK >> 30} GiB free in {self.folder}")
        for peer in [*self.presign_peers, *self.asset_peers, *self.worker_peers, *self.webhook_peers]:
            peer.build()
        self.stack.down(wipe=True)  # what a killed run left
        make_dir(self.stack.log_dir)
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        self.stack.down(wipe=True)
        self._lock.close()

    def _start(self) -> None:
        print("bench: starting the services …", flush=True)
        if self.with_sluice:
            self.stack.store.binary_ready()
            self.stack.up()
            self.stack.processor.stop()
            self.stack.api.stop()
        else:
            for service in (self.stack.postgres, self.stack.redis, self.stack.cache, self.stack.store):
                service.start()
            self._make_bucket()
        with self.database("postgres") as server:
            server.execute(f"CREATE DATABASE {PEER_DATABASE}")
        with self.peer_database() as peers:
            peers.execute((PEERS / "schema.sql").read_text(encoding="utf-8"))

    def _make_bucket(self) -> None:
        """What `sluice setup` does otherwise."""
        bucket = self.stack.program_settings()["SLUICE_S3_BUCKET"]
        self.s3.create_bucket(Bucket=bucket)
        targets = [{"QueueArn": arn, "Events": ["s3:ObjectCreated:Put"]} for arn in self.stack.store.notify_arns]
        self.s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": targets}
        )

    def database(self, name: str = "sluice") -> psycopg.Connection[Any]:
        """A connection that commits each statement; the caller closes it."""
        return psycopg.connect(self.stack.postgres.database_url.rpartition("/")[0] + "/" + name, autocommit=True)

    def peer_database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(peer_database_url(self.stack), autocommit=True)

    @property
    def queue(self) -> "redis.Redis":
        return redis.Redis.from_url(self.stack.redis.redis_url)

    @property
    def cache(self) -> "redis.Redis":
        return redis.Redis.from_url(self.stack.cache.redis_url)

    @property
    def events_list(self) -> str:
        return EVENT_LIST

    def blocked_clients(self) -> int:
        return int(self.queue.info("clients")["blocked_clients"])

    @property
    def s3(self) -> Any:
        settings = self.stack.program_settings()
        return boto3.client(
            "s3",
            endpoint_url=settings["SLUICE_S3_ENDPOINT"],
            region_name=settings["SLUICE_S3_REGION"],
            aws_access_key_id=settings["SLUICE_S3_ACCESS_KEY"],
            aws_secret_access_key=settings["SLUICE_S3_SECRET_KEY"],
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )

    def settle(self) -> None:
        """Between two turns: what the last one left to write is written, so that the next does not pay for it."""
        with self.database("postgres") as server:
            server.execute("CHECKPOINT")
        time.sleep(0.5)

    @contextlib.contextmanager
    def running(self, service: Service) -> Iterator[Service]:
        """The one program under test; the others do not run."""
        self.settle()
        service.start()
        try:
            yield service
        finally:
            service.stop()

    def wait_for(self, what: str, condition: Any, seconds: float) -> None:
        """Polls until it holds, or gives up with an error that says what was missing."""
        if not wait_until(condition, seconds):
            raise DevError(f"{what}: not within {seconds:.0f} s")
