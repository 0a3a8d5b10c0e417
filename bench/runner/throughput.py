"""bytes: 64 KiB objects whose events wait, and one large object against the store's own GET rate."""

import http.client
import time
import urllib.parse
from dataclasses import dataclass
from statistics import median

from devstack.errors import DevError
from runner.consumers import Consumer, SluiceConsumer, consumers
from runner.lab import Lab
from runner.objects import Events, Ticket, put_all, put_large, take_events, tickets
from runner.report import Contest, Table, Targets, number
from runner.rounds import turns
from runner.usage import MIB, CpuMeter, forget_peaks, memory

SIZE = 64 * 1024
SMALL_WITHIN_S = 120.0
LARGE_WITHIN_S = 300.0
READ_BLOCK = MIB


@dataclass(frozen=True)
class Small:
    """One turn over the small objects."""

    seconds: float
    cpu: dict[str, float]


@dataclass(frozen=True)
class Large:
    """One turn over the large object; memory is what a worker's peak lies above its idle size."""

    seconds: float
    cpu: float
    above_idle: int


def _put(lab: Lab, count: int, size: int) -> tuple[list[Ticket], Events]:
    """Objects that are there, their events taken off the list, nothing processed."""
    if lab.with_sluice:
        lab.stack.api.start()
    these = tickets(lab, count, size)
    if lab.with_sluice:
        lab.stack.api.stop()
    if count == 1:
        put_large(these[0], size)
    else:
        put_all(these, size)
    return these, take_events(lab, these)


def consume(lab: Lab, consumer: Consumer, these: list[Ticket], events: Events) -> Small:
    """From the moment when a waiting program is given all events until every record is SYNCED."""
    consumer.expect(these)
    lab.cache.flushall()
    with lab.running(consumer.service):
        consumer.wait_idle()
        consumer.hold(consumer.events(events))
        consumer.require_untouched(these)
        stack = lab.stack
        meter = CpuMeter({"worker": consumer.service, "Postgres": stack.postgres, "store": stack.store})
        started = time.perf_counter()
        consumer.release()
        consumer.finish(these, SMALL_WITHIN_S)
        seconds = time.perf_counter() - started
        return Small(seconds, meter.spent())


def _small(lab: Lab) -> tuple[Table, dict[str, float]]:
    count = lab.options.objects
    print(f"putting {count} objects of 64 KiB …", flush=True)
    these, events = _put(lab, count, SIZE)
    everybody = consumers(lab)
    results: dict[str, list[Small]] = {consumer.label: [] for consumer in everybody}
    for round_number, consumer in turns(everybody, lab.options.rounds):
        small = consume(lab, consumer, these, events)
        results[consumer.label].append(small)
        print(f"round {round_number}: {consumer.label}: {count / small.seconds:,.0f} objects/s", flush=True)
    contest = Contest(
        count,
        {label: [small.seconds for small in of] for label, of in results.items()},
        {label: [small.cpu for small in of] for label, of in results.items()},
    )
    columns = ["", "objects/s", "slowest–fastest", "worker CPU s per 1,000", "Postgres", "store", "Sluice is"]
    table = Table(f"{count:,} objects of 64 KiB: event → GET, SHA-256, cache, record SYNCED", columns)
    for label in results:
        cells = contest.cells(label, ["worker", "Postgres", "store"])
        table.rows.append([label, *cells, contest.ratio(label)])
    table.notes.append(
        f"Sluice is given all {len(events.every):,} events of its two notification targets, the peers one an object."
    )
    return table, {label: contest.rate(label) for label in results}


def _drain(url: str) -> float:
    """Seconds that the store takes to send the object to a client that does nothing with it."""
    parts = urllib.parse.urlsplit(url)
    link = http.client.HTTPConnection(parts.netloc, timeout=300)
    buffer = memoryview(bytearray(READ_BLOCK))
    started = time.perf_counter()
    link.request("GET", f"{parts.path}?{parts.query}")
    answer = link.getresponse()
    if answer.status != 200:
        raise DevError(f"GET of the large object: {answer.status}")
    while answer.readinto(buffer):
        pass
    link.close()
    return time.perf_counter() - started


def _process_large(lab: Lab, consumer: Consumer, these: list[Ticket], events: Events) -> Large:
    consumer.expect(these)
    with lab.running(consumer.service):
        consumer.wait_idle()
        consumer.hold(consumer.events(events))
        consumer.require_untouched(these)
        forget_peaks(consumer.service)
        idle = {process.pid: process.rss for process in memory(consumer.service)}
        meter = CpuMeter({"worker": consumer.service})
        started = time.perf_counter()
        consumer.release()
        consumer.finish(these, LARGE_WITHIN_S)
        seconds = time.perf_counter() - started
        above = max(process.peak - idle.get(process.pid, 0) for process in memory(consumer.service))
        return Large(seconds, meter.spent()["worker"], above)


def _large(lab: Lab) -> tuple[Table, float, float]:
    size = lab.options.big_mib * MIB
    print(f"putting one object of {lab.options.big_mib} MiB …", flush=True)
    these, events = _put(lab, 1, size)
    bucket = lab.stack.program_settings()["SLUICE_S3_BUCKET"]
    url = lab.s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": these[0].key})
    store, sluice = [], []
    for round_number in range(lab.options.rounds):
        store.append(_drain(url))
        sluice.append(_process_large(lab, SluiceConsumer(lab), these, events))
        rates = f"{size / store[-1] / 1e6:,.0f} MB/s read, {size / sluice[-1].seconds / 1e6:,.0f} MB/s processed"
        print(f"round {round_number + 1}: {rates}", flush=True)
    lab.s3.delete_object(Bucket=bucket, Key=these[0].key)
    share = median(store) / median(large.seconds for large in sluice)
    above = max(large.above_idle for large in sluice) / MIB
    table = Table(f"One object of {lab.options.big_mib:,} MiB", ["", "MB/s", "CPU s", "peak MiB above idle"])
    table.rows = [
        ["the store's GET, read and dropped", number(size / median(store) / 1e6), "", ""],
        [
            "Sluice, event → SYNCED",
            number(size / median(large.seconds for large in sluice) / 1e6),
            number(median(large.cpu for large in sluice)),
            number(above),
        ],
    ]
    return table, share, above


def run(lab: Lab) -> list[Table]:
    """Small objects first, then the large one."""
    small, rates = _small(lab)
    if not lab.with_sluice:
        return [small]
    targets = Targets()
    targets.at_least("objects/s, 64 KiB", rates["Sluice"], 1900)
    for label, rate in rates.items():
        if label != "Sluice":
            wanted = 1.5 if label.startswith("Go") else 3.8
            targets.at_least(f"of the {label.split(' (')[0]}'s rate", rates["Sluice"] / rate, wanted, "×")
    large, share, above = _large(lab)
    targets.at_least("large object, of the store's GET rate", share, 0.6, "×")
    targets.at_most("large object, a worker's peak above idle", above, 64, " MiB")
    return [small, large, targets]
