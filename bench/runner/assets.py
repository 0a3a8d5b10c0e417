"""assets: files of 1 MiB through the server, 16 connections; then the memory that a large one and many at once take."""

import http.client
import os
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from devstack.errors import DevError
from devstack.service import Service
from runner.lab import Lab
from runner.load import Load, send_body
from runner.report import Table, Targets, number
from runner.rounds import turns
from runner.usage import MIB, CpuMeter, forget_peaks, memory, rss_mib

CONNECTIONS = 16
WARM_SECONDS = 1
BOUNDARY = "------------------------0123456789abcdef"
KIND = f"multipart/form-data; boundary={BOUNDARY}"
PATH = "/api/v1/assets"
MANY, MANY_MIB = 16, 200
BLOCK = 256 * 1024


@dataclass(frozen=True)
class Server:
    """A program that takes files, and the table that its records go to."""

    label: str
    service: Service
    database: str
    table: str


@dataclass(frozen=True)
class Turn:
    """One server's figures in one round; peaks are MiB above what it held when idle."""

    load: Load
    cpu: dict[str, float]
    large_peak: float
    large_rate: float
    many_peak: float


def _servers(lab: Lab) -> list[Server]:
    servers = [Server("Gin + minio-go + pgx", peer, "peers", peer.name) for peer in lab.asset_peers]
    if lab.with_sluice:
        servers.append(Server("Sluice", lab.stack.api, "sluice", "files"))
    return servers


def _edges() -> tuple[bytes, bytes]:
    """What stands before and after the file in the form."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="photo.bin"\r\n'
    head += "Content-Type: application/octet-stream\r\n\r\n"
    return head.encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def _rows(lab: Lab, server: Server) -> int:
    with lab.database(server.database) as database:
        row = database.execute(f"SELECT count(*) FROM {server.table}").fetchone()
    return int(row[0]) if row else 0


def _post(url: str, size: int) -> None:
    """One file of so many bytes, of a repeated random block."""
    head, tail = _edges()
    block = os.urandom(BLOCK)

    def body() -> Iterator[bytes]:
        yield head
        for start in range(0, size, BLOCK):
            yield block[: min(BLOCK, size - start)]
        yield tail

    link = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=600)
    headers = {"Content-Type": KIND, "Content-Length": str(len(head) + size + len(tail))}
    link.request("POST", PATH, body=body(), headers=headers)
    answer = link.getresponse()
    text = answer.read()
    link.close()
    if answer.status != 200:
        raise DevError(f"POST {PATH}: {answer.status}: {text.decode(errors='replace')}")


def _peak_above(service: Service, before: float) -> float:
    return sum(process.peak for process in memory(service)) / MIB - before


def _large(lab: Lab, server: Server) -> tuple[float, float]:
    size = lab.options.big_mib * MIB
    forget_peaks(server.service)
    before = rss_mib(server.service)
    started = time.perf_counter()
    _post(server.service.url, size)
    return _peak_above(server.service, before), size / (time.perf_counter() - started) / 1e6


def _many(server: Server) -> float:
    forget_peaks(server.service)
    before = rss_mib(server.service)
    with ThreadPoolExecutor(MANY) as pool:
        list(pool.map(lambda _: _post(server.service.url, MANY_MIB * MIB), range(MANY)))
    return _peak_above(server.service, before)


def _empty_staging(lab: Lab) -> None:
    """So that the turns do not fill the disk."""
    s3, bucket = lab.s3, lab.stack.program_settings()["SLUICE_S3_BUCKET"]
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="staging/"):
        keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def _turn(lab: Lab, server: Server) -> Turn:
    head, tail = _edges()
    body = head + os.urandom(MIB) + tail
    url = server.service.url + PATH
    send_body(url, body, KIND, CONNECTIONS, WARM_SECONDS)
    before = _rows(lab, server)
    stack = lab.stack
    meter = CpuMeter({"server": server.service, "Postgres": stack.postgres, "store": stack.store})
    load = send_body(url, body, KIND, CONNECTIONS, lab.options.seconds)
    spent = {name: seconds * 1000 / load.requests for name, seconds in meter.spent().items()}
    if _rows(lab, server) - before < load.requests:
        raise DevError(f"{server.label} answered {load.requests} requests without a record for each")
    _empty_staging(lab)
    large_peak, large_rate = _large(lab, server)
    _empty_staging(lab)
    many_peak = _many(server)
    _empty_staging(lab)
    return Turn(load, spent, large_peak, large_rate, many_peak)


def _rates(servers: list[Server], found: dict[str, list[Turn]]) -> Table:
    columns = "files/s|p50 ms|p99 ms|server CPU s per 1,000|Postgres|store|Sluice is"
    table = Table(
        f"Form with a file of 1 MiB → object, SHA-256, record; {CONNECTIONS} connections", ["", *columns.split("|")]
    )
    sluice = median(turn.load.per_second for turn in found["Sluice"]) if "Sluice" in found else None
    for server in servers:
        of = found[server.label]
        rate = median(turn.load.per_second for turn in of)
        times = [median(turn.load.p50_ms for turn in of), median(turn.load.p99_ms for turn in of)]
        costs = [median(turn.cpu[name] for turn in of) for name in ("server", "Postgres", "store")]
        ratio = f"{sluice / rate:.2f}×" if sluice and server.label != "Sluice" else ""
        table.rows.append([server.label, *(number(value) for value in (rate, *times, *costs)), ratio])
    spread = ", ".join(
        f"{label}: {min(t.load.per_second for t in of):,.0f}–{max(t.load.per_second for t in of):,.0f}"
        for label, of in found.items()
    )
    table.notes.append(f"Medians of the rounds; slowest and fastest, files/s: {spread}.")
    return table


def _memory(lab: Lab, found: dict[str, list[Turn]]) -> Table:
    large, many = f"{lab.options.big_mib:,} MiB", f"{MANY} of {MANY_MIB} MiB at once"
    table = Table(
        "What it takes of memory: peak above idle, MiB, the largest of the rounds", ["", large, "at MB/s", many]
    )
    for label, of in found.items():
        figures = (
            max(t.large_peak for t in of),
            median(t.large_rate for t in of),
            max(t.many_peak for t in of),
        )
        table.rows.append([label, *(number(figure) for figure in figures)])
    return table


def run(lab: Lab) -> list[Table]:
    """Peer and Sluice in turn, in another order each round."""
    servers = _servers(lab)
    found: dict[str, list[Turn]] = {server.label: [] for server in servers}
    for round_number, server in turns(servers, lab.options.rounds):
        with lab.running(server.service):
            turn = _turn(lab, server)
        found[server.label].append(turn)
        print(
            f"round {round_number}: {server.label}: {turn.load.per_second:,.0f} files/s, "
            f"large {turn.large_peak:.1f} MiB above idle, many {turn.many_peak:.1f} MiB",
            flush=True,
        )
    targets = Targets()
    if "Sluice" in found:
        rate = {label: median(turn.load.per_second for turn in of) for label, of in found.items()}
        for label in found:
            if label != "Sluice":
                targets.at_least(f"of the rate of {label}", rate["Sluice"] / rate[label], 1, "×")
        targets.at_most("one large file, peak above idle", max(t.large_peak for t in found["Sluice"]), 64, " MiB")
        targets.at_most(f"{MANY} at once, peak above idle", max(t.many_peak for t in found["Sluice"]), 256, " MiB")
    return [_rates(servers, found), _memory(lab, found), targets]
