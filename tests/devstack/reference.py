"""docs/reference: the tables in the code, printed by the code."""

import subprocess
from pathlib import Path

from devstack.errors import DevError
from devstack.paths import ROOT

TABLES = ("routes", "config", "errors", "states", "metrics")
FOLDER = ROOT / "docs" / "reference"


def dump(program: Path, table: str) -> str:
    """What `sluice-api --dump TABLE` prints."""
    done = subprocess.run([str(program), "--dump", table], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise DevError(f"{program.name} --dump {table}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def write_reference(program: Path) -> list[Path]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = []
    for table in TABLES:
        path = FOLDER / f"{table}.md"
        path.write_text(dump(program, table), encoding="utf-8")
        written.append(path)
    return written
