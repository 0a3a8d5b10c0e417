"""batch: 50 photos of 24 MP in one batch: what the api takes of memory, and how the progress goes."""

import http.client
import json
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

from devstack.client import SluiceClient
from devstack.errors import DevError
from runner.lab import Lab
from runner.report import Table, Targets, number
from runner.studio import pictures
from runner.toolchain import peer_python
from runner.usage import MIB, forget_peaks, memory, rss_mib

PHOTO = "photo-24.jpg"
COUNT = 50
BOUNDARY = "------------------------0123456789abcdef"
BLOCK = 256 * 1024
POLL_S = 0.25
WITHIN_S = 900.0
WARM = 2  # these open the connections


def _part(name: str, filename: str | None, data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    head += f'; filename="{filename}"\r\nContent-Type: image/jpeg' if filename else ""
    return f"{head}\r\n\r\n".encode() + data + b"\r\n"


def _send(lab: Lab, album: str, photo: bytes, count: int) -> float:
    """Seconds from the first byte to the answer. JPEG may have bytes after its end: no two photos are the same file."""
    parts = [_part("album_id", None, album.encode())]
    parts += [_part("photos", f"{n}.jpg", photo + n.to_bytes(4, "big")) for n in range(count)]
    end = f"--{BOUNDARY}--\r\n".encode()

    def body() -> Iterator[bytes]:
        for part in [*parts, end]:
            yield from (part[at : at + BLOCK] for at in range(0, len(part), BLOCK))

    link = http.client.HTTPConnection(urllib.parse.urlsplit(lab.stack.api.url).netloc, timeout=WITHIN_S)
    length = sum(len(part) for part in parts) + len(end)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    started = time.perf_counter()
    link.request("POST", "/admin/upload", body=body(), headers={"Content-Type": kind, "Content-Length": str(length)})
    answer = link.getresponse()
    text = answer.read()
    link.close()
    if answer.status != 202:
        raise DevError(f"POST /admin/upload: {answer.status}: {text.decode(errors='replace')}")
    return time.perf_counter() - started


def _follow(client: SluiceClient, album: str) -> tuple[float, int]:
    """Seconds until it is done, and how often the progress went backwards."""
    started, ended, backwards = time.perf_counter(), 0, 0
    while time.perf_counter() - started < WITHIN_S:
        found: dict[str, Any] = client.call("GET", f"/admin/upload/status?album_id={album}")
        now = found["completed"] + found["failed"]
        backwards += now < ended
        ended = now
        if found["state"] == "done":
            if found["failed"]:
                raise DevError(f"photos failed: {json.dumps(found['errors'])}")
            return time.perf_counter() - started, backwards
        time.sleep(POLL_S)
    raise DevError(f"the batch was not done within {WITHIN_S:.0f} s")


def run(lab: Lab) -> list[Table]:
    """One batch on an idle stack, after a small one."""
    photo = (pictures(peer_python("pillow_variants")) / PHOTO).read_bytes()
    with lab.running(lab.stack.api), lab.running(lab.stack.processor):
        client = SluiceClient(lab.stack.api.url)
        albums = [client.call("POST", "/albums", {"title": "batch"})["album_id"] for _ in range(2)]
        _send(lab, albums[0], photo, WARM)
        _follow(client, albums[0])
        forget_peaks(lab.stack.api)
        before = rss_mib(lab.stack.api)
        received = _send(lab, albums[1], photo, COUNT)
        processed, backwards = _follow(client, albums[1])
        growth = sum(process.peak for process in memory(lab.stack.api)) / MIB - before
    size = COUNT * len(photo)
    table = Table(f"{COUNT} photos of 24 MP, {size / 1e6:.0f} MB, in one batch", ["", "measured"])
    table.rows += [
        ["received and staged, s", number(received)],
        ["… at MB/s", number(size / received / 1e6)],
        ["from the answer to the last photo, s", number(processed)],
        ["photos with their variants a second, from the first byte", number(COUNT / (received + processed))],
    ]
    print(f"received in {received:.1f} s, done {processed:.1f} s later, api +{growth:.1f} MiB", flush=True)
    targets = Targets()
    targets.at_most("the api's peak above idle", growth, 64, " MiB")
    targets.at_most("times that the progress went backwards", backwards, 0)
    return [table, targets]
