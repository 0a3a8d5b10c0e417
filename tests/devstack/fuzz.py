"""Runs the libFuzzer targets of tests/fuzz for a short time each and writes what they found as a JUnit report."""

import os
import re
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from devstack.build import build, sanitizer_environment
from devstack.errors import DevError
from devstack.paths import ROOT, dev_dir, make_dir

PRESET = "fuzz"
SECONDS = "SLUICE_FUZZ_SECONDS"
DEFAULT_SECONDS = 60  # from a fixed seed: what a change did not break passes again; longer runs explore
PARALLEL = 2
LIMITS = ("-max_len=8192", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1")
FOUND = re.compile(r"broken property: .*|[^\n]*runtime error: .*|ERROR: .*")
TRACE_LINES = 25
GRACE_SECONDS = 60  # for a slow start and for the last input
SOURCES = ROOT / "tests" / "fuzz"
# Real files that other tests read too.
SHARED_SEEDS = {"s3_event": [ROOT / "tests" / "vectors" / "s3-events"]}


@dataclass
class Run:
    """One target's outcome; `problem` is empty when it found nothing."""

    name: str
    executions: int
    seconds: float
    problem: str


def _names(wanted: list[str]) -> list[str]:
    names = sorted(path.stem.removeprefix("fuzz_") for path in SOURCES.glob("fuzz_*.c"))
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise DevError(f"no such fuzz target: {' '.join(unknown)} (there are: {' '.join(names)})")
    return wanted or names


def _seconds() -> int:
    text = os.environ.get(SECONDS) or str(DEFAULT_SECONDS)
    if not text.isdecimal() or int(text) == 0:
        raise DevError(f"{SECONDS} must be a number of seconds")
    return int(text)


def _problem(status: int | None, text: str, log: Path) -> str:
    """Empty, or what was found and, in further lines, how it came to it."""
    if status == 0:
        return ""
    found = FOUND.search(text)
    kept = re.search(r"Test unit written to (\S+)", text)
    what = found.group() if found else "did not end in time" if status is None else f"ended with status {status}"
    trace = "".join(f"\n    {line}" for line in text[found.end() if found else -2000 :].splitlines()[1:TRACE_LINES])
    return f"{what}: {kept.group(1) if kept else log}{trace}"


def _run_target(name: str, programs: Path, folder: Path, seconds: int) -> Run:
    """New inputs and those that fail go below `folder`; the corpus in the source tree is only read."""
    grown, log = make_dir(folder / name / "corpus"), folder / name / "log"
    seeds = [path for path in [SOURCES / "corpus" / name, *SHARED_SEEDS.get(name, [])] if path.is_dir()]
    command = [str(programs / f"fuzz_{name}"), f"-max_total_time={seconds}", *LIMITS]
    command += [] if os.environ.get(SECONDS) else ["-seed=1"]
    command += [f"-artifact_prefix={folder / name}/", str(grown), *map(str, seeds)]
    environment = os.environ | sanitizer_environment(PRESET)
    started = time.monotonic()
    status: int | None = None
    with open(log, "wb") as output:
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=folder,
                timeout=seconds + GRACE_SECONDS,
            )  # fmt: skip
            status = done.returncode
        except subprocess.TimeoutExpired:
            pass
    elapsed = time.monotonic() - started
    text = log.read_text(encoding="utf-8", errors="replace")
    count = re.search(r"number_of_executed_units: (\d+)", text)
    run = Run(name, int(count.group(1)) if count else 0, elapsed, _problem(status, text, log))
    print(f"{name:<16} {run.executions:>9} inputs {elapsed:>6.1f} s  {run.problem or 'ok'}", flush=True)
    return run


def _write_report(runs: list[Run], report: Path) -> None:
    suite = ElementTree.Element("testsuite", name=PRESET)
    for run in runs:
        case = ElementTree.SubElement(suite, "testcase", name=run.name, time=f"{run.seconds:.1f}")
        if run.problem:
            ElementTree.SubElement(case, "failure", message=run.problem)
    ElementTree.ElementTree(suite).write(report, encoding="utf-8")


def run_fuzz(report: Path, wanted: list[str]) -> int:
    """Builds the targets, runs two at a time, and returns 0 only if none found anything."""
    names, seconds = _names(wanted), _seconds()
    programs = build(PRESET)
    folder = make_dir(dev_dir() / "fuzz")
    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        runs = list(pool.map(lambda name: _run_target(name, programs, folder, seconds), names))
    _write_report(runs, report)
    return 1 if any(run.problem for run in runs) else 0
