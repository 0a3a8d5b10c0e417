"""Everything that is not C: scripts, migrations, compose file, generated docs, links, paths."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sources import project_files, relative

from devstack.build import PROGRAMS, build_dir, preset_or
from devstack.paths import ROOT
from devstack.reference import FOLDER, TABLES, dump

# Assembled, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:" + "|".join(["work", "farm", "root", r"home/\w+"]) + r")/")
REGISTRIES = [".".join(parts) for parts in (("pypi", "org"), ("registry", "npmjs", "org"), ("proxy", "golang", "org"))]


def _texts() -> list[tuple[Path, str]]:
    found = []
    for path in project_files():
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # an image or another binary
    return found


def _is_shell(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.readline().startswith((b"#!/usr/bin/env bash", b"#!/bin/bash", b"#!/bin/sh"))


def _run(command: list[str]) -> str:
    """Its complaints, or nothing when it is content."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip() or f"exit {done.returncode}"


def test_no_path_of_one_machine() -> None:
    wrong = [f"{relative(path)}: {match.group()}" for path, text in _texts() if (match := MACHINE_PATH.search(text))]
    assert not wrong, "\n".join(wrong)


def test_no_package_registry_is_named() -> None:
    wrong = [f"{relative(path)}: {host}" for path, text in _texts() for host in REGISTRIES if host in text]
    assert not wrong, "\n".join(wrong)


def test_shell_scripts() -> None:
    scripts = [relative(path) for path in project_files() if _is_shell(path)]
    assert "dev" in scripts
    for name in scripts:
        assert not _run(["bash", "-n", name])
    assert shutil.which("shellcheck"), "shellcheck is not installed; ./dev test installs it"
    complaints = _run(["shellcheck", *scripts])
    assert not complaints, complaints


def test_python_is_clean() -> None:
    ruff = str(Path(sys.prefix) / "bin" / "ruff")
    python = [relative(path) for path in project_files() if path.suffix == ".py"]
    for arguments in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        complaints = _run([ruff, *arguments, "--config", "tests/ruff.toml", *python])
        assert not complaints, complaints


def test_migrations_are_numbered_without_gaps() -> None:
    names = [path.name for path in sorted((ROOT / "migrations").glob("*"))]
    assert names, "there are no migrations"
    wrong = [name for name in names if not re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", name)]
    assert not wrong, f"not NNNN_name.sql: {wrong}"
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


@pytest.mark.parametrize("table", TABLES)
def test_generated_docs_are_up_to_date(table: str) -> None:
    program = build_dir(preset_or("asan")) / "bin" / PROGRAMS[0]
    committed = FOLDER / f"{table}.md"
    assert committed.exists(), f"{relative(committed)} is missing; run ./dev docs and commit it"
    assert committed.read_text(encoding="utf-8") == dump(program, table), "run ./dev docs and commit the result"


def test_compose_file_is_valid() -> None:
    """Every variable that it demands is given a value, so that only its own mistakes are found."""
    assert shutil.which("docker-compose"), "docker-compose is not installed; ./dev test installs it"
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    demanded = set(re.findall(r"\$\{([A-Z0-9_]+)(?:\}|:?\?)", text)) - os.environ.keys()
    done = subprocess.run(
        ["docker-compose", "-f", "docker-compose.yml", "config", "-q"],
        cwd=ROOT,
        env=os.environ | dict.fromkeys(demanded, "value"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_links_between_documents_lead_somewhere() -> None:
    wrong = []
    for path, text in _texts():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                wrong.append(f"{relative(path)}: {target}")
    assert not wrong, "\n".join(wrong)
