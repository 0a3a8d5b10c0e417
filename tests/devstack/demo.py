"""`./dev demo`: the main job on real files, told step by step."""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from devstack.client import SluiceClient, upload
from devstack.errors import DevError
from devstack.stack import Stack

FINAL = ("SYNCED", "FAILED", "EXPIRED")
WAIT_S = 600


def _size(count: int | float | None) -> str:
    if count is None:
        return "?"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            break
        count /= 1024
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"


class ProgressBar:
    """One line that redraws itself on a terminal, and only its end elsewhere."""

    def __init__(self, label: str, total: int) -> None:
        self.label, self.total = label, total
        self.terminal = sys.stdout.isatty()
        self.started = self.drawn = time.monotonic()

    def show(self, sent: int, final: bool = False) -> None:
        now = time.monotonic()
        if not final and (not self.terminal or now - self.drawn < 0.1):
            return
        self.drawn = now
        share = sent / self.total if self.total else 1.0
        width = max(10, min(30, shutil.get_terminal_size().columns - 60))
        bar = "#" * round(share * width) + "." * (width - round(share * width))
        rate = sent / max(now - self.started, 1e-3)
        line = f"  {self.label}  [{bar}] {share:4.0%}  {_size(sent)}  {_size(rate)}/s"
        print(("\r" if self.terminal else "") + line, end="\n" if final else "", flush=True)


def _send(client: SluiceClient, path: Path) -> str:
    print(path)
    ticket = client.presign(path)
    print(f"  presigned {ticket['file_id']} ({ticket['method']} to {ticket['object_key']})")
    bar = ProgressBar("uploading", path.stat().st_size)
    upload(ticket, path, bar.show)
    bar.show(path.stat().st_size, final=True)
    return str(ticket["file_id"])


def _finish(client: SluiceClient, file_id: str) -> dict[str, Any]:
    """Waits for a final status. Nobody confirms: the store's event alone must do it."""
    deadline = time.monotonic() + WAIT_S
    while True:
        record: dict[str, Any] = client.call("GET", f"/files/{file_id}?wait=30")
        if record["status"] in FINAL or time.monotonic() > deadline:
            return record


def _print_record(record: dict[str, Any]) -> None:
    print(f"{record['filename']}: {record['status']}")
    for name, value in record.items():
        if name in ("filename", "status", "variants") or value in (None, "", [], {}):
            continue
        print(f"  {name:<14} {_size(value) + f' ({value})' if name == 'size' else value}")
    for variant in record.get("variants") or []:
        shape = f"{variant['width']}x{variant['height']}, {_size(variant['size'])}"
        print(f"  variant {variant['name']:<8} {shape}, {variant['content_type']}\n    {variant['url']}")


def demo(stack: Stack, names: list[str]) -> int:
    paths = [Path(name) for name in names]
    for path in paths:
        if not path.is_file():
            raise DevError(f"{path}: no such file")
    if not stack.env_path.exists():
        raise DevError("no stack is running here; start one with: ./dev up --detach")
    client = SluiceClient(read_env(stack)["SLUICE_API_URL"], os.environ.get("SLUICE_API_KEY"))
    started = time.monotonic()
    ids = [_send(client, path) for path in paths]
    records = [_finish(client, file_id) for file_id in ids]
    print()
    for record in records:
        _print_record(record)
    synced = sum(record["status"] == "SYNCED" for record in records)
    print(f"\n{synced} of {len(records)} SYNCED in {time.monotonic() - started:.2f} s")
    return 0 if synced == len(records) else 1


def read_env(stack: Stack) -> dict[str, str]:
    lines = stack.env_path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)
