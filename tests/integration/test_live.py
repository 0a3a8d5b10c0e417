"""Live status: event streams and ?wait on real services, and what interrupts them."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from event_stream import EventStream
from ledgers import Ledgers, make_key
from sluice_client import Sluice, eventually, problem, send

from devstack.stack import Stack
from devstack.testing import run_stack

PLACES = 60
PLACES_OF_ONE = 40
TEXT = b"live\n"


@pytest.fixture(scope="module")
def live_stack() -> Iterator[Stack]:
    """Keys are demanded, heartbeats are quick, and there is little room."""
    yield from run_stack(
        "live",
        SLUICE_AUTH="required",
        SLUICE_SSE_MAX=str(PLACES),
        SLUICE_SSE_OWNER_MAX=str(PLACES_OF_ONE),
        SLUICE_SSE_HEARTBEAT_S="1",
        SLUICE_SSE_BUFFER_BYTES=str(16 * 1024),
        SLUICE_LOG_FORMAT="json",
    )


@pytest.fixture(scope="module")
def live_ledgers(live_stack: Stack) -> Ledgers:
    return Ledgers(live_stack)


@pytest.fixture
def owner(live_stack: Stack, request: pytest.FixtureRequest) -> Sluice:
    """A caller of his own for each test."""
    return Sluice(live_stack.api.url, make_key(live_stack, request.node.name, "upload,read"))


def watch(caller: Sluice, path: str, last_id: str | None = None) -> EventStream:
    return EventStream(caller.api_url + path, {"Authorization": str(caller.http.headers["Authorization"])}, last_id)


def start(caller: Sluice) -> tuple[str, Callable[[], None]]:
    """A PENDING file, and what uploads and confirms it."""
    ticket = caller.presign()

    def finish() -> None:
        assert send(ticket, TEXT).ok
        caller.confirm(ticket["file_id"], len(TEXT))

    return ticket["file_id"], finish


def announce(connection: "psycopg.Connection[object]", name: str, *file_ids: str) -> None:
    """Writes to the outbox what a change of these files would."""
    for file_id in file_ids:
        connection.execute("INSERT INTO outbox (topic, file_id, owner_id) VALUES ('test', %s, %s)", [file_id, name])


def metric(stack: Stack, name: str) -> int:
    text = Sluice(stack.api.url).get("/metrics").text
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")))


def test_a_file_is_followed_from_pending_to_synced(owner: Sluice) -> None:
    file_id, finish = start(owner)
    with watch(owner, f"/files/{file_id}/events") as stream:
        assert stream.reply.headers["Content-Type"] == "text/event-stream"
        assert stream.reply.headers["Cache-Control"] == "no-store"
        assert stream.retry_ms is not None
        assert stream.next().data["status"] == "PENDING"
        finish()
        order = ["PENDING", "UPLOADED", "SYNCING", "SYNCED"]
        seen = stream.until("SYNCED")
        assert seen == sorted(set(seen), key=order.index)
        stream.nothing_more()
    with watch(owner, f"/files/{file_id}/events") as stream:
        assert _lasting(stream.next().data) == _lasting(owner.record(file_id))


def test_an_album_and_its_media_are_followed(owner: Sluice) -> None:
    album = owner.post("/albums", {"title": "live"}).json()["album_id"]
    with watch(owner, f"/albums/{album}/events") as stream:
        body = {"filename": "a.jpg", "content_type": "image/jpeg", "size": len(TEXT)}
        ticket = owner.post(f"/albums/{album}/media/upload", body).json()
        with watch(owner, f"/media/{ticket['media_id']}/events") as single:
            assert single.next().data["status"] == "pending"
            assert send(ticket | {"method": "PUT"}, TEXT).ok
            assert single.until("failed")[-1] == "failed"  # it is no picture
        assert stream.until("failed")[-1] == "failed"
        assert owner.request("DELETE", f"/media/{ticket['media_id']}").status_code == 204
        event = stream.next()
        assert (event.name, event.data["media_id"]) == ("deleted", ticket["media_id"])


def test_a_deleted_file_ends_its_stream(owner: Sluice) -> None:
    file_id, _ = start(owner)
    with watch(owner, f"/files/{file_id}/events") as stream:
        stream.next()
        assert owner.request("DELETE", f"/files/{file_id}").status_code == 204
        event = stream.next()
        assert (event.name, event.data) == ("deleted", {"file_id": file_id})
        assert stream.ended.wait(30)
    problem(owner.get(f"/files/{file_id}/events"), 404, "NOT_FOUND")


def test_another_owners_events_are_never_seen(live_stack: Stack, owner: Sluice) -> None:
    other = Sluice(live_stack.api.url, make_key(live_stack, "somebody-else", "upload,read"))
    file_id, finish = start(other)
    album = other.post("/albums", {"title": "theirs"}).json()["album_id"]
    problem(owner.get(f"/files/{file_id}/events"), 404, "NOT_FOUND")
    problem(owner.get(f"/albums/{album}/events"), 404, "ALBUM_NOT_FOUND")
    problem(Sluice(live_stack.api.url).get("/events"), 401, "UNAUTHORIZED")
    with watch(other, "/events") as theirs, watch(owner, "/events") as mine:
        beginning = mine.last_id
        finish()
        theirs.until("SYNCED")
        mine.nothing_more()
    with watch(owner, "/events", beginning) as mine:
        mine.nothing_more()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_a_client_resumes_across_a_restart(live_stack: Stack, owner: Sluice, stop: signal.Signals) -> None:
    """What happened while the API was away, and before that unread, comes once and in order."""
    files = [start(owner) for _ in range(3)]
    with watch(owner, "/events") as stream:
        files[0][1]()
        stream.until("SYNCED")
        last_id = stream.last_id
        os.kill(live_stack.api.pid, stop)
        assert stream.ended.wait(30), "the stream does not end"
    live_stack.api.stop()
    live_stack.api.start()
    for file_id, finish in files[1:]:  # one after the other, or any of them might be ready first
        finish()
        owner.synced(file_id)
    with watch(owner, "/events", last_id) as stream:
        missed = [stream.next() for _ in files[1:]]
        stream.nothing_more()
        assert [(event.data["file_id"], event.data["status"]) for event in missed] == [
            (file_id, "SYNCED") for file_id, _ in files[1:]
        ]
    with watch(owner, "/events", missed[0].last_id) as stream:
        assert _lasting(stream.next().data) == _lasting(missed[1].data)
        stream.nothing_more()
    with watch(owner, "/events", missed[1].last_id) as stream:
        stream.nothing_more()


def _lasting(record: dict[str, Any]) -> dict[str, Any]:
    """Without the URL, which is signed anew with the time of each answer."""
    return {name: value for name, value in record.items() if name != "download_url"}


def test_transactions_that_commit_in_the_other_order_lose_nothing(
    live_ledgers: Ledgers, owner: Sluice, request: pytest.FixtureRequest
) -> None:
    (first, _), (second, _) = start(owner), start(owner)
    name = request.node.name
    url = live_ledgers.database_url
    with psycopg.connect(url) as early, psycopg.connect(url) as late, watch(owner, "/events") as stream:
        announce(early, name, first)
        announce(late, name, second)
        late.commit()
        event = stream.next()
        assert event.data["file_id"] == second, "an open transaction holds up another"
        between = event.last_id
        early.commit()
        event = stream.next()
        assert event.data["file_id"] == first, "the transaction with the lower ids was lost"
        stream.nothing_more(1.5)
    with watch(owner, "/events", between) as stream:
        assert stream.next().data["file_id"] == first
        stream.nothing_more()
    with watch(owner, "/events", event.last_id) as stream:
        stream.nothing_more()


def test_a_batch_is_resumed_in_its_middle(live_ledgers: Ledgers, owner: Sluice, request: pytest.FixtureRequest) -> None:
    files = [start(owner)[0] for _ in range(3)]
    with watch(owner, "/events") as stream:
        with live_ledgers.database.transaction():
            announce(live_ledgers.database, request.node.name, *files)
        events = [stream.next() for _ in files]
        assert [event.data["file_id"] for event in events] == files
    for position, event in enumerate(events):
        with watch(owner, "/events", event.last_id) as stream:
            assert [stream.next().data["file_id"] for _ in files[position + 1 :]] == files[position + 1 :]
            stream.nothing_more(0.1)


@pytest.mark.parametrize("last_id", ["17", "x", "5-9999999999:9999999999:", "1-1:0:"])
def test_a_position_of_no_use_is_said_to_be_one(owner: Sluice, last_id: str) -> None:
    file_id, _ = start(owner)
    with watch(owner, "/events", last_id) as stream:
        assert stream.next().name == "reset"
    with watch(owner, f"/files/{file_id}/events", last_id) as stream:
        assert stream.next().data["status"] == "PENDING"


def test_waiting_ends_with_the_change(owner: Sluice) -> None:
    file_id, finish = start(owner)
    with watch(owner, f"/files/{file_id}/events") as stream:
        finish()
        stream.until("SYNCED")
    started = time.monotonic()
    assert owner.get(f"/files/{file_id}?wait=20").json()["status"] == "SYNCED"
    pending, _ = start(owner)
    assert owner.get(f"/files/{pending}?wait=1").json()["status"] == "PENDING"
    assert 0.9 < time.monotonic() - started < 18  # of the 20 + 1 for which both would wait


def test_without_redis_looking_carries_it(live_stack: Stack, owner: Sluice) -> None:
    file_id, finish = start(owner)
    with watch(owner, f"/files/{file_id}/events") as stream:
        stream.next()
        live_stack.services["redis"].stop()
        try:
            finish()
            stream.until("SYNCED")
        finally:
            live_stack.services["redis"].start()
    later, finish = start(owner)
    with watch(owner, f"/files/{later}/events") as stream:
        live_stack.services["redis"].wait_ready()
        finish()
        stream.until("SYNCED")


def test_flushall_loses_nothing(live_ledgers: Ledgers, owner: Sluice) -> None:
    file_id, finish = start(owner)
    with watch(owner, f"/files/{file_id}/events") as stream:
        stream.next()
        live_ledgers.queue.flushall()
        finish()
        stream.until("SYNCED")


def test_a_silent_stream_has_heartbeats(owner: Sluice) -> None:
    with watch(owner, "/events") as stream:
        eventually(lambda: stream.comments >= 2, "two heartbeats")


def test_beyond_the_cap_503_and_everything_comes_back(live_stack: Stack, owner: Sluice) -> None:
    """500 clients, who come and go, cost nothing that stays; and at no time a thread each."""
    process = Path(f"/proc/{live_stack.api.pid}")
    other = Sluice(live_stack.api.url, make_key(live_stack, "beyond-the-cap", "upload,read"))
    eventually(lambda: metric(live_stack, "sluice_sse_streams") == 0, "all streams have ended")

    def counts() -> tuple[int, int]:
        return len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))

    with watch(owner, "/events"):
        pass
    eventually(lambda: metric(live_stack, "sluice_sse_streams") == 0, "the stream has ended")
    before = counts()
    for turn in range(9):
        with contextlib.ExitStack() as open_streams:
            for place in range(PLACES):
                open_streams.enter_context(watch(owner if place < PLACES_OF_ONE else other, "/events"))
            assert counts()[1] <= before[1] + 2
            if turn == 0:
                refused = owner.get("/events")
                assert int(refused.headers["Retry-After"]) >= 1
                problem(refused, 503, "OVERLOADED")
        eventually(lambda: metric(live_stack, "sluice_sse_streams") == 0, "all streams have ended")
    # Connections of requests are kept alive for seconds.
    eventually(lambda: counts()[0] <= before[0] + 2, f"descriptors are given back: {before}")


def test_one_owner_does_not_take_all_places(live_stack: Stack, owner: Sluice) -> None:
    other = Sluice(live_stack.api.url, make_key(live_stack, "one-of-several", "upload,read"))
    eventually(lambda: metric(live_stack, "sluice_sse_streams") == 0, "all streams have ended")
    with contextlib.ExitStack() as open_streams:
        first = open_streams.enter_context(watch(owner, "/events"))
        for _ in range(PLACES_OF_ONE - 1):
            open_streams.enter_context(watch(owner, "/events"))
        refused = owner.get("/events")
        assert int(refused.headers["Retry-After"]) >= 1
        problem(refused, 429, "RATE_LIMITED")
        with watch(other, "/events"):
            pass
        first.close()
        eventually(lambda: _opens(owner), "a place is given back")


def _opens(caller: Sluice) -> bool:
    """Whether there is a place for one more stream."""
    authorization = {"Authorization": str(caller.http.headers["Authorization"])}
    stream = EventStream(caller.api_url + "/events", authorization)
    stream.close()
    return stream.reply.status == 200


def test_a_slow_client_is_dropped_and_the_others_go_on(
    live_stack: Stack, live_ledgers: Ledgers, owner: Sluice, request: pytest.FixtureRequest
) -> None:
    files = [start(owner)[0] for _ in range(100)]
    address = urlsplit(live_stack.api.url)
    with socket.socket() as slow, watch(owner, "/events") as good:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect((address.hostname, address.port))
        authorization = owner.http.headers["Authorization"]
        slow.sendall(f"GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization!s}\r\n\r\n".encode())
        eventually(lambda: metric(live_stack, "sluice_sse_streams") == 2, "both are there")
        for _ in range(5):
            with live_ledgers.database.transaction():
                announce(live_ledgers.database, request.node.name, *files)
            assert [good.next().data["file_id"] for _ in files] == files
        eventually(
            lambda: 'reason="slow"} 1' in Sluice(live_stack.api.url).get("/metrics").text, "the slow one is dropped"
        )
        good.nothing_more(0.1)
