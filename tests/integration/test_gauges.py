"""The processor's gauges, which alerts look at: what waits, and what answers."""

import time

import requests
from ledgers import Ledgers
from sluice_client import Sluice, eventually
from test_sql_statements import STATEMENTS

from devstack.stack import Stack


def _gauges(stack: Stack) -> dict[str, float]:
    session = requests.Session()
    session.trust_env = False
    lines = session.get(f"{stack.processor.url}/metrics", timeout=10).text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")}


def _answers(stack: Stack, dependency: str) -> bool:
    return _gauges(stack)[f'sluice_dependency_up{{dependency="{dependency}"}}'] == 1


def test_gauges_tell_what_waits(stack: Stack, api: Sluice, ledgers: Ledgers) -> None:
    """A job that nobody may take yet becomes due in the past; dead events are counted."""
    record = api.upload(b"long done")
    ledgers.queue.rpush("sluice:events", b"no event at all")
    eventually(lambda: _gauges(stack)["sluice_dead_events"] >= 1, "dead events are counted", 40)
    stack.processor.pause()
    try:
        ledgers.database.execute(
            "UPDATE processing_queue SET status = 'pending', run_at = now() - interval '1 hour' WHERE file_id = %s",
            [record["file_id"]],
        )
        row = ledgers.rows(STATEMENTS["GAUGE_TABLES"][1].replace("$1", "%s"), 10, 10)[0]
    finally:
        ledgers.database.execute(
            "UPDATE processing_queue SET status = 'completed' WHERE file_id = %s", [record["file_id"]]
        )
        stack.processor.resume()
    due, processing, oldest_s, dead = row
    assert due >= 1
    assert processing >= 0
    assert oldest_s >= 3600
    assert 1 <= dead <= 10, "counting ends where it is told to"


def test_gauges_tell_what_answers(stack: Stack) -> None:
    for name in ("postgres", "redis", "store"):
        assert _answers(stack, name), name
    gauges = _gauges(stack)
    assert time.time() - gauges["sluice_sweep_completed_timestamp_seconds"] < 600
    assert 0 <= gauges["sluice_spool_used_percent"] <= 100
    stack.store.stop()
    try:
        eventually(lambda: not _answers(stack, "store"), "the store is missed", 60)
        assert _answers(stack, "postgres")
    finally:
        stack.store.start()
    eventually(lambda: _answers(stack, "store"), "the store is back", 60)
