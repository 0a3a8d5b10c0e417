"""Makes the peers runnable: Go programs, Node modules, Python environments, all in the cache, none in the checkout."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from devstack.errors import DevError
from devstack.go_program import find_go
from devstack.paths import ROOT, cache_dir, make_dir
from devstack.venv import python_with

PEERS = ROOT / "bench" / "peers"


def peer_python(name: str) -> Path:
    """The interpreter with the peer's packages."""
    return python_with(PEERS / name / "requirements.txt")


def _digest(folder: Path, go: str) -> str:
    version = subprocess.run([go, "version"], capture_output=True, check=True).stdout
    content = b"".join((folder / name).read_bytes() for name in ("main.go", "go.mod", "go.sum"))
    return hashlib.sha256(version + content).hexdigest()[:16]


def go_program(name: str) -> Path:
    """The peer's program, built once for each content of its source and version of Go."""
    go = find_go()
    if go is None:
        raise DevError("the Go peers need Go (on PATH or in /usr/local/go); ./dev bench -- --sluice-only does without")
    folder = PEERS / name
    target = make_dir(cache_dir() / "bin") / f"{name}-{_digest(folder, go)}"
    if not target.exists():
        print(f"bench: building {name} …", flush=True)
        unfinished = target.with_suffix(".new")
        if subprocess.run([go, "build", "-trimpath", "-o", str(unfinished), "."], cwd=folder).returncode != 0:
            raise DevError(f"{name} could not be built")
        unfinished.replace(target)
    return target


def node_module(name: str) -> Path:
    """The peer's folder with its packages installed, once for each content of it."""
    folder = PEERS / name
    content = b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
    target = make_dir(cache_dir()) / f"node-{name}-{hashlib.sha256(content).hexdigest()[:16]}"
    if not (target / "complete").exists():
        print(f"bench: installing {name} …", flush=True)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder, target)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--engine-strict"]
        if subprocess.run(command, cwd=target, stdin=subprocess.DEVNULL).returncode != 0:
            raise DevError(f"npm could not install {name}; --sluice-only does without")
        (target / "complete").touch()
    return target
