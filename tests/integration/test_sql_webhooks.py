"""Results of several webhooks in one statement: what each delivery and each endpoint comes to."""

from collections.abc import Iterator
from typing import Any, LiteralString, cast

import psycopg
import pytest
from ledgers import Ledgers
from test_sql_statements import STATEMENTS

OWNER = "settled"
WORKS, MIXED, GONE, FAILS = (f"01800000-0000-7000-8000-00000000f00{number}" for number in range(1, 5))
TOKEN, OTHER_TOKEN = "01800000-0000-4000-8000-000000000001", "01800000-0000-4000-8000-000000000002"
PAUSE_MS, DISABLE_AFTER_S = 5000, 3600
COLUMNS = ["uuid", "uuid", "text", "bigint", "integer", "text", "text", "bigint", "boolean"]


@pytest.fixture
def cursor(ledgers: Ledgers) -> Iterator[psycopg.Cursor[Any]]:
    with ledgers.database.transaction(force_rollback=True), ledgers.database.cursor() as cursor:
        for endpoint in (WORKS, MIXED, GONE, FAILS):
            cursor.execute(
                "INSERT INTO webhook_endpoints (id, owner_id, url, secret, failures, failing_since)"
                " VALUES (%s, %s, 'https://example.com/', 'whsec_AA', 2, now() - interval '2 hours')",
                (endpoint, OWNER),
            )
        yield cursor


def _delivery(cursor: psycopg.Cursor[Any], endpoint: str) -> str:
    """Under way."""
    cursor.execute(
        "INSERT INTO webhook_deliveries (id, endpoint_id, owner_id, event_id, topic, body, attempts, lease_token)"
        " VALUES (sluice_uuid7(), %s, %s, 'evt_1', 'file.synced', '{}', 1, %s) RETURNING id",
        (endpoint, OWNER, TOKEN),
    )
    return str(cursor.fetchone()[0])  # type: ignore[index]


def _settle(cursor: psycopg.Cursor[Any], attempts: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """(delivery, token, status, HTTP status, whether the endpoint is gone) of each."""
    rows = []
    for delivery, token, status, http, gone in attempts:
        error, pause_ms = None if http else "no answer", 0 if status == "delivered" else PAUSE_MS
        rows.append((delivery, token, status, 1000, http, error, "body", pause_ms, gone))
    types = ", ".join(f"{name}[]" for name in COLUMNS)
    cursor.execute(cast(LiteralString, f"PREPARE settle({types}, bigint) AS {STATEMENTS['WEBHOOK_SETTLE'][1]}"))
    values = [list(column) for column in zip(*rows, strict=True)]
    casts = ", ".join(f"%s::{name}[]" for name in COLUMNS)
    with psycopg.ClientCursor(cursor.connection) as client:
        client.execute(cast(LiteralString, f"EXECUTE settle ({casts}, %s)"), [*values, DISABLE_AFTER_S])
        found = client.fetchall()
    cursor.execute("DEALLOCATE settle")
    return found


def _endpoint(cursor: psycopg.Cursor[Any], endpoint: str) -> tuple[Any, ...]:
    query = "SELECT failures, failing_since IS NULL, paused_until IS NULL, disabled_reason FROM webhook_endpoints"
    cursor.execute(cast(LiteralString, f"{query} WHERE id = %s"), (endpoint,))
    row = cursor.fetchone()
    assert row is not None
    return tuple(row)


def test_each_result_is_written_and_each_endpoint_judged_once(cursor: psycopg.Cursor[Any]) -> None:
    works, yes, no, gone, fails = (_delivery(cursor, of) for of in (WORKS, MIXED, MIXED, GONE, FAILS))
    rows = _settle(
        cursor,
        [
            (works, TOKEN, "delivered", 204, False),
            (yes, TOKEN, "delivered", 200, False),
            (no, TOKEN, "pending", 500, False),
            (gone, TOKEN, "failed", 410, True),
            (fails, TOKEN, "pending", None, False),
        ],
    )
    assert [row[0] is not None for row in rows] == [True] * 5
    assert [row[1] for row in rows] == [None, None, None, "gone", "failing"]
    assert _endpoint(cursor, WORKS) == (0, True, True, None)
    assert _endpoint(cursor, MIXED) == (0, True, True, None), "it said yes to one of them"
    assert _endpoint(cursor, GONE) == (3, False, False, "gone")
    assert _endpoint(cursor, FAILS) == (3, False, False, "failing"), "for two hours already"
    cursor.execute(
        "SELECT status, http_status, error, lease_token, delivered_at IS NOT NULL, next_at > now()"
        " FROM webhook_deliveries WHERE owner_id = %s ORDER BY id",
        (OWNER,),
    )
    assert cursor.fetchall() == [
        ("delivered", 204, None, None, True, True),
        ("delivered", 200, None, None, True, True),
        ("pending", 500, None, None, False, True),
        ("failed", 410, None, None, False, True),
        ("pending", None, "no answer", None, False, True),
    ]


def test_a_lost_lease_changes_nothing_beside_the_others(cursor: psycopg.Cursor[Any]) -> None:
    lost, held = _delivery(cursor, FAILS), _delivery(cursor, WORKS)
    rows = _settle(cursor, [(lost, OTHER_TOKEN, "pending", 500, False), (held, TOKEN, "delivered", 200, False)])
    assert [row[0] is None for row in rows] == [True, False]
    assert _endpoint(cursor, FAILS) == (2, False, True, None)
    assert _endpoint(cursor, WORKS) == (0, True, True, None)
    cursor.execute("SELECT status, lease_token::text FROM webhook_deliveries WHERE id = %s", (lost,))
    assert cursor.fetchone() == ("pending", TOKEN)
