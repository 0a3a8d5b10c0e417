"""Builds the programs with a CMake preset."""

import os
import subprocess
from pathlib import Path

from devstack.errors import DevError
from devstack.paths import ROOT

BUILT = "SLUICE_DEV_BUILT"
PROGRAMS = ("sluice-api", "sluice-processor", "sluice")


def preset_or(default: str) -> str:
    return os.environ.get("SLUICE_BUILD_PRESET") or default


def build_dir(preset: str) -> Path:
    return ROOT / "build" / preset


def build(preset: str, *targets: str) -> Path:
    """Builds all or these targets and returns the folder of the programs. Under `./dev test` that has been done:
    the programs must not change between two suites, or two tests."""
    if os.environ.get(BUILT) == preset:
        return build_dir(preset) / "bin"
    if not _is_configured(build_dir(preset) / "build.ninja"):
        _run("configuring", ["cmake", "--preset", preset])
    _run("building", ["cmake", "--build", "--preset", preset, *(["--target", *targets] if targets else [])])
    return build_dir(preset) / "bin"


def _is_configured(made: Path) -> bool:
    """A preset that changed is not seen by cmake --build alone."""
    presets = ROOT / "CMakePresets.json"
    return made.exists() and made.stat().st_mtime >= presets.stat().st_mtime


def _run(doing: str, command: list[str]) -> None:
    try:
        status = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode
    except FileNotFoundError:
        raise DevError(f"{command[0]} is not installed") from None
    if status != 0:
        raise DevError(f"{doing} failed: {' '.join(command)}")


def sanitizer_environment(preset: str, log_dir: Path | None = None) -> dict[str, str]:
    """Makes every sanitizer report fatal. With log_dir a daemon's report becomes a file there that tests look for."""
    if preset not in ("asan", "tsan", "fuzz"):
        return {}
    common = "abort_on_error=1:halt_on_error=1:print_stacktrace=1:disable_coredump=1"
    if log_dir is not None:
        common += f":log_path='{log_dir}/sanitizer'"
    return {
        "ASAN_OPTIONS": f"{common}:detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
        "UBSAN_OPTIONS": common,
        "TSAN_OPTIONS": common,
    }


def _says_something(report: Path) -> bool:
    """A leak check whose process is killed meanwhile says only that it could not look at the threads, or nothing at all
    when that comes between making the file and writing it."""
    lines = report.read_text(encoding="utf-8", errors="replace").splitlines()
    return not all("Unable to get registers from thread" in line for line in lines)


def sanitizer_reports(log_dir: Path) -> list[Path]:
    return [path for path in sorted(log_dir.glob("sanitizer.*")) if _says_something(path)]
