"""clang-tidy over every source, with the flags of the build. A clean result is remembered by content."""

import hashlib
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sources import LAYERS, includes, relative

from devstack.build import build_dir, preset_or
from devstack.paths import ROOT, cache_dir, make_dir

PARALLEL = 2


def _closure(path: Path, seen: set[Path]) -> None:
    """The file and every header of the project that it reads."""
    if path in seen:
        return
    seen.add(path)
    for _, name in includes(path):
        for base in (ROOT, path.parent):
            if (base / name).is_file():
                _closure((base / name).resolve(), seen)


def _key(entry: dict[str, Any], program: str) -> str:
    """Changes with the source, its headers, its flags, the rules and the tool."""
    files: set[Path] = set()
    _closure(Path(entry["file"]), files)
    content = hashlib.sha256(f"{Path(program).resolve()} {entry['command']}".encode())
    for path in sorted(files | {ROOT / ".clang-tidy"}):
        content.update(path.read_bytes())
    return content.hexdigest()


def _check(entry: dict[str, Any], program: str) -> str:
    """The findings of one file, empty when there are none."""
    clean = make_dir(cache_dir() / "clang-tidy") / _key(entry, program)
    if clean.exists():
        return ""
    command = [program, "--quiet", "-p", str(build_dir(preset_or("asan")))]
    command += ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Qunused-arguments", entry["file"]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        clean.touch()
        return ""
    return done.stdout.strip() or done.stderr.strip()


@pytest.mark.timeout(1800)  # the first run looks at everything
def test_clang_tidy_finds_nothing() -> None:
    program = shutil.which("clang-tidy-14")
    assert program, "clang-tidy-14 is not installed; ./dev test installs it"
    database = build_dir(preset_or("asan")) / "compile_commands.json"
    assert database.exists(), f"{relative(database)} is missing: the build was not configured"
    entries = json.loads(database.read_text(encoding="utf-8"))
    ours = [entry for entry in entries if entry["file"].startswith(tuple(f"{ROOT / layer}/" for layer in LAYERS))]
    assert ours, "compile_commands.json names none of our sources"
    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        findings = [text for text in pool.map(lambda entry: _check(entry, program), ours) if text]
    assert not findings, "\n".join(findings)
