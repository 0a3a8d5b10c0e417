"""growth: the same operations, with keys asked for, on ten million records and on ten thousand, in turn."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from devstack.daemons import Cli
from runner import fill, statements
from runner.consumers import SluiceConsumer
from runner.lab import Lab
from runner.load import Request, presign_requests, send
from runner.objects import Events, Ticket, put_all, take_events, tickets
from runner.presign import CONNECTIONS, LONE_SECONDS, WARM_SECONDS
from runner.report import Table, Targets, number
from runner.rounds import turns
from runner.throughput import SIZE, consume
from runner.usage import CpuMeter

SMALL_ROWS = 10_000
STATUS_IDS = 20_000
LIMIT = 1.2


@dataclass(frozen=True)
class Site:
    """One database with Sluice's tables, and a key for it."""

    rows: int
    database: str
    api_key: str
    file_ids: list[str]

    def settings(self, lab: Lab) -> dict[str, str]:
        url = lab.stack.postgres.database_url.rpartition("/")[0] + "/" + self.database
        return {"SLUICE_DATABASE_URL": url, "SLUICE_AUTH": "required"}


@dataclass(frozen=True)
class Turn:
    """One site's figures in one round."""

    figures: dict[str, float]
    costs: dict[str, statements.Cost]


def _make_site(lab: Lab, database: str, rows: int) -> Site:
    print(f"filling {database} with {rows:,} records …", flush=True)
    stack, url = lab.stack, lab.stack.postgres.database_url.rpartition("/")[0] + "/" + database
    with lab.database("postgres") as server:
        server.execute(f"CREATE DATABASE {database}")
    cli = Cli(stack.cli.program, stack.cli.log_path, lambda: stack.program_settings() | {"SLUICE_DATABASE_URL": url})
    cli.run("migrate")
    made = cli.run("key", "create", "--json", "--owner", fill.OWNER, "--scopes", "upload,read")
    fill.fill(lab, database, rows)
    return Site(rows, database, json.loads(made.stdout)["key"], fill.sample_ids(lab, database, STATUS_IDS))


def _objects(lab: Lab, sites: list[Site]) -> tuple[list[Ticket], Events]:
    """Uploaded with records of the first site, which the others are given too."""
    first = sites[0]
    api = lab.stack.api
    api.extra_environment |= first.settings(lab) | {"SLUICE_AUTH": "none"}
    api.start()
    these = tickets(lab, lab.options.objects, SIZE)
    api.stop()
    put_all(these, SIZE)
    events = take_events(lab, these)
    for other in sites[1:]:
        fill.copy_records(lab, first.database, other.database, [ticket.file_id or "" for ticket in these])
    return these, events


def _loads(lab: Lab, site: Site) -> dict[str, float]:
    """Requests a second, and what a lone one takes."""
    url, seconds = lab.stack.api.url, lab.options.seconds
    status = [Request("GET", f"/files/{file_id}") for file_id in site.file_ids]
    newest = [Request("GET", "/files?limit=20")]
    failed = [Request("GET", "/files?limit=20&status=FAILED")]

    def load(requests: list[Request], length: float, connections: int = CONNECTIONS) -> Callable[[str], float]:
        result = send(url, requests, connections, length, site.api_key)
        return lambda what: float(getattr(result, what))

    load(presign_requests(), WARM_SECONDS)
    meter = CpuMeter({"api": lab.stack.api, "postgres": lab.stack.postgres})
    presign = load(presign_requests(), seconds)
    cpu = {name: spent * 1000 / presign("requests") for name, spent in meter.spent().items()}
    status_load = load(status, seconds / 2)
    return {
        "presign, requests/s": presign("per_second"),
        "presign, p99 ms": presign("p99_ms"),
        "presign, api CPU s per 1,000": cpu["api"],
        "presign, Postgres CPU s per 1,000": cpu["postgres"],
        "presign, a lone one, p50 ms": load(presign_requests(), LONE_SECONDS, 1)("p50_ms"),
        "status, requests/s": status_load("per_second"),
        "status, p99 ms": status_load("p99_ms"),
        "status, a lone one, p50 ms": load(status, LONE_SECONDS, 1)("p50_ms"),
        "the newest 20, requests/s": load(newest, seconds / 4)("per_second"),
        "the newest 20 FAILED, requests/s": load(failed, seconds / 4)("per_second"),
    }


def _turn(lab: Lab, site: Site, these: list[Ticket], events: Events) -> Turn:
    api, consumer = lab.stack.api, SluiceConsumer(lab, site.database)
    api.extra_environment |= site.settings(lab)
    consumer.service.extra_environment |= {"SLUICE_DATABASE_URL": site.settings(lab)["SLUICE_DATABASE_URL"]}
    statements.forget(lab)
    with lab.running(api):
        figures = _loads(lab, site)
    small = consume(lab, consumer, these, events)
    figures["events → SYNCED, objects/s"] = len(these) / small.seconds
    return Turn(figures, statements.costs(lab, site.database))


def _operations(found: dict[int, list[Turn]], small: int, big: int) -> Table:
    columns = ["", f"{small:,} records", f"{big:,} records", "cost"]
    table = Table("Operations with authentication required, 32 connections", columns)
    for name in found[small][0].figures:
        few, many = (median(turn.figures[name] for turn in found[rows]) for rows in (small, big))
        ratio = few / many if "/s" in name else many / few
        table.rows.append([name, number(few), number(many), f"{ratio:.2f}×"])
    return table


def _statements(found: dict[int, list[Turn]], small: int, big: int) -> tuple[Table, dict[str, float]]:
    columns = ["", *(f"{what}, {rows:,}" for what in ("µs a row", "blocks a row") for rows in (small, big)), "cost"]
    table = Table("Statements inside Postgres (pg_stat_statements)", columns)
    ratios = {}
    for name in statements.STATEMENTS:
        both = [[turn.costs[name] for turn in found[rows] if name in turn.costs] for rows in (small, big)]
        if not all(both):
            continue
        times = [median(cost.ms_per_row for cost in of) * 1000 for of in both]
        blocks = [median(cost.blocks_per_row for cost in of) for of in both]
        ratios[name] = times[1] / times[0]
        table.rows.append([name, *(number(value) for value in [*times, *blocks]), f"{ratios[name]:.2f}×"])
    return table, ratios


def _targets(operations: Table, ratios: dict[str, float], rate: float, rows: int) -> Targets:
    targets = Targets()
    targets.at_least(f"presign with auth and {rows:,} records, requests/s", rate, 16_000)
    wanted = ("presign, requests/s", "status, requests/s")
    for row in operations.rows:
        if row[0] in wanted:
            targets.at_most(f"{row[0].split(',')[0]}, cost of growth", float(row[-1].rstrip("×")), LIMIT, "×")
    if "claim" in ratios:
        targets.at_most("claim, cost of growth", ratios["claim"], LIMIT, "×")
    return targets


def run(lab: Lab) -> list[Table]:
    """Both databases live on the same server and are measured in turn."""
    statements.switch_on(lab)
    small, big = SMALL_ROWS, lab.options.rows
    sites = [_make_site(lab, "sluice_small", small), _make_site(lab, "sluice_big", big)]
    try:
        these, events = _objects(lab, sites)
        found: dict[int, list[Turn]] = {site.rows: [] for site in sites}
        for round_number, site in turns(sites, lab.options.rounds):
            turn = _turn(lab, site, these, events)
            found[site.rows].append(turn)
            rate = turn.figures["presign, requests/s"]
            print(f"round {round_number}: {site.rows:,} records: presign {rate:,.0f}/s", flush=True)
    finally:
        for service in (lab.stack.api, lab.stack.processor):
            for name in ("SLUICE_DATABASE_URL", "SLUICE_AUTH"):
                service.extra_environment.pop(name, None)
    statements.switch_off(lab)
    operations = _operations(found, small, big)
    inside, ratios = _statements(found, small, big)
    rate = median(turn.figures["presign, requests/s"] for turn in found[big])
    return [operations, inside, _targets(operations, ratios, rate, big)]
