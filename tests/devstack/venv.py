"""Private Python environments of the tests and the benchmarks, made once for each content of a requirements file."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from devstack.errors import DevError
from devstack.paths import ROOT, cache_dir, make_dir

REQUIREMENTS = ROOT / "tests" / "requirements.txt"


def test_python() -> Path:
    """The interpreter that has the tests' packages."""
    return python_with(REQUIREMENTS)


def python_with(requirements: Path) -> Path:
    """The interpreter that has these packages; makes its environment if need be."""
    content = requirements.read_bytes() + sys.version.encode()
    folder = make_dir(cache_dir()) / f"venv-{hashlib.sha256(content).hexdigest()[:16]}"
    complete = folder / "complete"
    with open(folder.with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make(folder, requirements)
            complete.touch()
    return folder / "bin" / "python"


def _make(folder: Path, requirements: Path) -> None:
    print(f"dev: installing {requirements.relative_to(ROOT)} in {folder} …", flush=True)
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    if subprocess.run([*pip, "-r", str(requirements)], stdin=subprocess.DEVNULL).returncode != 0:
        raise DevError(f"pip could not install {requirements}")
