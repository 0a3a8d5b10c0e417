"""A private stack for the length of a test session."""

from collections.abc import Iterator

from devstack.build import preset_or, sanitizer_reports
from devstack.paths import dev_dir
from devstack.stack import Stack
from devstack.stores import DEFAULT, chosen_store


def run_stack(name: str, **overrides: str) -> Iterator[Stack]:
    """A stack of its own folder, from nothing; at the end it must stop by itself and leave no sanitizer report."""
    stack = Stack(dev_dir() / "test" / name, preset_or("asan"), overrides, chosen_store() or DEFAULT)
    stack.down(wipe=True)
    stack.build()
    stack.up()
    try:
        yield stack
    finally:
        dead = [service.name for service in stack.services.values() if not service.alive()]
        stack.down()
    reports = [f"{path}:\n{path.read_text(errors='replace')[:4000]}" for path in sanitizer_reports(stack.log_dir)]
    assert not reports, "\n".join(reports)
    assert not dead, f"ended during the tests: {dead}; see {stack.log_dir}"
