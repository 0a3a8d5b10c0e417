"""live: presigns while 500 clients follow event streams on real connections, beside presigns without any."""

import struct
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from statistics import median

from devstack.client import SluiceClient
from devstack.errors import DevError
from runner.lab import Lab
from runner.listeners import Listener, Listeners
from runner.load import Load, presign_requests, send
from runner.objects import Ticket, Uploader
from runner.presign import CONNECTIONS, LONE_SECONDS, WARM_SECONDS
from runner.report import Table, Targets, number
from runner.rounds import turns
from runner.usage import CpuMeter, rss_mib

STREAMS = 500  # the default of SLUICE_SSE_MAX
ALBUMS = 50
UPLOADS_PER_S = 5
DELIVERED_WITHIN_S = 30.0
LIMIT = 2.0
NONE, ALBUM, EVERYTHING = "no streams", f"{STREAMS} streams, 10 an album", f"{STREAMS} streams of everything"


def _png(value: int) -> bytes:
    """8 by 8 in one colour; another one for each value."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + struct.pack(">I", value)[1:] * 8
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(row * 8)) + chunk(b"IEND", b"")


class Visitors:
    """Small pictures into one album after the other, so many a second, by a thread that goes on until it is told."""

    def __init__(self, lab: Lab, albums: list[str]) -> None:
        self.done = [0] * len(albums)
        self.problem: BaseException | None = None
        self._client, self._albums = SluiceClient(lab.stack.api.url), albums
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _upload(self, uploader: Uploader, value: int) -> None:
        which, body = value % len(self._albums), _png(value)
        wish = {"filename": f"{value}.png", "content_type": "image/png", "size": len(body)}
        answer = self._client.call("POST", f"/albums/{self._albums[which]}/media/upload", wish)
        uploader.put(Ticket(answer["object_key"], answer["upload_url"], answer["headers"]), body, len(body))
        self.done[which] += 1

    def _run(self) -> None:
        uploader, start = Uploader(), time.monotonic()
        try:
            for value in count():
                if self._stopping.wait(max(0.0, start + value / UPLOADS_PER_S - time.monotonic())):
                    return
                self._upload(uploader, value)
        except BaseException as problem:
            self.problem = problem

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Uploads as long as it is entered."""
        self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._thread.join()
        if self.problem is not None:
            raise DevError(f"the uploads beside the load stopped: {self.problem}")


@dataclass(frozen=True)
class Turn:
    """One kind of audience in one round."""

    load: Load
    lone: Load
    api_cpu: float
    rss_mib: float
    events: int


def _paths(kind: str, albums: list[str]) -> list[str]:
    if kind == NONE:
        return []
    if kind == EVERYTHING:
        return ["/events"] * STREAMS
    return [f"/albums/{albums[number % ALBUMS]}/events" for number in range(STREAMS)]


def _check_cap(url: str) -> None:
    """One more is told to come back."""
    one_more = Listener(url, "/events", b"\0")
    head = one_more.head.lower()
    one_more.close()
    if one_more.status != 503 or "retry-after: " not in head:
        raise DevError(f"stream {STREAMS + 1} was answered: {one_more.head}")


def _check_delivery(lab: Lab, kind: str, listeners: Listeners, visitors: Visitors) -> None:
    """Every upload was announced on every stream that it concerns; and none had to be cut off."""

    def expected(place: int) -> int:
        return sum(visitors.done) if kind == EVERYTHING else visitors.done[place % ALBUMS]

    def all_told() -> bool:
        return all(one.count >= expected(place) for place, one in enumerate(listeners.all))

    lab.wait_for("every event on every stream", all_told, DELIVERED_WITHIN_S)
    if listeners.ended:
        raise DevError(f"{listeners.ended} streams ended")


def _turn(lab: Lab, kind: str) -> Turn:
    api, client = lab.stack.api, SluiceClient(lab.stack.api.url)
    albums = [client.call("POST", "/albums", {"title": f"album {place}"})["album_id"] for place in range(ALBUMS)]
    visitors, requests = Visitors(lab, albums), presign_requests()
    word = b'"status":"SYNCED"' if kind == EVERYTHING else b'"status":"uploaded"'
    with Listeners(api.url, _paths(kind, albums), word) as listeners:
        if kind != NONE:
            _check_cap(api.url)
        with visitors.at_work():
            send(api.url, requests, CONNECTIONS, WARM_SECONDS)
            meter = CpuMeter({"api": api})
            load = send(api.url, requests, CONNECTIONS, lab.options.seconds)
            cpu = meter.spent()["api"]
            resident = rss_mib(api)
            lone = send(api.url, requests, 1, LONE_SECONDS)
        _check_delivery(lab, kind, listeners, visitors)
        events = sum(one.count for one in listeners.all)
    return Turn(load, lone, cpu * 1000 / load.requests, resident, events)


def _middle(found: list[Turn], what: str) -> float:
    head, _, rest = what.partition(".")
    return median(float(getattr(getattr(turn, head), rest) if rest else getattr(turn, head)) for turn in found)


FIGURES = {
    "presigns/s": "load.per_second",
    "p50 ms": "load.p50_ms",
    "p99 ms": "load.p99_ms",
    "lone p50 ms": "lone.p50_ms",
    "lone p99 ms": "lone.p99_ms",
    "api CPU s per 1,000": "api_cpu",
    "api RSS MiB": "rss_mib",
    "SYNCED events sent": "events",
}


def _table(found: dict[str, list[Turn]]) -> Table:
    title = f"Presigns on {CONNECTIONS} connections and {UPLOADS_PER_S} pictures a second uploaded and processed"
    table = Table(title, ["", *FIGURES, "p99, ratio", "lone p99, ratio"])
    for kind, these in found.items():
        figures = [number(_middle(these, what)) for what in FIGURES.values()]
        ratios = [f"{_ratio(found, kind, what):.2f}×" for what in ("load.p99_ms", "lone.p99_ms")]
        table.rows.append([kind, *figures, *(ratios if kind != NONE else ["", ""])])
    spread = "; ".join(
        f"{kind}: {min(t.load.p99_ms for t in these):.1f}–{max(t.load.p99_ms for t in these):.1f}"
        for kind, these in found.items()
    )
    table.notes.append(f"Medians of the rounds; smallest and largest p99, ms: {spread}.")
    table.notes.append(f"With the streams open, stream {STREAMS + 1} was answered 503 with Retry-After each time.")
    return table


def _ratio(found: dict[str, list[Turn]], kind: str, what: str) -> float:
    """Of what the same round gave without streams, the median."""
    pairs = zip(found[kind], found[NONE], strict=True)
    return median(_middle([turn], what) / _middle([none], what) for turn, none in pairs)


def _targets(found: dict[str, list[Turn]]) -> Targets:
    targets = Targets()
    for kind in (ALBUM, EVERYTHING):
        targets.at_most(f"presign p99 with {kind}", _ratio(found, kind, "load.p99_ms"), LIMIT, "× of none")
    return targets


def run(lab: Lab) -> list[Table]:
    """The three in turn, in another order each round; api and processor start anew for each."""
    found: dict[str, list[Turn]] = {kind: [] for kind in (NONE, ALBUM, EVERYTHING)}
    for round_number, kind in turns(list(found), lab.options.rounds):
        with ExitStack() as services:
            services.enter_context(lab.running(lab.stack.api))
            services.enter_context(lab.running(lab.stack.processor))
            turn = _turn(lab, kind)
        found[kind].append(turn)
        print(f"round {round_number}: {kind}: p99 {turn.load.p99_ms:.1f} ms, {turn.load.per_second:,.0f}/s", flush=True)
    return [_table(found), _targets(found)]
