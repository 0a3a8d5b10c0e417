"""What the store, the database and Redis hold: the other side of what the API says."""

import contextlib
import subprocess
from collections.abc import Iterator
from typing import Any

import boto3
import psycopg
import redis
from botocore.config import Config

from devstack.stack import Stack
from devstack.store import EVENT_LIST

ORIGIN = "https://app.example"
PRESIGN_TTL_S = 10  # of the locked stack: long enough for an upload on a busy machine, short enough to wait for its end
UNREPORTED = b"an object that nobody reported\n"


class Ledgers:
    """What the store, the database and the two Redis servers hold, seen with clients of others."""

    def __init__(self, stack: Stack) -> None:
        settings = stack.program_settings()
        self.store = stack.store
        self.bucket = settings["SLUICE_S3_BUCKET"]
        self.events_key = settings["SLUICE_EVENTS_KEY"]
        self.s3: Any = boto3.client(
            "s3",
            endpoint_url=settings["SLUICE_S3_ENDPOINT"],
            region_name=settings["SLUICE_S3_REGION"],
            aws_access_key_id=settings["SLUICE_S3_ACCESS_KEY"],
            aws_secret_access_key=settings["SLUICE_S3_SECRET_KEY"],
            config=Config(proxies={}, s3={"addressing_style": "path"}),
        )
        self.database_url = settings["SLUICE_DATABASE_URL"]
        self._database: psycopg.Connection[Any] | None = None
        self.queue: Any = redis.Redis.from_url(settings["SLUICE_REDIS_URL"])
        self.cache: Any = redis.Redis.from_url(settings["SLUICE_CACHE_REDIS_URL"])

    @property
    def database(self) -> psycopg.Connection[Any]:
        """A connection that lives, which only a question tells: a test may have killed the server under the last."""
        try:
            if self._database is not None:
                self._database.execute("SELECT 1")
                return self._database
        except psycopg.OperationalError:
            pass
        self._database = psycopg.connect(self.database_url, autocommit=True)
        return self._database

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of one query."""
        return self.database.execute(sql.encode(), values).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        """The one value of one query."""
        return self.rows(sql, *values)[0][0]

    def newest_dead_event(self) -> int:
        """Its id: what dies from now on has a greater one."""
        return int(self.value("SELECT coalesce(max(id), 0) FROM dead_events"))

    def dead_events(self, part: bytes, since: int = 0) -> list[str]:
        """The reasons of dead events that hold these bytes. Never count all of them: late and repeated events of other
        tests die at any time."""
        sql = "SELECT reason FROM dead_events WHERE id > %s AND position(%s::bytea IN raw) > 0"
        return [str(reason) for (reason,) in self.rows(sql, since, part)]

    def events_are_taken(self) -> bool:
        """No event is on the list, nor in the hands of a worker: what has been sent has had its effect. In this order,
        in which events move."""
        if self.queue.llen(EVENT_LIST):
            return False
        return not any(self.queue.llen(name) for name in self.queue.scan_iter(f"{EVENT_LIST}:worker:*", count=1000))

    def keys(self, prefix: str = "") -> set[str]:
        """The object keys below a prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}

    def leave_to_events(self, file_id: str) -> None:
        """Keeps the sweeper from looking for the file, so that nothing but an event or a confirm can move it."""
        self.database.execute("UPDATE files SET sweep_at = now() + interval '1 hour' WHERE id = %s", [file_id])

    def put_unreported(self, key: str, data: bytes) -> None:
        """Puts an object that no event tells of."""
        if not self.store.place(self.bucket, key, data):
            with self.without_subscriptions():
                self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    @contextlib.contextmanager
    def without_subscriptions(self) -> Iterator[None]:
        """The bucket without its notifications, on a store that keeps them there."""
        config = self.s3.get_bucket_notification_configuration(Bucket=self.bucket)
        config.pop("ResponseMetadata")
        self.s3.put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration={})
        try:
            yield
        finally:
            self.s3.put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration=config)

    def subscriptions(self) -> list[dict[str, Any]]:
        """The bucket's notifications to queues; [] on a store that keeps none in buckets."""
        if not self.store.notify_arns:
            return []
        config = self.s3.get_bucket_notification_configuration(Bucket=self.bucket)
        return list(config["QueueConfigurations"])


def make_key(stack: Stack, owner: str, scopes: str, *options: str) -> str:
    """A new API key, made as an operator makes it; `sluice key create` prints it once."""
    arguments = ("key", "create", "--owner", owner, "--scopes", scopes, *options)
    done: subprocess.CompletedProcess[str] = stack.cli.run(*arguments)
    return next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("key "))
