"""FILE_ARRIVE as a worker runs it: what arrives becomes its job at once, as far as it has room and nothing older is
due. Each test is one transaction that is undone, so that no worker sees its rows."""

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from ledgers import Ledgers
from sluice_client import eventually
from test_sql_statements import STATEMENTS

MANY = 1 << 40


class Arrivals:
    """Files of a transaction, and the statement."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.cursor = psycopg.RawCursor(connection)

    def file(self, status: str = "PENDING") -> str:
        """The key of a new record."""
        file_id = uuid.uuid4()
        self.cursor.execute(
            "INSERT INTO files (id, kind, owner_id, status, filename, bucket, object_key, upload_method, sweep_at,"
            " expires_at) VALUES ($1, 'file', 'taker', $2, 'a.bin', 'uploads', $3, 'PUT', now(), now())",
            [file_id, status, f"files/{file_id}"],
        )
        return f"files/{file_id}"

    def arrive(self, *objects: tuple[str, int], jobs: int = 8, size: int = MANY) -> dict[str, str]:
        """Key → what became of it: known, counted or claimed."""
        keys, sizes, nothing = [key for key, _ in objects], [size for _, size in objects], [None] * len(objects)
        statuses = [["PENDING", "EXPIRED"], "UPLOADED", "file.uploaded"]
        arrays = [["uploads"] * len(keys), keys, sizes, nothing, nothing, nothing]
        self.cursor.execute(STATEMENTS["FILE_ARRIVE"][1], [*statuses, *arrays, jobs, size, "SYNCING", "taker:1", 30])
        effects = {}
        for place, counted, queue_id, *_ in self.cursor.fetchall():
            effects[keys[place - 1]] = "known" if not counted else "claimed" if queue_id else "counted"
        return effects

    def rows(self, key: str) -> list[tuple[Any, ...]]:
        """Status of the file and of its jobs, with their worker and whether there is a lease."""
        sql = """SELECT f.status, q.status, q.worker, q.attempts, q.lease_token IS NOT NULL AND q.lease_until > now()
          FROM files f LEFT JOIN processing_queue q ON q.file_id = f.id WHERE f.object_key = $1"""
        return self.cursor.execute(sql, [key]).fetchall()

    def topics(self, key: str) -> list[tuple[Any, ...]]:
        sql = "SELECT o.topic FROM outbox o JOIN files f ON f.id = o.file_id WHERE f.object_key = $1"
        return self.cursor.execute(sql, [key]).fetchall()


@pytest.fixture
def arrivals(ledgers: Ledgers) -> Iterator[Arrivals]:
    """In a snapshot in which nothing is due: what other tests have left in the queue would be older work, and what they
    queue from now on cannot be seen in it."""
    with psycopg.connect(ledgers.database_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

        def nothing_is_due() -> bool:
            connection.rollback()
            due = "SELECT FROM processing_queue WHERE status = 'pending' AND run_at <= now()"
            return not connection.execute(due).fetchall()

        eventually(nothing_is_due, "a moment in which nothing is due")
        yield Arrivals(connection)
        connection.rollback()


def test_what_arrives_is_claimed_at_once(arrivals: Arrivals) -> None:
    key, expired = arrivals.file(), arrivals.file("EXPIRED")
    assert arrivals.arrive((key, 5), (expired, 5)) == {key: "claimed", expired: "claimed"}
    for each in (key, expired):
        assert arrivals.rows(each) == [("SYNCING", "processing", "taker:1", 1, True)]
        assert arrivals.topics(each) == [("file.uploaded",)]


def test_the_same_event_again_changes_nothing(arrivals: Arrivals) -> None:
    key = arrivals.file()
    arrivals.arrive((key, 5))
    assert arrivals.arrive((key, 5)) == {key: "known"}
    assert arrivals.rows(key) == [("SYNCING", "processing", "taker:1", 1, True)]
    assert len(arrivals.topics(key)) == 1


def test_an_object_without_a_record_is_not_in_the_answer(arrivals: Arrivals) -> None:
    key = arrivals.file()
    assert arrivals.arrive(("files/nobody", 5), (key, 5)) == {key: "claimed"}


def test_who_claims_nothing_queues_everything(arrivals: Arrivals) -> None:
    """As the API and the sweeper do."""
    key = arrivals.file()
    assert arrivals.arrive((key, 5), jobs=0) == {key: "counted"}
    assert arrivals.rows(key) == [("UPLOADED", "pending", None, 0, False)]


def test_beyond_the_room_for_jobs_they_wait_for_other_workers(arrivals: Arrivals) -> None:
    keys = [arrivals.file() for _ in range(3)]
    effects = arrivals.arrive(*((key, 5) for key in keys), jobs=2)
    assert [effects[key] for key in keys] == ["claimed", "claimed", "counted"]
    assert sorted(arrivals.rows(key)[0][0] for key in keys) == ["SYNCING", "SYNCING", "UPLOADED"]


def test_beyond_the_room_for_bytes_they_wait_but_the_first_never_does(arrivals: Arrivals) -> None:
    keys = [arrivals.file() for _ in range(2)]
    effects = arrivals.arrive((keys[0], 1000), (keys[1], 1000), size=100)
    assert effects == {keys[0]: "claimed", keys[1]: "counted"}


def test_known_ones_take_no_room(arrivals: Arrivals) -> None:
    done, fresh = arrivals.file("SYNCED"), arrivals.file()
    assert arrivals.arrive((done, 5), (fresh, 5), jobs=1) == {done: "known", fresh: "claimed"}


def test_older_work_goes_first(arrivals: Arrivals) -> None:
    older, key = arrivals.file(), arrivals.file()
    arrivals.arrive((older, 5), jobs=0)
    assert arrivals.arrive((key, 5)) == {key: "counted"}
    assert arrivals.rows(key) == [("UPLOADED", "pending", None, 0, False)]


def test_work_that_is_not_due_yet_is_not_older_work(arrivals: Arrivals) -> None:
    later, key = arrivals.file(), arrivals.file()
    arrivals.arrive((later, 5), jobs=0)
    arrivals.cursor.execute(
        "UPDATE processing_queue q SET run_at = now() + interval '1 minute' FROM files f"
        " WHERE f.id = q.file_id AND f.object_key = $1", [later],
    )  # fmt: skip
    assert arrivals.arrive((key, 5)) == {key: "claimed"}
