"""Faults 11 to 16: the Redis that holds the events restarts, dies, forgets, refuses, or loses an answer."""

import os
from pathlib import Path

import redis
from case import Case
from fault_stack import SWEEP_AGE_S, SWEEP_INTERVAL_S
from ledger import OWN_LISTS
from sluice_client import eventually, problem

from devstack.process import wait_until

SLACK_S = 15  # of a sanitized build on a busy machine


def test_redis_restarts(case: Case) -> None:
    """Fault 11: users upload on while Redis restarts; nothing is lost, nothing doubled."""
    case.disturbed_uploads(120, case.stack.redis.restart, 2)
    case.ledger.check()


def test_redis_killed(case: Case) -> None:
    """Fault 12: kill -9 of Redis, which may lose the last second of events and what it has moved."""

    def kill() -> None:
        case.stack.redis.kill()
        case.stack.redis.start()

    case.disturbed_uploads(120, kill, 2)
    case.ledger.check()


def test_redis_down(case: Case) -> None:
    """Fault 12, for longer: without Redis a confirmed file is SYNCED all the same and soon, an unconfirmed one by the
    sweeper, and an event that cannot be put on the list is refused instead of forgotten."""
    case.stack.redis.stop()
    try:
        case.clients.upload_many(12)
        case.all_synced(60)
        headers = {"Authorization": f"Bearer {case.ledger.events_key}"}
        reply = case.api.post("/events/s3", {"Service": "Amazon S3", "Event": "s3:TestEvent"}, headers=headers)
        problem(reply, 503)
        assert "Retry-After" in reply.headers
    finally:
        case.stack.redis.start()
    case.clients.upload_many(4)
    case.ledger.check()


def test_cache_killed(case: Case) -> None:
    """Fault 12, the other Redis: without the cache files are SYNCED all the same."""

    def kill() -> None:
        case.stack.cache.kill()
        case.stack.cache.start()

    case.disturbed_uploads(60, kill, 1)
    case.stack.cache.stop()
    case.clients.upload_many(12)
    case.ledger.settle()
    case.stack.cache.start()
    case.ledger.check()


def test_flushall_under_load(case: Case) -> None:
    """Fault 13: every key vanishes, several times: lists, own lists and heartbeats."""
    case.disturbed_uploads(150, case.ledger.queue.flushall, 5)
    case.ledger.check()


def test_flushall_is_repaired_within_two_sweeps(case: Case) -> None:
    """Fault 13, the figure: files known by their event only are SYNCED within two sweeps of its loss."""
    with case.stack.no_processor():
        for _ in range(20):
            case.clients.upload(confirm=False)
        eventually(case.reported, "events")
        case.ledger.queue.flushall()
    case.ledger.settle(2 * SWEEP_INTERVAL_S + SWEEP_AGE_S + SLACK_S)
    case.ledger.check()


def test_redis_at_maxmemory(case: Case) -> None:
    """Fault 14: Redis refuses every write, so neither the store nor a worker can use it. Confirmed files are SYNCED by
    the idle workers' own looking, the others by the sweeper, while it lasts."""
    case.ledger.queue.config_set("maxmemory", 1)
    try:
        case.clients.upload_many(24)
        case.all_synced()
    finally:
        case.ledger.queue.config_set("maxmemory", 0)
    case.ledger.check()


def test_full_redis_is_drained(case: Case) -> None:
    """Fault 14, a backlog of events that has filled Redis: it is worked off although Redis refuses whatever might take
    memory, and no sweep helps. Then the store can report again."""
    case.stack.processor.stop()
    for _ in range(20):
        case.clients.upload(confirm=False)
    eventually(case.reported, "a backlog of each of them")
    old = "UPDATE files SET sweep_at = now() + interval '1 hour' WHERE external_id = %s"
    case.ledger.rows(old, case.clients.label)
    case.ledger.queue.config_set("maxmemory", 1)
    try:
        case.stack.processor.start()
        case.all_synced(60)
    finally:
        case.ledger.queue.config_set("maxmemory", 0)
    case.ledger.check()


def test_redis_is_read_only(case: Case) -> None:
    """Fault 15, READONLY: it has become a replica, as after a failover; then it is the master again."""
    case.ledger.queue.replicaof("127.0.0.1", 1)
    try:
        case.clients.upload_many(24)
        case.all_synced(60)
    finally:
        case.ledger.queue.replicaof("NO", "ONE")
    case.ledger.check()


def test_redis_cannot_save(case: Case) -> None:
    """Fault 15, MISCONF: its disk refuses snapshots, so it refuses writes."""
    blocker = Path(case.stack.redis.data_dir) / "dump.rdb"
    blocker.mkdir(exist_ok=True)  # renaming the finished snapshot to this name fails
    queue = case.ledger.queue
    queue.config_set("save", "3600 1000000")
    try:
        queue.bgsave()
        eventually(lambda: queue.info("persistence")["rdb_last_bgsave_status"] == "err", "a failed save")
        try:
            queue.rpush("refused", "x")
            raise AssertionError("this Redis still takes writes")
        except redis.ResponseError as refusal:
            assert "MISCONF" in str(refusal)
        case.clients.upload_many(24)
        case.all_synced(60)
    finally:
        queue.config_set("save", "")
        blocker.rmdir()
    case.ledger.check()


def test_redis_is_loading(case: Case) -> None:
    """Fault 15, LOADING: after a restart it answers every command with an error for seconds."""
    normal = case.stack.redis.options
    queue = case.ledger.queue
    with queue.pipeline(transaction=False) as pipe:
        for number in range(3000):
            pipe.set(f"ballast:{number}", "x" * 1000)
        pipe.execute()
    case.stack.redis.stop()
    slow = ("--key-load-delay", "1000", "--loading-process-events-interval-bytes", "2048")
    case.stack.redis.options = (*normal, *slow, "--aof-use-rdb-preamble", "no")
    try:
        case.stack.redis.start(wait=False)
        eventually(lambda: _refuses(queue), "an answer of LOADING", 40)
        case.clients.upload_many(24)
        case.stack.redis.wait_ready()
        case.ledger.check()
    finally:
        case.stack.redis.options = normal
        queue.delete(*[f"ballast:{number}" for number in range(3000)])


def _refuses(queue: redis.Redis) -> bool:
    try:
        queue.ping()
    except redis.exceptions.BusyLoadingError:
        return True
    except redis.ConnectionError:
        pass
    return False


def test_answer_of_a_move_is_lost(case: Case) -> None:
    """Fault 16: Redis has moved an event to a worker's own list, and the connection dies before the worker hears of
    it. The worker finds the event there after it has reconnected; no sweep is needed, and none comes."""
    with case.stack.processor_with(SLUICE_SWEEP_INTERVAL_S="600"):
        assert sum(_lose_a_move(case) for _ in range(10)) >= 3, "it was never an answer that got lost"
        case.ledger.check()


def _lose_a_move(case: Case) -> bool:
    """Whether an event was moved while no answer came through. A worker waits for a second at a time and then falls
    silent behind the mute link, so that on a busy machine the event may come when nobody waits for it any more."""
    link = case.stack.link("processor-redis")
    upload, ticket = case.clients.presign(os.urandom(2000))
    eventually(lambda: case.ledger.queue.info("clients")["blocked_clients"] >= 4, "workers that wait")
    with link.mute():
        case.clients.send(upload, ticket)
        moved = wait_until(lambda: bool(list(case.ledger.queue.scan_iter(OWN_LISTS, count=1000))), 3)
        link.cut()
    return moved


def test_redis_answers_late(case: Case) -> None:
    """Fault 16, milder: every answer of Redis takes longer than a worker waits for it."""
    with case.stack.link("processor-redis").toxic("latency", latency=3500):
        case.clients.upload_many(12)
        case.all_synced(60)
    case.ledger.check()
