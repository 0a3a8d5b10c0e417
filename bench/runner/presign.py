"""presign: a record and a signed POST for each request, 32 connections; then one connection alone."""

from dataclasses import dataclass
from statistics import median

from devstack.errors import DevError
from devstack.service import Service
from runner.lab import Lab
from runner.load import Load, presign_requests, send
from runner.report import Table, Targets, number
from runner.rounds import turns
from runner.usage import CpuMeter, rss_mib

CONNECTIONS = 32
WARM_SECONDS = 1
LONE_SECONDS = 3


@dataclass(frozen=True)
class Server:
    """A program that presigns, and the table that its records go to."""

    label: str
    service: Service
    database: str
    table: str


@dataclass(frozen=True)
class Turn:
    """One server's figures in one round."""

    load: Load
    lone: Load
    server_cpu: float
    postgres_cpu: float
    rss_mib: float


def _servers(lab: Lab) -> list[Server]:
    labels = ["FastAPI + boto3 + asyncpg, 2 workers", "Gin + minio-go + pgx"]
    servers = [Server(label, peer, "peers", peer.name) for label, peer in zip(labels, lab.presign_peers, strict=False)]
    if lab.with_sluice:
        servers.append(Server("Sluice", lab.stack.api, "sluice", "files"))
    return servers


def _rows(lab: Lab, server: Server) -> int:
    with lab.database(server.database) as database:
        row = database.execute(f"SELECT count(*) FROM {server.table}").fetchone()
    return int(row[0]) if row else 0


def _turn(lab: Lab, server: Server) -> Turn:
    requests = presign_requests()
    url = server.service.url
    send(url, requests, CONNECTIONS, WARM_SECONDS)
    before = _rows(lab, server)
    meter = CpuMeter({"server": server.service, "postgres": lab.stack.postgres})
    load = send(url, requests, CONNECTIONS, lab.options.seconds)
    spent = meter.spent()
    if _rows(lab, server) - before < load.requests:
        raise DevError(f"{server.label} answered {load.requests} requests without a record for each")
    resident = rss_mib(server.service)
    lone = send(url, requests, 1, LONE_SECONDS)
    per_thousand = 1000 / load.requests
    return Turn(load, lone, spent["server"] * per_thousand, spent["postgres"] * per_thousand, resident)


def _middle(turns: list[Turn]) -> list[float]:
    """Medians, in the order of the columns."""
    return [
        median(values)
        for values in zip(
            *(
                (
                    turn.load.per_second,
                    turn.load.p50_ms,
                    turn.load.p99_ms,
                    turn.server_cpu,
                    turn.postgres_cpu,
                    turn.rss_mib,
                    turn.lone.p50_ms,
                    turn.lone.p99_ms,
                )
                for turn in turns
            ),
            strict=True,
        )
    ]


def _table(servers: list[Server], found: dict[str, list[Turn]]) -> Table:
    columns = "requests/s|p50 ms|p99 ms|server CPU s per 1,000|Postgres CPU s per 1,000|RSS MiB|lone p50 ms|lone p99 ms"
    table = Table(
        "POST of a name and an external id → record, PENDING → signed form; 32 connections",
        ["", *columns.split("|"), "Sluice is"],
    )
    sluice = median(turn.load.per_second for turn in found["Sluice"]) if "Sluice" in found else None
    for server in servers:
        middle = _middle(found[server.label])
        ratio = f"{sluice / middle[0]:.1f}×" if sluice and server.label != "Sluice" else ""
        table.rows.append([server.label, *(number(value) for value in middle), ratio])
    spread = ", ".join(
        f"{label}: {min(t.load.per_second for t in of):,.0f}–{max(t.load.per_second for t in of):,.0f}"
        for label, of in found.items()
    )
    table.notes.append(f"Medians of the rounds; slowest and fastest, requests/s: {spread}.")
    return table


def _targets(found: dict[str, list[Turn]]) -> Targets:
    targets = Targets()
    if "Sluice" not in found:
        return targets
    rate, _, p99, _, _, resident, lone, _ = _middle(found["Sluice"])
    targets.at_least("requests/s", rate, 20_000)
    for label, wanted in (("FastAPI", 10), ("Gin", 2.5)):
        for name in found:
            if name.startswith(label):
                targets.at_least(f"of {label}'s rate", rate / _middle(found[name])[0], wanted, "×")
    targets.at_most("p99", p99, 8, " ms")
    targets.at_most("a lone request, p50", lone, 1, " ms")
    targets.at_most("RSS of the api under load", resident, 24, " MiB")
    return targets


def run(lab: Lab) -> list[Table]:
    """Peers and Sluice in turn, in another order each round."""
    servers = _servers(lab)
    found: dict[str, list[Turn]] = {server.label: [] for server in servers}
    for round_number, server in turns(servers, lab.options.rounds):
        with lab.running(server.service):
            turn = _turn(lab, server)
        found[server.label].append(turn)
        print(f"round {round_number}: {server.label}: {turn.load.per_second:,.0f}/s", flush=True)
    return [_table(servers, found), _targets(found)]
