"""The command line: which benchmarks, how long, and where the tables go."""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from functools import partial

from devstack.errors import DevError
from runner import assets, batch, events, growth, latency, live, memory, photo, presign, throughput, variants, webp
from runner.lab import Lab
from runner.machine import Neighbours, describe, stack_software
from runner.options import Options
from runner.report import Section, Table, write
from runner.studio import Studio

BENCHMARKS = {
    "presign": presign.run,
    "bytes": throughput.run,
    "events": events.run,
    "latency": latency.run,
    "live": live.run,
    "assets": assets.run,
    "batch": batch.run,
    "photo": photo.run,
    "memory": memory.run,
    "growth": growth.run,
}
# These need no services, hence no stack.
PICTURES = {"variants": variants, "webp": webp}
ALL = [*BENCHMARKS, *PICTURES]
NEEDS_SLUICE = {"batch", "growth", "live", "photo", "webp"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev bench --", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(ALL)} (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each program; medians are shown (default 3)")
    parser.add_argument("--seconds", type=int, default=8, help="length of one HTTP load (default 8)")
    parser.add_argument("--objects", type=int, default=2000, help="64 KiB objects of bytes (default 2000)")
    parser.add_argument("--announcements", type=int, default=4000, help="webhooks of events (default 4000)")
    parser.add_argument("--big-mib", type=int, default=5120, help="size of the large object of bytes (default 5120)")
    parser.add_argument("--samples", type=int, default=100, help="uploads of latency (default 100)")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of growth (default 10000000)")
    parser.add_argument("--peers-only", action="store_true", help="leave Sluice out; its programs need not exist")
    parser.add_argument("--sluice-only", action="store_true", help="leave the peers out")
    parser.add_argument("--no-write", action="store_true", help="print the tables and leave docs/performance.md alone")
    return parser


def _options(arguments: list[str]) -> tuple[list[str], Options]:
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    names = given.pop("names") or ALL
    unknown = [name for name in names if name not in ALL]
    if unknown:
        parser.error(f"no benchmark {' '.join(unknown)} (there are: {' '.join(ALL)})")
    if given["peers_only"] and given["sluice_only"]:
        parser.error("--peers-only and --sluice-only leave nothing to measure")
    return [name for name in names if not (given["peers_only"] and name in NEEDS_SLUICE)], Options(**given)


def _measure(name: str, options: Options, tables: Callable[[], list[Table]], software: Callable[[], str]) -> None:
    print(f"\n== {name} ==", flush=True)
    others, started = Neighbours(), time.monotonic()
    section = Section(name, tables(), describe(software(), others))
    print("\n" + section.text(), flush=True)
    if options.complete:
        write(section)
    print(f"({name} took {time.monotonic() - started:.0f} s)", flush=True)


def _measure_all(names: list[str], options: Options) -> None:
    on_stack = [name for name in names if name in BENCHMARKS]
    if on_stack:
        with Lab(options) as lab:
            for name in on_stack:
                _measure(name, options, partial(BENCHMARKS[name], lab), partial(stack_software, lab))
    pictures = [name for name in names if name in PICTURES]
    if pictures:
        with Studio(options) as studio:
            for name in pictures:
                _measure(name, options, partial(PICTURES[name].run, studio), studio.software)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Exit status 0 once every benchmark asked for has run."""
    names, options = _options(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        _measure_all(names, options)
    except DevError as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbench: interrupted", file=sys.stderr)
        return 130
    return 0
