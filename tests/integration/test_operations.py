"""Health, metrics, logs, settings and programs: what an operator sees."""

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import requests
from ledgers import Ledgers
from sluice_client import ODD_NAME, Sluice, eventually, problem, send

from devstack.stack import Stack

PROGRAMS = ("sluice-api", "sluice-processor", "sluice")
METRIC = re.compile(r'^([a-zA-Z_:][\w:]*)(\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})? (\S+)$')


def _metrics(url: str) -> dict[str, float]:
    """Every sample; a line that Prometheus would not read fails the test."""
    session = requests.Session()
    session.trust_env = False
    reply = session.get(f"{url}/metrics", timeout=10)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/plain")
    samples = {}
    for line in reply.text.splitlines():
        if line and not line.startswith("#"):
            match = METRIC.match(line)
            assert match, line
            samples[match.group(1) + (match.group(2) or "")] = float(match.group(3))
    return samples


def test_healthz(api: Sluice) -> None:
    assert api.get("/healthz").status_code == 200


def test_readyz_names_each_dependency(api: Sluice) -> None:
    reply = api.get("/readyz")
    assert reply.status_code == 200
    text = reply.text.lower()
    for dependency in ("database", "redis", "store"):
        assert dependency in text or {"database": "postgres", "store": "s3"}.get(dependency, "?") in text, text


def test_metrics_of_the_api(api: Sluice, stack: Stack) -> None:
    before = _metrics(stack.api.url).get("sluice_presigned_total", 0)
    api.presign()
    assert _metrics(stack.api.url)["sluice_presigned_total"] == before + 1


def test_metrics_of_the_processor(api: Sluice, stack: Stack) -> None:
    before = sum(value for name, value in _metrics(stack.processor.url).items() if name.startswith("sluice_jobs_total"))
    api.upload(b"counted")

    def counted() -> bool:
        now = _metrics(stack.processor.url)
        return sum(value for name, value in now.items() if name.startswith("sluice_jobs_total")) > before

    eventually(counted, "job counted")


def test_unknown_paths_do_not_grow_the_metrics(api: Sluice, stack: Stack) -> None:
    for number in range(20):
        api.get(f"/nothing/{number}")
        api.get(f"/files/0190b5a0-0000-7000-8000-0000000000{number:02}")
    names = " ".join(_metrics(stack.api.url))
    assert "/nothing/" not in names
    assert "0190b5a0" not in names


def test_database_down_is_503_and_comes_back_by_itself(api: Sluice, stack: Stack) -> None:
    record = api.upload(b"before the outage")
    stack.postgres.kill()
    try:
        reply = api.get(f"/files/{record['file_id']}")
        problem(reply, 503)
        assert int(reply.headers["Retry-After"]) >= 1
        reply = api.post("/files/presigned-upload", {"filename": "a"})
        problem(reply, 503)
        assert "Retry-After" in reply.headers
        eventually(lambda: api.get("/readyz").status_code == 503, "not ready", 10)
        ready = api.get("/readyz").text.lower()
        assert "database" in ready or "postgres" in ready
        assert api.get("/healthz").status_code == 200
    finally:
        stack.postgres.start()
    eventually(lambda: api.get("/readyz").status_code == 200, "ready again")
    assert api.upload(b"after the outage")["status"] == "SYNCED"


def test_queue_down_does_not_stop_uploads(api: Sluice, stack: Stack) -> None:
    """Postgres remembers, Redis only wakes: a confirm alone carries the file through."""
    stack.redis.stop()
    try:
        ticket = api.presign("no redis.txt")
        assert send(ticket, b"without a wake-up").ok
        assert api.confirm(ticket["file_id"], 17)["confirmed"] == 1
        assert api.synced(ticket["file_id"])["status"] == "SYNCED"
        assert "redis" in api.get("/readyz").text.lower()
    finally:
        stack.redis.start()
    eventually(lambda: api.get("/readyz").status_code == 200, "ready again")


def test_store_down_is_503_for_content_and_confirm(api: Sluice, stack: Stack, ledgers: Ledgers) -> None:
    record, ticket = api.upload(b"in the store"), api.presign()
    ledgers.cache.delete(f"file_content:{record['file_id']}")
    stack.store.stop()
    try:
        problem(api.get(f"/files/{record['file_id']}/content"), 503)
        reply = api.post("/files/confirm-uploads", {"file_id": ticket["file_id"], "file_size": 1})
        problem(reply, 503)
        assert "Retry-After" in reply.headers
        assert api.presign()["status"] == "PENDING", "signing needs no store"
    finally:
        stack.store.start()
    assert api.upload(b"after it")["status"] == "SYNCED"


def _log_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def test_logs_are_json_with_ids_and_without_secrets(api: Sluice, stack: Stack) -> None:
    trace = "trace-of-the-log-test"
    ticket = api.presign(ODD_NAME, headers={"X-Request-Id": trace})
    api.get(f"/files/{ticket['file_id']}?wait=1&secret=hidden", headers={"Authorization": "Bearer hidden-key"})
    send(ticket, b"logged")
    api.synced(ticket["file_id"])
    lines = _log_lines(stack.api.log_path)
    assert [line for line in lines if line.get("request_id") == trace]
    text = stack.api.log_path.read_text() + stack.processor.log_path.read_text()
    settings = stack.program_settings()
    hidden = [settings["SLUICE_S3_SECRET_KEY"], settings["SLUICE_EVENTS_KEY"], stack.postgres.password]
    for secret in [*hidden, "X-Amz-Signature", "secret=hidden", "hidden-key", "wait=1"]:
        assert secret not in text, secret
    eventually(
        lambda: [line for line in _log_lines(stack.processor.log_path) if line.get("file_id") == ticket["file_id"]],
        "the processor's line about the file",
    )


def _run(stack: Stack, program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = stack.api.program.parent / program
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    return subprocess.run(
        [str(path), *arguments],
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_and_version(stack: Stack, program: str) -> None:
    for option in ("--help", "--version"):
        done = _run(stack, program, option)
        assert done.returncode == 0, done
        assert done.stdout.strip()
        assert not done.stderr.strip()
    assert "SLUICE_DATABASE_URL" in _run(stack, program, "--help").stdout or program == "sluice"


@pytest.mark.parametrize("program", ["sluice-api", "sluice-processor"])
@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"SLUICE_DATABASE_URL": ""}, "SLUICE_DATABASE_URL"),
        ({"SLUICE_CACHE_TTL_S": "soon"}, "SLUICE_CACHE_TTL_S"),
        ({"SLUICE_CACHE_TTL_S": "-1"}, "SLUICE_CACHE_TTL_S"),
        ({"SLUICE_CACHE_TTL_S": "99999999999999999999"}, "SLUICE_CACHE_TTL_S"),
        ({"SLUICE_NO_SUCH_SETTING": "1"}, "SLUICE_NO_SUCH_SETTING"),
        ({"SLUICE_LOG_FORMAT": "xml"}, "SLUICE_LOG_FORMAT"),
        ({"SLUICE_S3_SECRET_KEY": "", "SLUICE_S3_SECRET_KEY_FILE": "/nonexistent"}, "SLUICE_S3_SECRET_KEY"),
    ],
)
def test_bad_settings_are_one_clear_line(stack: Stack, program: str, changes: dict[str, str], word: str) -> None:
    settings = {name: value for name, value in (stack.program_settings() | changes).items() if value}
    done = _run(stack, program, **settings)
    assert done.returncode == 2, done
    assert word in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_auth_none_needs_loopback(stack: Stack) -> None:
    done = _run(stack, "sluice-api", **stack.program_settings(), SLUICE_LISTEN="0.0.0.0:0")
    assert done.returncode == 2, done
    assert "SLUICE_AUTH" in done.stderr


def test_secrets_from_files_and_a_config_file(stack: Stack, tmp_path: Path) -> None:
    settings = stack.program_settings()
    secret = tmp_path / "database_url"
    secret.write_text(settings.pop("SLUICE_DATABASE_URL") + "\n")
    config = tmp_path / "sluice.conf"
    config.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    done = _run(stack, "sluice", "migrate", "--config", str(config), SLUICE_DATABASE_URL_FILE=str(secret))
    assert done.returncode == 0, done


def test_migrate_and_setup_again_change_nothing(stack: Stack, ledgers: Ledgers) -> None:
    before = ledgers.rows("SELECT * FROM schema_migrations ORDER BY 1")
    notifications = ledgers.subscriptions()
    for command in ("migrate", "setup"):
        assert stack.cli.run(command, check=False).returncode == 0
    assert ledgers.rows("SELECT * FROM schema_migrations ORDER BY 1") == before
    assert len(ledgers.subscriptions()) == len(notifications)


def test_several_hosts_may_migrate_at_once(stack: Stack, ledgers: Ledgers) -> None:
    name = f"migrating_{os.getpid()}"
    ledgers.database.execute(f'CREATE DATABASE "{name}"'.encode())
    url = psycopg.conninfo.make_conninfo(stack.postgres.database_url, dbname=name)
    try:
        for _ in ("empty", "current"):
            with ThreadPoolExecutor() as pool:
                ends = [pool.submit(_run, stack, "sluice", "migrate", SLUICE_DATABASE_URL=url) for _ in range(4)]
            assert [end.result().returncode for end in ends] == [0] * 4, [end.result() for end in ends]
    finally:
        ledgers.database.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def test_terminated_programs_drain_and_exit_0(stack: Stack, api: Sluice) -> None:
    """stop() fails by itself when a program outlives its deadline; restarting also proves that ports are let go."""
    for service in (stack.api, stack.processor):
        service.restart()
    assert api.upload(b"after a restart")["status"] == "SYNCED"
