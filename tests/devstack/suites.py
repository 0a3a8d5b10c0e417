"""`./dev test`: runs the suites, every one even if an earlier one failed, and adds up what they found."""

import os
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from devstack.build import BUILT, build, build_dir, preset_or, sanitizer_environment
from devstack.errors import DevError
from devstack.fuzz import run_fuzz
from devstack.paths import ROOT, dev_dir, make_dir
from devstack.stores import DEFAULT, VARIABLE, chosen_store, store_kind
from devstack.venv import test_python

SECOND_STORE = "versitygw"  # a suite: the integration tests that meet the store, on this kind of store
MEETS_STORE = "cli cli_operations confirm content events files setup store_refuses upload".split()
ORDER = ("unit", "integration", SECOND_STORE, "browser", "faults", "lint", "fuzz")
TESTS = ROOT / "tests"
STORE_SUITES = ("integration", "browser")  # run whole on any kind of store
SECOND_RUN = ("integration", SECOND_STORE, "browser")  # not faults: what is lost once is lost
SECOND_RUN_MAX = 3  # more failures than this are no chance
OWN_BUILD = ("fuzz",)  # suites that need nothing of the preset that the others share


@dataclass
class Outcome:
    """What one suite found. A suite that could not run counts as one failure."""

    suite: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    problem: str = ""
    failures: list[str] = field(default_factory=list)
    unstable: list[str] = field(default_factory=list)  # failed, and passed when run once more


def available() -> list[str]:
    """A suite exists once its folder does."""
    return [name for name in ORDER if (TESTS / ("integration" if name == SECOND_STORE else name)).is_dir()]


def _read_junit(path: Path, outcome: Outcome) -> None:
    if not path.exists():
        raise DevError("it left no report")
    for case in ElementTree.parse(path).iter("testcase"):
        name = "::".join(part for part in (case.get("classname"), case.get("name")) if part)
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            outcome.failed += 1
            outcome.failures.append(name)
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            outcome.skipped += 1
        else:
            outcome.passed += 1


def _run_ctest(report: Path, arguments: list[str]) -> int:
    command = [
        "ctest",
        "--test-dir",
        str(build_dir(preset_or("asan"))),
        "--output-on-failure",
        "--no-tests=error",
        "--timeout",
        "300",
    ]
    command += ["--parallel", str(os.cpu_count() or 1), "--output-junit", str(report), *arguments]
    environment = os.environ | sanitizer_environment(preset_or("asan"))
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode


def _store_of(name: str, option: str | None) -> str | None:
    """The kind of store that a suite runs on; None when it needs none."""
    if name in STORE_SUITES:
        return option or chosen_store() or DEFAULT
    return {SECOND_STORE: SECOND_STORE, "faults": DEFAULT}.get(name)


def _paths(name: str) -> list[str]:
    if name == SECOND_STORE:
        return [str(TESTS / "integration" / f"test_{part}.py") for part in MEETS_STORE]
    return [str(TESTS / name)]


def _run_pytest(
    name: str, report: Path, arguments: list[str], store: str | None, paths: list[str] | None = None
) -> int:
    command = [str(test_python()), "-m", "pytest", *(paths or _paths(name)), f"--junitxml={report}", *arguments]
    environment = os.environ | {"PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1", BUILT: preset_or("asan")}
    if store is not None:
        store_kind(store).binary.find()  # here, where a build may take its time, and what is missing is said once
        environment[VARIABLE] = store
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode


def _run(name: str, report: Path, arguments: list[str], store: str | None) -> int:
    if name == "fuzz":
        return run_fuzz(report, arguments)
    return _run_ctest(report, arguments) if name == "unit" else _run_pytest(name, report, arguments, store)


def _failed_checks(report: Path) -> list[str]:
    """What pytest is to run once more; [] if anything but a check of a test failed, such as a sanitizer's report."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    if any(case.find("error") is not None for case in cases):
        return []
    failed = [case for case in cases if case.find("failure") is not None]
    return [f"{TESTS / str(case.get('classname')).replace('.', '/')}.py::{case.get('name')}" for case in failed]


def _run_once_more(outcome: Outcome, report: Path, store: str | None) -> None:
    """Few failures are looked at again, on fresh services. What passes then is called unstable: a defect of the test or
    of the program, but none that keeps everything else from being used."""
    failed = _failed_checks(report)
    if not 0 < len(failed) <= SECOND_RUN_MAX:
        return
    print(f"\n=== {outcome.suite}, once more: {len(failed)} ===", flush=True)
    again = report.with_name(f"{outcome.suite}-again.xml")
    again.unlink(missing_ok=True)
    status = _run_pytest(outcome.suite, again, [], store, failed)
    second = Outcome(outcome.suite)
    _read_junit(again, second)
    if status == 0 and second.failed == 0 and second.passed == len(failed):
        outcome.unstable, outcome.failures = outcome.failures, []
        outcome.passed += outcome.failed
        outcome.failed = 0


def _run_suite(name: str, built: DevError | None, arguments: list[str], store: str | None) -> Outcome:
    outcome = Outcome(name)
    report = make_dir(dev_dir() / "results") / f"{name}.xml"
    report.unlink(missing_ok=True)
    started = time.monotonic()
    print(f"\n=== {name} ===", flush=True)
    try:
        if built is not None and name not in ("lint", *OWN_BUILD):
            raise built
        status = _run(name, report, arguments, _store_of(name, store))
        _read_junit(report, outcome)
        if name in SECOND_RUN and outcome.failed:
            _run_once_more(outcome, report, _store_of(name, store))
        elif status != 0 and outcome.failed == 0:
            outcome.failed += 1
            outcome.problem = f"ended with status {status}"
    except (DevError, OSError, ElementTree.ParseError) as problem:
        outcome.failed += 1
        outcome.problem = str(problem).splitlines()[0]
        print(f"dev: {name}: {problem}", flush=True)
    outcome.seconds = time.monotonic() - started
    return outcome


def _attempt(action: Callable[[], object]) -> DevError | None:
    try:
        action()
    except DevError as problem:
        print(f"dev: {problem}", flush=True)
        return problem
    return None


def _report(outcomes: list[Outcome]) -> int:
    print("\n=== result ===")
    for outcome in outcomes:
        for failure in outcome.failures:
            print(f"FAILED {outcome.suite}: {failure}")
        for test in outcome.unstable:
            print(f"UNSTABLE {outcome.suite}: {test}: failed, and passed when run once more")
    print(f"\n{'suite':<12} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for outcome in outcomes:
        counts = f"{outcome.passed:>7} {outcome.failed:>7} {outcome.skipped:>8} {outcome.seconds:>8.1f}"
        print(f"{outcome.suite:<12} {counts}  {outcome.problem}".rstrip())
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    unstable = sum(len(outcome.unstable) for outcome in outcomes)
    print(f"\n{passed} passed, {failed} failed{f', {unstable} unstable' if unstable else ''}", flush=True)
    return 1 if failed or not passed else 0


def run_tests(names: list[str], arguments: list[str], long: bool = False, store: str | None = None) -> int:
    """Returns the exit status: 0 only if something passed and nothing failed."""
    if store is not None:
        names = names or list(STORE_SUITES)
        fixed = [name for name in names if name not in STORE_SUITES]
        if fixed:
            raise LookupError(f"--store is for {' and '.join(STORE_SUITES)}, not for: {' '.join(fixed)}")
    unknown = [name for name in names if name not in available()]
    if unknown:
        raise LookupError(f"no such suite: {' '.join(unknown)} (there are: {' '.join(available())})")
    if shutil.which("cmake") is None:
        raise DevError("cmake is not installed")
    chosen = [name for name in available() if not names or name in names]
    needs_build = any(name not in OWN_BUILD for name in chosen)
    built = _attempt(lambda: build(preset_or("asan"))) if needs_build else None
    extra = {"faults": ["--long"] if long else []}
    return _report([_run_suite(name, built, extra.get(name, []) + arguments, store) for name in chosen])
