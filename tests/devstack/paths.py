"""Where things live: the repository, the stack's own folder, the cache shared by checkouts."""

import os
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def dev_dir() -> Path:
    """The folder of this stack; another SLUICE_DEV_DIR is another stack beside it."""
    return Path(os.environ.get("SLUICE_DEV_DIR") or ROOT / ".dev").absolute()


def cache_dir() -> Path:
    """What is expensive to make and the same for every checkout: MinIO's binary, the tests' environment."""
    named = os.environ.get("SLUICE_DEV_CACHE")
    if named:
        return Path(named).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sluice"


def make_dir(path: Path, mode: int = 0o755) -> Path:
    """Creates the folder with exactly this mode, because a strict umask would lock out Postgres's own user."""
    path.mkdir(parents=True, exist_ok=True)
    if path.stat().st_uid == os.geteuid():
        path.chmod(mode)
    return path


def write_private(path: Path, text: str) -> None:
    """Replaces a file atomically, readable by its owner only: it holds secrets."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def log_tail(path: Path, lines: int = 20) -> str:
    """The end of a log, indented for an error message."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "    (no log)"
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:]) or "    (the log is empty)"
