"""latency: a 64 KiB PUT on an idle stack until its record is SYNCED, by the store's event alone."""

import os
import random
import time

from runner.consumers import Consumer, PeerConsumer, consumers
from runner.lab import Lab
from runner.objects import Ticket, Uploader, tickets
from runner.report import Table, Targets, number
from runner.rounds import percentile
from runner.throughput import SIZE

POLL_S = 0.001
ONE_WITHIN_S = 30.0
PAUSE_S = (0.02, 0.06)


def _sample(consumer: Consumer, uploader: Uploader, ticket: Ticket) -> tuple[float, float]:
    """Milliseconds from the start and from the end of the PUT."""
    query = f"SELECT status FROM {consumer.table} WHERE object_key = %s"
    with consumer.lab.database(consumer.database) as database:
        body = os.urandom(SIZE)
        started = time.perf_counter()
        uploader.put(ticket, body, SIZE)
        put = time.perf_counter()
        while (row := database.execute(query, (ticket.key,)).fetchone()) is None or row[0] != "SYNCED":
            if time.perf_counter() - put > ONE_WITHIN_S:
                consumer.lab.wait_for(f"{consumer.label}: {ticket.key} SYNCED", lambda: False, 0)
            time.sleep(POLL_S)
        now = time.perf_counter()
    return (now - started) * 1000, (now - put) * 1000


def _samples(lab: Lab, consumer: Consumer) -> list[tuple[float, float]]:
    """The first few are not counted: they open the connections."""
    these, warm = _tickets(lab, consumer), 3
    uploader, found = Uploader(), []
    with lab.running(consumer.service):
        consumer.wait_idle()
        for number_of_sample, ticket in enumerate(these):
            time.sleep(random.uniform(*PAUSE_S))
            sample = _sample(consumer, uploader, ticket)
            if number_of_sample >= warm:
                found.append(sample)
    return found


def _tickets(lab: Lab, consumer: Consumer) -> list[Ticket]:
    count = lab.options.samples + 3
    if lab.with_sluice:
        lab.stack.api.start()
    these = tickets(lab, count, SIZE)
    if lab.with_sluice:
        lab.stack.api.stop()
    lab.queue.delete(lab.events_list)
    if isinstance(consumer, PeerConsumer):
        consumer.expect(these)
    return these


def run(lab: Lab) -> list[Table]:
    """One after another: each is idle but for its own sample."""
    columns = ["", "p50 ms after the PUT's 200", "p99 ms", "slowest ms", "p50 ms with the PUT", "p99 ms"]
    table = Table(f"64 KiB on an idle stack: PUT → SYNCED by the store's event, {lab.options.samples} times", columns)
    targets = Targets()
    for consumer in consumers(lab):
        if isinstance(consumer, PeerConsumer):
            # They serve the store's own list here, as Sluice does.
            consumer.service.extra_environment["PEER_LIST"] = lab.events_list
        samples = _samples(lab, consumer)
        consumer.service.extra_environment.pop("PEER_LIST", None)
        whole, after = ([sample[which] for sample in samples] for which in (0, 1))
        figures = [percentile(after, 0.5), percentile(after, 0.99), max(after), percentile(whole, 0.5)]
        table.rows.append([consumer.label, *(number(figure) for figure in [*figures, percentile(whole, 0.99)])])
        print(f"{consumer.label}: p50 {figures[0]:.1f} ms, p99 {figures[1]:.1f} ms", flush=True)
        if consumer.label == "Sluice":
            targets.at_most("PUT → SYNCED, p50", figures[3], 50, " ms")
    table.notes.append("The record is polled every millisecond, which is part of every figure.")
    return [table, targets]
