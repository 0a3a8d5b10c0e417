"""Fault 37: the receiver of webhooks is down, slow, answers 500, while senders and the database die. What it
accepted is compared with the outbox: every event once or more, those of a file in their order."""

import itertools
import random
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from case import Case
from sluice_client import eventually
from webhook_receiver import Receiver, answers, hang

PATH = "/events"
TOPICS = ("file.uploaded", "file.synced", "file.failed", "file.deleted")
UPLOADS = 200  # of real clients: 400 events
FILES = 400  # of transactions of the test's own: 1,600 events


@contextmanager
def subscribed(case: Case, receiver: Receiver) -> Iterator[dict[str, Any]]:
    reply = case.api.post("/webhooks/endpoints", {"url": receiver.url(PATH)})
    assert reply.status_code == 201, reply.text
    endpoint = reply.json()
    yield endpoint
    assert case.api.request("DELETE", f"/webhooks/endpoints/{endpoint['endpoint_id']}").status_code == 204


def announced(case: Case, since: int) -> list[tuple[str, str]]:
    """Event id and file of what is to be told, in its order."""
    sql = (
        "SELECT 'evt_' || id, file_id::text FROM outbox WHERE id > %s AND owner_id = 'dev' AND topic = ANY (%s)"
        " ORDER BY id"
    )
    return [(row[0], row[1]) for row in case.ledger.rows(sql, since, list(TOPICS))]


def told(case: Case, receiver: Receiver, endpoint: dict[str, Any], since: int) -> None:
    """The comparison: none lost, none invented, a file's in order, each of them signed."""
    wanted = announced(case, since)
    got = sorted(receiver.accepted(PATH), key=lambda one: one.at)
    for one in got:
        one.verified(endpoint["secret"])
    assert {one.id for one in got} == {event_id for event_id, _ in wanted}
    for file_id in {file_id for _, file_id in wanted}:
        order = [event_id for event_id, of in wanted if of == file_id]
        first_times = list(dict.fromkeys(one.id for one in got if one.file_id == file_id))
        assert first_times == order, file_id


def all_told(case: Case, receiver: Receiver, since: int, seconds: float) -> None:
    def is_done() -> bool:
        wanted = announced(case, since)
        return {one.id for one in receiver.accepted(PATH)} >= {event_id for event_id, _ in wanted}

    eventually(is_done, "every event accepted", seconds)


def write_files(case: Case, files: int) -> None:
    """Four events of each file, each in a transaction; some of these stay open while later ones commit."""
    for _ in range(files):
        file_id = str(uuid.uuid4())
        for topic in TOPICS:
            write_event(case, file_id, topic, pause_s=0.05 if random.random() < 0.05 else 0.0)


def write_event(case: Case, file_id: str, topic: str, pause_s: float) -> None:
    """Until it is committed: Postgres may be killed meanwhile. One whose answer was lost is written once more."""
    while True:
        try:
            with psycopg.connect(case.ledger.database_url) as database:
                sql = "INSERT INTO outbox (topic, file_id, owner_id) VALUES (%s, %s, 'dev')"
                database.execute(sql, (topic, file_id))
                time.sleep(pause_s)
            return
        except psycopg.Error:
            time.sleep(0.2)


def kill_sender(case: Case) -> None:
    for child in case.stack.children("webhooks").values():
        child.signal(signal.SIGKILL)


def newest(case: Case) -> int:
    return int(case.ledger.value("SELECT coalesce(max(id), 0) FROM outbox"))


@contextmanager
def in_the_background(work: Any) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield thread
    thread.join(300)
    assert not thread.is_alive()


@pytest.mark.timeout(600)
def test_receiver_down_slow_and_failing(case: Case) -> None:
    receiver = Receiver()
    other = case.stack.add_processor(2)
    other.start()
    since = newest(case)
    try:
        with subscribed(case, receiver) as endpoint:
            with ThreadPoolExecutor(4) as pool, in_the_background(lambda: case.clients.upload_many(UPLOADS)):
                writers = [pool.submit(write_files, case, FILES // 4) for _ in range(4)]
                eventually(lambda: len(announced(case, since)) > 400, "some events, and nobody to tell")
                kill_sender(case)
                receiver.behaviours[PATH] = answers(500)
                with receiver.running():
                    eventually(lambda: len(receiver.at(PATH)) > 5, "some refusals")
                    receiver.behaviours[PATH] = hang
                    time.sleep(3)
                    case.stack.postgres.kill()
                    case.stack.postgres.start()
                receiver.received.clear()
                yes, no = answers(200), answers(500)
                moods = itertools.cycle([yes] * 9 + [no])
                receiver.behaviours[PATH] = lambda handler, got: next(moods)(handler, got)
                with receiver.running():
                    for _ in range(4):
                        seen = len(receiver.accepted(PATH))
                        eventually(lambda n=seen: len(receiver.accepted(PATH)) > n + 50, "some more", 90)  # type: ignore[misc]
                        kill_sender(case)
                    case.stack.postgres.kill()
                    case.stack.postgres.start()
                    for writer in writers:
                        writer.result(300)
                    case.ledger.settle()
                    all_told(case, receiver, since, 180)
            assert len(announced(case, since)) >= 2 * UPLOADS + 4 * FILES
            told(case, receiver, endpoint, since)
    finally:
        other.stop()
    case.ledger.check()


def test_late_commits_are_not_passed_over(case: Case) -> None:
    """A transaction that began first, and has the lowest id, commits when all others were told."""
    since = newest(case)
    with Receiver().running() as receiver, subscribed(case, receiver) as endpoint:
        early = str(uuid.uuid4())
        with psycopg.connect(case.ledger.database_url) as database:
            sql = "INSERT INTO outbox (topic, file_id, owner_id) VALUES ('file.synced', %s, 'dev')"
            database.execute(sql, (early,))
            write_files(case, 20)
            all_told(case, receiver, since, 60)
            assert early not in {one.file_id for one in receiver.accepted(PATH)}
        all_told(case, receiver, since, 60)
        told(case, receiver, endpoint, since)
    case.ledger.check()
