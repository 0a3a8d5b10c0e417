"""Bad input: connections held by dripping. Others are served meanwhile, and the server ends the slow ones by itself."""

import time
from concurrent.futures import ThreadPoolExecutor

from case import Case
from slow_clients import SlowClients
from sluice_client import Sluice, eventually

HEADS = BODIES = 200
REQUESTS = 240
CALLERS = 4
ROUNDS = 4
LIMIT_S = 1.0


def _p99_s(api_url: str) -> float:
    """Of signed uploads, as four callers see it."""

    def caller(_: int) -> list[float]:
        api, times = Sluice(api_url), []
        for _ in range(REQUESTS // CALLERS):
            started = time.monotonic()
            api.presign("beside slow ones.txt")
            times.append(time.monotonic() - started)
        return times

    with ThreadPoolExecutor(CALLERS) as pool:
        times = sorted(time_s for times in pool.map(caller, range(CALLERS)) for time_s in times)
    return times[len(times) * 99 // 100]


def test_slow_heads_and_bodies_hold_up_nobody(case: Case) -> None:
    """200 clients that never finish their head and 200 that never finish their body."""
    with SlowClients(case.stack.api.url, HEADS, BODIES) as slow:
        case.clients.upload_many(4)
        # Clients that hold others up do so every time; a busy machine does it now and then.
        rounds: list[float] = []
        while len(rounds) < ROUNDS and min(rounds, default=LIMIT_S) >= LIMIT_S:
            rounds.append(_p99_s(case.stack.api.url))
            if len(rounds) == 1:
                assert slow.open > (HEADS + BODIES) // 2, "too few of them were still there when it was measured"
        assert min(rounds) < LIMIT_S, f"p99 of each round, s: {rounds}"
        eventually(lambda: slow.open == 0, "the server ends every one of them", 60)
        told = [client for client in slow.ended if client.answer.startswith(b"HTTP/1.1 408 ")]
        assert len(told) >= BODIES, f"only {len(told)} were told that they were too slow"
    case.ledger.check()
