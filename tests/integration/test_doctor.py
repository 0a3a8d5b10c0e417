"""`sluice doctor`: a sound stack is found sound, and each thing that can be wrong is named with its remedy."""

import contextlib
import http.server
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ledgers import Ledgers
from sluice_client import eventually

from devstack.daemons import Cli
from devstack.stack import Stack

Check = dict[str, Any]
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
UNREACHABLE = "127.0.0.1:1"


class Report:
    """What one run said."""

    def __init__(self, stack: Stack, changes: dict[str, str]) -> None:
        settings = stack.program_settings() | {"SLUICE_API_URL": stack.api.url} | changes
        cli = Cli(stack.cli.program, stack.cli.log_path, lambda: settings)
        started = time.monotonic()
        done = cli.run("doctor", "--json", check=False)
        self.seconds = time.monotonic() - started
        assert done.returncode in (0, 1), done
        self.status = done.returncode
        self.output = done.stdout + done.stderr
        report = json.loads(done.stdout)
        self.checks: dict[str, Check] = {check["name"]: check for check in report["checks"]}
        assert report["ok"] == (self.status == 0)
        assert (self.status == 1) == bool(self.failed()), done.stdout
        for check in self.checks.values():
            assert check["found"], check
            assert bool(check["remedy"]) == (check["result"] in ("warn", "fail")), check
        for name in ("SLUICE_S3_SECRET_KEY", "SLUICE_EVENTS_KEY"):
            assert settings[name] not in self.output

    def failed(self) -> list[str]:
        return [name for name, check in self.checks.items() if check["result"] == "fail"]

    def names(self, name: str, found: str, remedy: str, result: str = "fail") -> None:
        """Asserts that a check says this."""
        check = self.checks[name]
        assert check["result"] == result, check
        assert found in check["found"], check
        assert remedy in check["remedy"], check


def doctor(stack: Stack, **changes: str) -> Report:
    """A run with some settings changed."""
    return Report(stack, changes)


@contextlib.contextmanager
def policy(ledgers: Ledgers, name: str, value: str) -> Iterator[None]:
    """The queue's Redis with another setting."""
    before = ledgers.queue.config_get(name)[name]
    ledgers.queue.config_set(name, value)
    try:
        yield
    finally:
        ledgers.queue.config_set(name, before)


class Impostor(http.server.BaseHTTPRequestHandler):
    """Another store: takes whatever comes, and allows no origin."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_OPTIONS = do_PUT

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def impostor() -> Iterator[str]:
    """Its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Impostor)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", autouse=True)
def recovered(stack: Stack) -> None:
    """From whatever other tests have done to it."""
    eventually(lambda: doctor(stack).status == 0, "a sound stack", 90)


def test_a_sound_stack(stack: Stack, ledgers: Ledgers) -> None:
    """On a busy machine the processor may need longer than the doctor waits, which is a warning: not each time."""
    known, left = ledgers.newest_dead_event(), ledgers.keys("files/.doctor/")  # by a doctor whose store stood still
    untold = {"sqs queue"} | (set() if stack.store.notify_arns else {"notifications"})

    def without_complaint() -> Report | None:
        cached = set(ledgers.cache.keys("file_content:*"))
        report = doctor(stack)
        assert report.status == 0, report.output
        assert {name for name, check in report.checks.items() if check["result"] == "skipped"} == untold
        if any(check["result"] == "warn" for check in report.checks.values()):
            return None
        assert set(ledgers.cache.keys("file_content:*")) <= cached
        return report

    report = eventually(without_complaint, "no complaint", 60)
    assert "event came after" in report.checks["event round trip"]["found"]
    assert "processed" in report.checks["event round trip"]["found"]
    # A second notification target may be a few seconds late; what it sends then must do no harm.
    eventually(lambda: not stack.store.has_undelivered_events(), "late events")
    eventually(ledgers.events_are_taken, "an empty list")
    assert ledgers.dead_events(b".doctor", since=known) == []
    assert ledgers.value("SELECT count(*) FROM files WHERE owner_id = 'doctor'") == 0
    assert ledgers.keys("files/.doctor/") <= left


def test_text_for_people(stack: Stack) -> None:
    done = stack.cli.run("doctor", check=False)
    assert done.returncode == 0, done
    assert "redis policy       ok       noeviction" in done.stdout


def test_wrong_secret(stack: Stack) -> None:
    report = doctor(stack, SLUICE_S3_SECRET_KEY="another-secret-of-somebody")
    report.names("credentials", "SignatureDoesNotMatch", "SLUICE_S3_SECRET_KEY")
    assert report.failed() == ["credentials"]
    assert report.checks["bucket"]["result"] == "skipped"
    assert report.checks["processors"]["result"] == "ok"


def test_wrong_access_key(stack: Stack) -> None:
    report = doctor(stack, SLUICE_S3_ACCESS_KEY="nobody")
    report.names("credentials", stack.store.unknown_key_code, "SLUICE_S3_ACCESS_KEY")
    report.names("credentials", "does not know this access key", "SLUICE_S3_ENDPOINT")


def test_missing_bucket(stack: Stack) -> None:
    doctor(stack, SLUICE_S3_BUCKET="no-such-bucket").names("bucket", "no-such-bucket", "sluice setup")


@pytest.mark.usefixtures("subscribed")
def test_missing_notification(stack: Stack, ledgers: Ledgers) -> None:
    with ledgers.without_subscriptions():
        report = doctor(stack)
    report.names("notifications", "notification is missing", "sluice setup")
    report.names("event round trip", "no event came within 5 s", "sluice setup")
    assert set(report.failed()) == {"notifications", "event round trip"}
    assert doctor(stack).status == 0


def test_target_that_the_store_does_not_have(stack: Stack) -> None:
    report = doctor(stack, SLUICE_S3_NOTIFY_ARNS="arn:minio:sqs::NOBODY:redis")
    if stack.store.notify_arns:
        report.names("notifications", "not those of SLUICE_S3_NOTIFY_ARNS", "sluice setup")
    else:
        report.names("notifications", "no subscriptions in buckets", "unset SLUICE_S3_NOTIFY_ARNS")
    assert report.failed() == ["notifications"]


@pytest.mark.parametrize(("offset", "side"), [("+20m", "ahead of"), ("-20m", "behind")])
def test_clock_off_by_20_minutes(stack: Stack, offset: str, side: str) -> None:
    assert FAKETIME, "libfaketime is not installed; ./dev test installs it"
    report = doctor(
        stack,
        LD_PRELOAD=str(FAKETIME[0]),
        FAKETIME=offset,
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        ASAN_OPTIONS="verify_asan_link_order=0",
    )
    for whose in ("the store", "Postgres", "Redis"):
        report.names("clock", f"20.0 min {side} {whose}", "NTP")
    report.names("credentials", "RequestTimeTooSkewed", "clock")


def test_redis_with_an_evicting_policy(stack: Stack, ledgers: Ledgers) -> None:
    with policy(ledgers, "maxmemory-policy", "allkeys-lru"):
        report = doctor(stack)
    report.names("redis policy", "evicting policy (allkeys-lru)", "maxmemory-policy noeviction")
    assert report.failed() == ["redis policy"]


def test_redis_without_persistence_is_a_warning(stack: Stack, ledgers: Ledgers) -> None:
    with policy(ledgers, "appendonly", "no"):
        report = doctor(stack)
    report.names("redis persistence", "append-only file is off", "appendonly yes", "warn")
    assert report.status == 0


def test_one_redis_for_everything_is_a_warning(stack: Stack) -> None:
    for url in ("", stack.redis.redis_url):
        report = doctor(stack, SLUICE_CACHE_REDIS_URL=url)
        assert report.status == 0
        assert report.checks["cache"]["result"] == "warn", report.output


def test_unreachable_public_endpoint(stack: Stack) -> None:
    report = doctor(stack, SLUICE_S3_PUBLIC_ENDPOINT=f"http://{UNREACHABLE}")
    report.names("public endpoint", f"{UNREACHABLE} cannot be reached", "SLUICE_S3_PUBLIC_ENDPOINT")
    assert report.failed() == ["public endpoint"]


def test_public_endpoint_of_another_store(stack: Stack, impostor: str) -> None:
    report = doctor(stack, SLUICE_S3_PUBLIC_ENDPOINT=impostor)
    report.names("public endpoint", "another store", "same store")
    report.names("cors", "does not let pages", "MINIO_API_CORS_ALLOW_ORIGIN")


def test_missing_migration(stack: Stack, ledgers: Ledgers) -> None:
    name = f"empty_{uuid.uuid4().hex}"
    ledgers.database.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        url = psycopg.conninfo.make_conninfo(stack.postgres.database_url, dbname=name)
        report = doctor(stack, SLUICE_DATABASE_URL=url)
    finally:
        ledgers.database.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
    report.names("migrations", "0001_files", "sluice migrate")
    assert report.failed() == ["migrations"]


def test_no_processor_takes_the_list(stack: Stack) -> None:
    report = doctor(stack, SLUICE_EVENTS_LIST="sluice:events:of-nobody")
    report.names("processors", "no worker", "start sluice-processor")


def test_events_that_nobody_takes(stack: Stack, ledgers: Ledgers) -> None:
    stack.processor.pause()
    try:
        report = doctor(stack)
    finally:
        stack.processor.resume()
    report.names("event round trip", "event came", "sluice-processor", "warn")
    assert ledgers.value("SELECT count(*) FROM files WHERE owner_id = 'doctor'") == 0


@pytest.mark.parametrize(
    ("setting", "value", "check"),
    [
        ("SLUICE_DATABASE_URL", f"postgresql://u:top-secret-word@{UNREACHABLE}/x", "database"),
        ("SLUICE_REDIS_URL", f"redis://:top-secret-word@{UNREACHABLE}/0", "redis"),
        ("SLUICE_CACHE_REDIS_URL", f"redis://:top-secret-word@{UNREACHABLE}/0", "cache"),
        ("SLUICE_S3_ENDPOINT", f"http://{UNREACHABLE}", "store"),
    ],
)
def test_one_failure_does_not_hide_the_others(stack: Stack, setting: str, value: str, check: str) -> None:
    report = doctor(stack, **{setting: value, "SLUICE_S3_PUBLIC_ENDPOINT": f"http://{UNREACHABLE}"})
    assert set(report.failed()) == {check, "public endpoint"}, report.output
    report.names(check, "", setting)
    assert "top-secret-word" not in report.output


def test_services_that_stand_still(stack: Stack) -> None:
    """The real ones, stopped: they take connections and answer nothing. It ends in time, with exit 1."""
    services = (stack.postgres, stack.redis, stack.store)
    for service in services:
        service.pause()
    try:
        report = doctor(stack)
    finally:
        for service in services:
            service.resume()
    assert {"database", "redis", "store", "public endpoint"} <= set(report.failed())
    assert report.status == 1
    assert report.seconds < 60
    eventually(lambda: doctor(stack).status == 0, "sound again", 90)


def test_setup_heals_missing_notifications(stack: Stack, ledgers: Ledgers) -> None:
    """An operator's whole way: doctor names it, its remedy is run, doctor is content, and events come again."""
    if not stack.store.notify_arns:
        pytest.skip("what this store reports is not a matter of the bucket")
    with ledgers.without_subscriptions():
        assert "notifications" in doctor(stack).failed()
        stack.cli.run("setup")
        report = doctor(stack)
        assert report.status == 0, report.output
        assert "event came after" in report.checks["event round trip"]["found"]


def test_services_that_never_answer(stack: Stack) -> None:
    """Each check gives up by itself."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"127.0.0.1:{silent.getsockname()[1]}"
        report = doctor(
            stack,
            SLUICE_DATABASE_URL=f"postgresql://u@{where}/x",
            SLUICE_REDIS_URL=f"redis://{where}/0",
            SLUICE_CACHE_REDIS_URL=f"redis://{where}/0",
            SLUICE_S3_ENDPOINT=f"http://{where}",
            SLUICE_S3_PUBLIC_ENDPOINT=f"http://{where}",
        )
    assert set(report.failed()) == {"database", "redis", "cache", "store", "public endpoint"}
    assert report.seconds < 5 * 6 + 10
