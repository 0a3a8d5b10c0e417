"""What memory a process takes, from /proc."""

from pathlib import Path


def forget_peak(pid: int) -> None:
    """Sets its peak to what it holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def peak_and_now(pid: int) -> tuple[int, int]:
    """In bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return tuple(int(fields[name].split()[0]) * 1024 for name in ("VmHWM", "VmRSS"))  # type: ignore[return-value]
