"""Faults 4, 28 and 30: pictures whose worker dies, that find no room, or that take the decoder with them."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from case import Case
from picture_files import jpeg, noise
from sluice_client import eventually

from devstack.process import Process

ENDINGS = {
    "crash": "DECODER_CRASHED",
    "hang": "DECODER_TIMEOUT",
    "memory": "DECODER_MEMORY",
    "socket": "DECODER_BLOCKED",
}


def provoking(name: str) -> bytes:
    """A picture whose last bytes tell a test build of the decoder to misbehave."""
    return jpeg(320, 200) + f"sluice-provoke:{name}".encode()


@pytest.mark.parametrize("point", ["fetched", "variant_stored", "settle_before", "settle_after"])
def test_worker_dies_between_variants_and_commit(case: Case, point: str) -> None:
    """Fault 4: each of the first workers kills itself with some variants in the store and no commit. Another makes them
    again under the same keys; the ledger finds each of them, and no other object."""
    case.stack.processor.stop()
    for number in range(6):
        case.clients.picture(jpeg(400 + number, 300))
    since = case.stack.log_end()
    with case.stack.processor_with(SLUICE_CRASH_AT=point):
        case.ledger.check()
        deaths = case.stack.logged("child_died", since)
    assert [line for line in deaths if line["status"] == -signal.SIGKILL], f"nobody died at {point}"


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_decoder_ends_badly(case: Case, ending: str) -> None:
    """Fault 30: twice, then the picture has failed with the code; as a plain file it is good, without variants.
    Other pictures are not concerned, and no worker had to die for it."""
    with case.stack.processor_with(SLUICE_DECODER_TIMEOUT_MS="6000"):  # enough for the good ones on a busy machine
        workers = eventually(case.stack.children, "workers", 40)
        bad = case.clients.picture(provoking(ending), code=ENDINGS[ending])
        good = [case.clients.picture(jpeg(300 + number, 200)) for number in range(4)]
        plain, ticket = case.clients.presign(provoking(ending), "put", filename="a.jpg")
        plain.flaw = ENDINGS[ending]
        case.clients.send(plain, ticket)
        case.ledger.check()
        now = case.stack.children()
        assert {name: process.pid for name, process in now.items()} == {
            name: process.pid for name, process in workers.items()
        }
    assert case.ledger.job(bad, "attempts") == (2,)
    assert all(case.ledger.status(upload) == "SYNCED" for upload in good)


def test_decoders_killed_while_they_idle(case: Case) -> None:
    """Fault 30: kill -9 of the program itself, as the kernel does it when memory is short. The next picture starts
    another one."""
    for number in range(8):
        case.clients.picture(jpeg(300 + number, 200))
    case.all_synced()
    killed = [member for member in Process.of(case.stack.processor.pid).tree() if _is_decoder(member)]
    assert killed, "no decoder ran"
    for member in killed:
        member.signal(signal.SIGKILL)
    for number in range(8):
        case.clients.picture(jpeg(320 + number, 200))
    case.ledger.check()


def _is_decoder(process: Process) -> bool:
    try:
        return Path(f"/proc/{process.pid}/exe").readlink().name == "sluice-decoder"
    except OSError:
        return False


@contextmanager
def _small_disk(path: Path) -> Iterator[None]:
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(path)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system, which takes root")
def test_spool_disk_full(case: Case) -> None:
    """Fault 28: a picture that finds no room is tried again, says why, and is done once there is room. Those that fit
    are not held up, and no worker dies."""
    disk = case.stack.spool.parent / "small"
    with _small_disk(disk), case.stack.processor_with(SLUICE_SPOOL_DIR=str(disk), SLUICE_MAX_ATTEMPTS="1000"):
        workers = eventually(case.stack.children, "workers", 40)
        large = case.clients.picture(noise(400, 300), filename="a.png")
        small = case.clients.picture(jpeg(300, 200))
        reason = ("SPOOL_UNAVAILABLE",)
        eventually(lambda: case.ledger.job(large, "error_code") == reason, "no room", 40)
        assert "No space left" in case.ledger.job(large, "error_message")[0]
        case.synced(small)
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
        case.ledger.check()
        assert case.stack.children().keys() == workers.keys()
        assert not list(disk.iterdir())
