"""The command line of ./dev."""

import argparse
import os
import signal
import sys
from collections.abc import Callable

from devstack import commands
from devstack.errors import DevError
from devstack.stores import DEFAULT, STORES

DESCRIPTION = "Runs Sluice on this machine with its own private Postgres, Redis and object store."
EPILOG = """environment:
  SLUICE_DEV_DIR       the stack's folder (default .dev); another folder is another stack, side by side
  SLUICE_DEV_CACHE     what is made once: the stores' binaries, the tests' Python packages (default ~/.cache/sluice)
  SLUICE_DEV_STORE     as --store: minio or versitygw
  SLUICE_BUILD_PRESET  CMake preset to build and run (default release; asan for test)
  SLUICE_MINIO_BIN, SLUICE_VERSITYGW_BIN
                       a program to use
  any other SLUICE_*   overrides that setting of the stack that `up` starts
"""


def _add(group: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: Callable[..., int], text: str,
         epilog: str | None = None) -> argparse.ArgumentParser:  # fmt: skip
    parser = group.add_parser(
        name, help=text, description=text, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(run=run)
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    group = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    up = _add(group, "up", commands.up, "install, build and start everything; Ctrl-C stops it")
    up.add_argument("--store", choices=STORES, help=f"kind of object store (default {DEFAULT}, or that of its data)")
    up.add_argument("--detach", action="store_true", help="return once everything is ready, and leave it running")
    test = _add(group, "test", commands.test, "build with sanitizers and run the test suites",
                "Arguments after -- go to pytest or ctest, as in: ./dev test integration -- -k presign")  # fmt: skip
    test.add_argument("suites", nargs="*", metavar="SUITE", help="unit, integration, … (default: all there are)")
    test.add_argument(
        "--store", choices=STORES, help=f"integration, browser: on this kind of store (default {DEFAULT})"
    )
    test.add_argument("--long", action="store_true", help="faults: also the scenarios of 10,000 uploads")
    demo = _add(group, "demo", commands.demo, "presign, upload and process real files on the running stack")
    demo.add_argument("files", nargs="+", metavar="FILE")
    down = _add(group, "down", commands.down, "stop the stack")
    down.add_argument("--wipe", action="store_true", help="also delete its data and logs")
    _add(group, "status", commands.status, "what runs and where; exit 0 only if everything does")
    logs = _add(group, "logs", commands.logs, "show the logs of all services or of one")
    logs.add_argument(
        "name", nargs="?", metavar="NAME", help="api, processor, postgres, redis, cache, setup or the store's"
    )
    logs.add_argument("-f", "--follow", action="store_true", help="go on as they grow")
    logs.add_argument("-n", "--lines", type=int, default=50, help="lines of each (default 50)")
    _add(group, "psql", commands.psql, "a psql session on the stack's database",
         "Arguments go to psql, as in: ./dev psql -c 'SELECT count(*) FROM files'")  # fmt: skip
    bench = _add(group, "bench", commands.bench, "measure Sluice beside its peers and write docs/performance.md",
                 "Arguments after -- go to the runner; its own help: ./dev bench -- --help")  # fmt: skip
    bench.add_argument("names", nargs="*", metavar="NAME", help="presign, bytes, … (default: all there are)")
    _add(group, "coverage", commands.coverage, "run the unit and integration tests and show which lines they reach")
    _add(group, "docs", commands.docs, "write docs/reference from the tables in the code")
    return parser


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _parse(arguments: list[str]) -> argparse.Namespace:
    """psql takes everything after its name, test and bench what follows --."""
    if arguments[:1] == ["psql"] and arguments[1:2] not in (["-h"], ["--help"]):
        return argparse.Namespace(command="psql", run=commands.psql, rest=arguments[1:])
    rest: list[str] = []
    if "--" in arguments and arguments[0] in ("test", "bench"):
        split = arguments.index("--")
        arguments, rest = arguments[:split], arguments[split + 1 :]
    options = _parser().parse_args(arguments)
    options.rest = rest
    return options


def main(arguments: list[str]) -> int:
    if not arguments:
        _parser().print_help(sys.stderr)
        return 2
    options = _parse(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return int(options.run(options))
    except DevError as problem:
        print(f"dev: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndev: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
