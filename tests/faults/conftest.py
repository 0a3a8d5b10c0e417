"""One stack for all faults, healed after each; every case ends with the comparison of the three ledgers."""

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "integration"))
sys.path.insert(0, str(HERE))

from case import Case
from fault_stack import FaultStack
from ledger import Ledger
from toxiproxy import find_toxiproxy
from uploads import Clients

from devstack.build import preset_or, sanitizer_reports
from devstack.paths import dev_dir


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also the scenarios of 10,000 uploads")
    parser.addoption("--uploads", type=int, default=10_000, help="how many uploads each long scenario makes")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: thousands of uploads; runs with --long only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long scenarios are left out, not skipped: a short run has nothing to complain of."""
    if not config.getoption("--long"):
        left_out = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Here, where a build may take its time: a fixture has only that of its first test."""
    if session.items and not session.config.option.collectonly:
        find_toxiproxy()


@pytest.fixture(scope="session")
def stack() -> Iterator[FaultStack]:
    stack = FaultStack(dev_dir() / "test" / "faults", preset_or("asan"))
    stack.down(wipe=True)
    stack.build()
    stack.up()
    try:
        yield stack
    finally:
        stack.processor.stop()
        stack.api.stop()
        stack.down()
    reports = [f"{path}:\n{path.read_text(errors='replace')[:4000]}" for path in sanitizer_reports(stack.log_dir)]
    assert not reports, "\n".join(reports)


@pytest.fixture
def case(stack: FaultStack, request: pytest.FixtureRequest) -> Iterator[Case]:
    """A healthy stack before and after; the test ends with `case.ledger.check()`."""
    clients = Clients(stack.api.url, f"{request.node.originalname}-{uuid.uuid4().hex[:8]}")
    yield Case(stack, clients, Ledger(stack, clients))
    stack.heal()


@pytest.fixture
def count(pytestconfig: pytest.Config) -> Any:
    """Uploads of a long scenario."""
    return pytestconfig.getoption("--uploads")
