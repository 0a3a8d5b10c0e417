"""Interleaving: each program once a round, in another order each round, so that drift hits all of them alike."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def turns(items: Sequence[Item], rounds: int) -> Iterator[tuple[int, Item]]:
    """(round, item), rounds counted from 1."""
    for number in range(rounds):
        start = number % max(len(items), 1)
        for item in [*items[start:], *items[:start]]:
            yield number + 1, item


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: the smallest value that at least this share of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]
