"""Faults of assets: one content once, and no object left behind, whatever dies meanwhile."""

import os
import signal
import uuid
from typing import Any

import pytest
from asset_client import picture, stage
from case import Case, repeatedly
from sluice_client import eventually

POINTS = ("content_claimed", "promoted", "variant_stored", "settle_before", "settle_after")
HASTY = {"SLUICE_PENDING_TTL_S": "2"}  # of staged objects whose worker died after its commit

TASKS = """
SELECT id::text, status, object_key, duplicate_of::text, encode(expected_sha256, 'hex') FROM files
WHERE id = ANY (%s::uuid[])
"""


def ready(case: Case, ids: list[str], seconds: float = 60) -> list[tuple[Any, ...]]:
    """The rows once each of them is SYNCED."""

    def complete() -> list[tuple[Any, ...]] | None:
        rows = case.ledger.rows(TASKS, ids)
        return rows if {row[1] for row in rows} == {"SYNCED"} else None

    return eventually(complete, f"{len(ids)} tasks complete", seconds)


def one_of_each(rows: list[tuple[Any, ...]]) -> set[str]:
    """The keys of the assets: one for each hash, which all the others duplicate, without an object of their own."""
    first = {row[4]: row[0] for row in rows if row[3] is None}
    assert len(first) == len({row[4] for row in rows})
    assert sum(row[3] is None for row in rows) == len(first)
    assert [row for row in rows if row[3] is not None and (row[3] != first[row[4]] or row[2] is not None)] == []
    return {row[2] for row in rows if row[3] is None}


def objects_of(case: Case, ids: list[str], prefix: str = "") -> set[str]:
    """What the bucket holds of these uploads."""
    return {key for key in case.ledger.objects() if key.startswith(prefix) and any(f"/{one}/" in key for one in ids)}


def nothing_left(case: Case, ids: list[str], keys: set[str]) -> None:
    """Of these uploads the bucket holds these objects and no others, variants apart, which the ledger looks at."""

    def left() -> set[str]:
        return {key for key in objects_of(case, ids) if not key.startswith("thumbnails/")}

    eventually(lambda: left() == keys, f"no other objects than {len(keys)}", 30)
    case.ledger.check()


@pytest.mark.parametrize("point", POINTS)
def test_worker_dies_at_a_crash_point_of_assets(case: Case, point: str) -> None:
    """Each of the first workers kills itself at the same place. Four contents, ten times each: four assets."""
    case.stack.processor.stop()
    contents = [picture(200 + number, 100) for number in range(2)] + [os.urandom(5000) for _ in range(2)]
    ids = [stage(case.ledger, contents[number % 4]) for number in range(40)]
    since = case.stack.log_end()
    with case.stack.processor_with(SLUICE_CRASH_AT=point, **HASTY):
        rows = ready(case, ids)
        nothing_left(case, ids, one_of_each(rows))
        deaths = case.stack.logged("child_died", since)
    assert [line for line in deaths if line["status"] == -signal.SIGKILL], f"nobody died at {point}"


def test_a_hundred_identical_uploads_while_workers_are_killed(case: Case) -> None:
    """Must show 2: one asset, 100 complete tasks, 99 duplicates, one object."""
    case.stack.processor.stop()
    data = os.urandom(100_000)
    ids = [stage(case.ledger, data, f"{number}.bin") for number in range(100)]
    with case.stack.processor_with(**HASTY):
        with repeatedly(case.stack.kill_worker, 0.4) as kills:
            eventually(lambda: len(kills) >= 8, "eight killed workers", 40)  # fewer than there are attempts
        rows = ready(case, ids)
        keys = one_of_each(rows)
        assert (len(keys), len(rows)) == (1, 100)
        nothing_left(case, ids, keys)


def test_a_first_one_that_dies_for_good_makes_room(case: Case) -> None:
    """The holder of a content uses up its attempts while others wait: one of these has the content, and nothing of the
    first is in the way of its own retry."""
    data = os.urandom(3 * 1024 * 1024)
    with case.stack.processor_with(SLUICE_MAX_ATTEMPTS="1"):
        with case.stack.link("processor-s3").slow(64):
            first = stage(case.ledger, data)
            sql = "SELECT worker FROM processing_queue WHERE file_id = %s AND status = 'processing'"
            holds = "SELECT file_id::text FROM asset_contents WHERE file_id = %s"
            eventually(lambda: case.ledger.rows(holds, first) and case.ledger.rows(sql, first), "the first is at it")
            others = [stage(case.ledger, data) for _ in range(3)]
            case.stack.kill_worker(case.ledger.value(sql, first))
            status = "SELECT status FROM files WHERE id = %s"
            eventually(lambda: case.ledger.value(status, first) == "FAILED", "attempts used up", 30)
        rows = ready(case, others)
    keys = one_of_each(rows)
    assert case.api.post(f"/files/{first}/retry").status_code == 200
    assert one_of_each(ready(case, [first, *others])) == keys
    nothing_left(case, [first, *others], keys)


def test_deletes_while_workers_are_killed(case: Case) -> None:
    """Every reference is dropped, and with the last one everything is gone."""
    data = picture(300, 300)
    label = uuid.uuid4().hex
    ids = [stage(case.ledger, data, external_id=label) for _ in range(20)]
    with case.stack.processor_with(**HASTY):
        with repeatedly(case.stack.kill_worker, 0.3):
            sql = "SELECT id::text FROM files WHERE external_id = %s ORDER BY id LIMIT 1"
            while left := case.ledger.rows(sql, label):
                reply = case.api.request("DELETE", f"/api/v1/assets/{left[0][0]}")
                assert reply.status_code in (200, 404), reply.text
        eventually(lambda: case.ledger.value("SELECT count(*) FROM files WHERE external_id = %s", label) == 0, "gone")

        eventually(lambda: not objects_of(case, ids, "staging/"), "nothing is staged any more")
        case.stack.cli.run("sweep", "--orphan-age", "0", "--force")  # of workers that died with a deleted file in hand
        assert objects_of(case, ids) == set()
    nothing_left(case, ids, set())
