"""Fault 26: links that are slow, break, or go silent without a word."""

from contextlib import ExitStack

import pytest
from case import Case
from sluice_client import eventually

SERVICES = ("db", "redis", "cache", "s3")


def test_slow_and_broken_links(case: Case) -> None:
    """Fault 26: 200 ms of delay to every service and one connection in twenty reset: slower, and nothing else."""
    with ExitStack() as toxics:
        for name in SERVICES:
            link = case.stack.link(f"processor-{name}")
            toxics.enter_context(link.toxic("latency", latency=200, jitter=50))
            toxics.enter_context(link.toxic("reset_peer", toxicity=0.05, timeout=500))
        case.clients.upload_many(30)
        case.all_synced(60)
    case.ledger.check()


@pytest.mark.parametrize(("name", "dependency"), [("db", "database"), ("redis", "queue")])
def test_links_go_silent(case: Case, name: str, dependency: str) -> None:
    """Fault 26, a router that forgets its connections: what is sent vanishes, either way, and nobody closes anything.
    The processor gives up waiting by itself; nothing is lost, nothing done twice."""
    link = case.stack.link(f"processor-{name}")
    since = case.stack.log_end()

    def noticed() -> bool:
        lines = case.stack.logged("dependency_down", since)
        return any(line["dependency"] == dependency for line in lines)

    with link.mute(), link.toxic("timeout", "upstream", timeout=0):
        case.clients.upload_many(12)
        eventually(noticed, f"{dependency} is noticed to be down", 60)
    case.ledger.check(90)


def test_server_that_does_not_close(case: Case) -> None:
    """Fault 26, half-close: services go away, and their connections only seem to be open for seconds more."""
    with ExitStack() as toxics:
        for name in SERVICES:
            toxics.enter_context(case.stack.link(f"processor-{name}").toxic("slow_close", delay=5000))
        case.clients.upload_many(12)
        case.stack.redis.restart()
        case.stack.postgres.restart()
        case.clients.upload_many(12)
        case.all_synced(60)
    case.ledger.check()
