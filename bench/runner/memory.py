"""memory: what an idle program holds and burns, and how long it takes to serve."""

import time
from collections.abc import Callable
from statistics import median

from devstack.process import Process
from devstack.service import Service
from runner.lab import Lab
from runner.report import Table, Targets, number
from runner.usage import MIB, Memory, cpu_seconds, memory

IDLE_S = 10.0
SETTLE_S = 1.0
START_POLL_S = 0.001


def start_ms(service: Service) -> float:
    """From the fork to the first answer that it is ready, on warm caches."""
    service.stop()
    begun = time.perf_counter()
    service.start(wait=False)
    while not service.is_ready():
        time.sleep(START_POLL_S)
        Process.of(service.pid)  # an error when it has ended
    return (time.perf_counter() - begun) * 1000


def _idle(service: Service) -> tuple[list[Memory], float]:
    time.sleep(SETTLE_S)
    before = cpu_seconds(service)
    time.sleep(IDLE_S)
    return memory(service), (cpu_seconds(service) - before) / IDLE_S * 100


def _mib(processes: list[Memory], what: Callable[[Memory], int]) -> str:
    return number(sum(what(process) for process in processes) / MIB)


def _programs(lab: Lab) -> list[tuple[str, Service]]:
    found: list[tuple[str, Service]] = [(peer.name, peer) for peer in [*lab.presign_peers, *lab.worker_peers]]
    if lab.with_sluice:
        found += [("sluice-api", lab.stack.api), ("sluice-processor", lab.stack.processor)]
    return found


def run(lab: Lab) -> list[Table]:
    """Each program alone on the idle stack."""
    columns = ["", "processes", "RSS MiB", "largest process MiB", "PSS MiB", "CPU % of a core", "start → ready ms"]
    table, targets = Table("Idle, after a start", columns), Targets()
    for label, service in _programs(lab):
        service.start()
        starts = median(start_ms(service) for _ in range(lab.options.rounds))
        processes, cpu = _idle(service)
        service.stop()
        largest = max(process.rss for process in processes) / MIB
        sums = [_mib(processes, lambda one: one.rss), number(largest), _mib(processes, lambda one: one.pss)]
        table.rows.append([label, str(len(processes)), *sums, number(cpu), number(starts)])
        print(f"{label}: {sums[0]} MiB, {cpu:.2f} % of a core, ready in {starts:.0f} ms", flush=True)
        if label.startswith("sluice"):
            what = "the api" if label == "sluice-api" else "the largest worker"
            targets.at_most(f"RSS of {what}", largest, 40, " MiB")
            targets.at_most(f"CPU of {label}", cpu, 1, " %")
            targets.at_most(f"{label} ready", starts, 300, " ms")
    return [table, targets]
