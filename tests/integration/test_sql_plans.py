"""Lists of an owner with many files read a bounded part of the table, planned as they are run: for their parameters."""

from typing import Any

import psycopg
import pytest
from ledgers import Ledgers
from test_sql_statements import STATEMENTS

OWNER, ROWS, BLOCKS = "plans", 20_000, 400  # of 8 KiB; a list that reads all of these files takes thousands

# The newest files wait for their objects; what the lists look for lies behind them.
FILL = """
INSERT INTO files (id, kind, owner_id, status, external_id, filename, bucket, object_key, upload_method, sweep_at,
  expires_at)
SELECT ('01800000-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid, CASE WHEN g <= 30 THEN 'media' ELSE 'file' END,
  %(owner)s, CASE WHEN g <= 30 THEN 'FAILED' WHEN g <= 60 THEN 'SYNCED' ELSE 'PENDING' END,
  CASE WHEN g <= 30 THEN 'wanted' ELSE 'other-' || g END, 'a.bin', 'plans', 'files/plans-' || g, 'POST', now(), now()
FROM generate_series(1, %(rows)s) AS s(g)
UNION ALL SELECT ('017fffff-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid, 'file', 'plans-small', 'SYNCED', NULL,
  'a.bin', 'plans', 'files/plans-small-' || g, 'POST', now(), now() FROM generate_series(1, 30) AS s(g)
"""
BEHIND = "01800000-0000-7000-8000-000000000040"  # an old id: a list from there on is the last page of many

LISTS = {
    "newest": [OWNER, None, None, None, None, 20],
    "last page": [OWNER, None, None, None, BEHIND, 20],
    "failed": [OWNER, "FAILED", None, None, None, 20],
    "external id": [OWNER, None, "wanted", None, None, 20],
    "kind": [OWNER, None, None, "media", None, 20],
    "of a small owner": ["plans-small", None, None, None, None, 20],
}


def _blocks(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


# A claim of webhooks is planned once, here while nothing waits, and kept.
WAITING = """
INSERT INTO webhook_deliveries (id, endpoint_id, owner_id, event_id, outbox_id, file_id, topic, body)
SELECT sluice_uuid7(), %(endpoint)s, %(owner)s, 'evt_' || g, 1000000000 + g, gen_random_uuid(), 'file.synced', '{}'
FROM generate_series(1, %(rows)s) AS s(g)
"""
ENDPOINT, CLAIMED, CLAIM_BLOCKS = "01800000-0000-7000-8000-00000000e001", 8, 400


def test_a_claim_reads_little_of_many_waiting_webhooks(ledgers: Ledgers) -> None:
    with ledgers.database.transaction(force_rollback=True), ledgers.database.cursor() as cursor:
        cursor.execute("DELETE FROM webhook_endpoints")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        _plan_look_ups(cursor)
        cursor.execute(f"PREPARE plans AS {STATEMENTS['WEBHOOK_CLAIM'][1]}".encode())
        cursor.execute(f"EXECUTE plans (64, {CLAIMED}, 30)".encode())
        cursor.execute(
            "INSERT INTO webhook_endpoints (id, owner_id, url, secret)"
            " VALUES (%s, %s, 'https://example.com/', 'whsec_AA')",
            (ENDPOINT, OWNER),
        )
        cursor.execute(WAITING, {"endpoint": ENDPOINT, "owner": OWNER, "rows": ROWS})
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE plans (64, {CLAIMED}, 30)".encode())
        row = cursor.fetchone()
        cursor.execute("DEALLOCATE plans")
    assert row is not None
    plan = row[0][0]["Plan"]
    assert plan["Actual Rows"] == CLAIMED
    assert _blocks(plan) < CLAIM_BLOCKS, plan


def _plan_look_ups(cursor: psycopg.Cursor[Any]) -> None:
    """As on the connections of the API and of workers (common/db_connection.c)."""
    for kind in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
        cursor.execute(f"SET LOCAL enable_{kind} = off".encode())


@pytest.mark.parametrize("name", LISTS)
def test_a_list_reads_little_of_many_files(ledgers: Ledgers, name: str) -> None:
    given = ", ".join("NULL" if value is None else f"'{value}'" for value in LISTS[name])
    with ledgers.database.transaction(force_rollback=True), ledgers.database.cursor() as cursor:
        cursor.execute(FILL, {"owner": OWNER, "rows": ROWS})
        cursor.execute("ANALYZE files")
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        _plan_look_ups(cursor)
        cursor.execute(f"PREPARE plans AS {STATEMENTS['FILES_LIST'][1]}".encode())
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE plans ({given})".encode())
        row = cursor.fetchone()
        cursor.execute("DEALLOCATE plans")
    assert row is not None
    plan = row[0][0]["Plan"]
    assert plan["Actual Rows"] == 20
    assert _blocks(plan) < BLOCKS, plan
