"""`./dev coverage`: which lines of Sluice's own code the unit and integration tests reach, by gcov and gcovr.

A decoder's child ends without writing down what it reached, and so does what a test kills: it is more than is shown.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.build import build, build_dir
from devstack.errors import DevError
from devstack.paths import ROOT, dev_dir, make_dir
from devstack.suites import run_tests
from devstack.venv import test_python

PRESET = "coverage"
LAYERS = ("api", "cli", "common", "decoder", "processor")
LINES_MIN, PARSERS_MIN = 85.0, 95.0  # per cent
INCLUDED = re.compile(r'^#include "((?:' + "|".join(LAYERS) + r')/\w+)\.h"', re.MULTILINE)
SHOWN = 15


@dataclass(frozen=True)
class Reached:
    """Lines of some files."""

    lines: int
    reached: int

    @property
    def share(self) -> float:
        return 100 * self.reached / max(self.lines, 1)


def _parsers() -> set[str]:
    """What reads bytes from outside is what the fuzz targets call."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "fuzz").glob("fuzz_*.c"))
    return {f"{name}.c" for name in INCLUDED.findall(sources)}


def _sum(files: list[dict[str, Any]]) -> Reached:
    return Reached(sum(file["line_total"] for file in files), sum(file["line_covered"] for file in files))


def _read(summary: Path) -> list[dict[str, Any]]:
    command = [str(test_python().parent / "gcovr"), "--root", str(ROOT), str(build_dir(PRESET))]
    command += [f"--filter={layer}/" for layer in LAYERS]
    command += ["--gcov-ignore-parse-errors=all", "--gcov-ignore-errors=all"]
    command += ["--merge-mode-functions=merge-use-line-0", f"--json-summary={summary}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0 or not summary.exists():
        raise DevError(f"gcovr failed: {done.stderr[-2000:]}")
    found: list[dict[str, Any]] = json.loads(summary.read_text(encoding="utf-8"))["files"]
    return found


def _show(files: list[dict[str, Any]]) -> bool:
    parsers = [file for file in files if file["filename"] in _parsers()]
    groups = {layer: [file for file in files if file["filename"].startswith(f"{layer}/")] for layer in LAYERS}
    print(f"\n{'':<12} {'lines':>7} {'reached':>8}")
    for name, members in {**groups, "parsers": parsers, "all": files}.items():
        reached = _sum(members)
        print(f"{name:<12} {reached.lines:>7} {reached.share:>7.1f}%")
    print("\nreached least:")
    for file in sorted(files, key=lambda file: float(file["line_percent"] or 0))[:SHOWN]:
        print(f"  {file['line_percent']:>5.1f}% of {file['line_total']:>4}  {file['filename']}")
    enough = _sum(files).share >= LINES_MIN and _sum(parsers).share >= PARSERS_MIN
    verdict = "enough" if enough else "NOT ENOUGH"
    print(f"\n{verdict}: wanted {LINES_MIN:.0f}% of all, {PARSERS_MIN:.0f}% of the parsers")
    return enough


def run_coverage() -> int:
    """0 when all tests passed and enough lines were reached."""
    build(PRESET)
    for counts in build_dir(PRESET).rglob("*.gcda"):
        counts.unlink()
    os.environ["SLUICE_BUILD_PRESET"] = PRESET
    status = run_tests(["unit", "integration"], [])
    enough = _show(_read(make_dir(dev_dir() / "results") / "coverage.json"))
    return status or (0 if enough else 1)
