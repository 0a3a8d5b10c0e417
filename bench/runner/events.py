"""events: announcements out of the outbox, as webhooks to one receiver; many at once, and one alone."""

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from statistics import median

from psycopg.types.json import Jsonb

from devstack.client import SluiceClient
from devstack.service import Service
from runner.lab import Lab
from runner.objects import tickets
from runner.peers import WebhookPeer
from runner.receiver import Receiver
from runner.report import Contest, Table, number
from runner.rounds import percentile, turns
from runner.usage import CpuMeter

ALONE = 30
IDLE_S = 1.5
APART_S = 0.17
WITHIN_S = 120.0
OUTBOX_CHANNEL = "sluice:outbox"
# What a peer tells of a file, about as long as what Sluice does.
RECORD = {"status": "SYNCED", "size": 65536, "content_type": "application/octet-stream", "attempts": 1} | {
    f"member_{place}": f"value {place} of a record of a file" for place in range(16)
}


class Announcer(ABC):
    """A program under test and what it takes its announcements from."""

    label = ""

    def __init__(self, lab: Lab, service: Service) -> None:
        self.lab = lab
        self.service = service

    @abstractmethod
    def expect(self, receiver: str) -> None:
        """Nothing is left to send; whatever comes goes to this URL."""

    @abstractmethod
    def announce(self, start: int, count: int) -> None:
        """Commits so many at once, of the files from this one on."""


class SluiceAnnouncer(Announcer):
    """The processor. Its files are made once; only their announcements are new each time."""

    label = "Sluice"

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, lab.stack.processor)
        with lab.running(lab.stack.api):
            made = tickets(lab, lab.options.announcements, 65536)
        self._files = [ticket.file_id for ticket in made]

    def expect(self, receiver: str) -> None:
        with self.lab.database() as database:
            database.execute("DELETE FROM webhook_endpoints")  # with all deliveries
            database.execute("DELETE FROM outbox")
            database.execute("VACUUM outbox, webhook_deliveries")
        with self.lab.running(self.lab.stack.api):
            SluiceClient(self.lab.stack.api.url).call("POST", "/webhooks/endpoints", {"url": receiver})

    def announce(self, start: int, count: int) -> None:
        insert = "INSERT INTO outbox (topic, file_id, owner_id) SELECT 'file.synced', id, owner_id"
        with self.lab.database() as database:
            database.execute(f"{insert} FROM files WHERE id = ANY (%s::uuid[])", (self._files[start : start + count],))
        self.lab.queue.publish(OUTBOX_CHANNEL, "")  # as every writer does after its commit


class PeerAnnouncer(Announcer):
    """A peer's sender."""

    def __init__(self, lab: Lab, peer: WebhookPeer, label: str) -> None:
        super().__init__(lab, peer)
        self.peer, self.label = peer, label

    def expect(self, receiver: str) -> None:
        self.peer.receiver = receiver
        with self.lab.peer_database() as database:
            database.execute(f"TRUNCATE {self.peer.name}")

    def announce(self, start: int, count: int) -> None:
        insert = f"INSERT INTO {self.peer.name} (topic, data) SELECT 'file.synced', %s FROM generate_series(1, %s)"
        with self.lab.peer_database() as database:
            database.execute(insert, (Jsonb(RECORD), count))


@dataclass(frozen=True)
class Turn:
    """One program in one round; milliseconds from the commit of a lone event to its arrival."""

    seconds: float
    cpu: dict[str, float]
    alone_ms: list[float]


def _receive(lab: Lab, receiver: Receiver, announcer: Announcer, start: int, count: int) -> float:
    """Seconds from the commit to the arrival of the last."""
    before = receiver.count
    announcer.announce(start, count)
    committed = time.monotonic()
    lab.wait_for(f"{count} events of {announcer.label}", lambda: receiver.count >= before + count, WITHIN_S)
    return receiver.last - committed


def _alone(lab: Lab, receiver: Receiver, announcer: Announcer, place: int) -> float:
    """Milliseconds."""
    time.sleep(APART_S)
    return _receive(lab, receiver, announcer, place, 1) * 1000


def _turn(lab: Lab, announcer: Announcer) -> Turn:
    with Receiver() as receiver:
        announcer.expect(receiver.url)
        with lab.running(announcer.service):
            time.sleep(IDLE_S)
            alone = [_alone(lab, receiver, announcer, place) for place in range(ALONE)]
            meter = CpuMeter({"sender": announcer.service, "Postgres": lab.stack.postgres})
            seconds = _receive(lab, receiver, announcer, 0, lab.options.announcements)
            return Turn(seconds, meter.spent(), alone)


def _announcers(lab: Lab) -> list[Announcer]:
    labels = ["Python (psycopg, requests, standardwebhooks), 2 processes", "Go (pgx, standard-webhooks), 8 goroutines"]
    found: list[Announcer] = [
        PeerAnnouncer(lab, peer, label) for peer, label in zip(lab.webhook_peers, labels, strict=False)
    ]
    return [*found, SluiceAnnouncer(lab)] if lab.with_sluice else found


def run(lab: Lab) -> list[Table]:
    """The programs in turn; a new receiver for each."""
    count = lab.options.announcements
    everybody = _announcers(lab)
    results: dict[str, list[Turn]] = {announcer.label: [] for announcer in everybody}
    for round_number, announcer in turns(everybody, lab.options.rounds):
        turn = _turn(lab, announcer)
        results[announcer.label].append(turn)
        print(f"round {round_number}: {announcer.label}: {count / turn.seconds:,.0f} webhooks/s", flush=True)
    columns = ["", "webhooks/s", "slowest–fastest", "sender CPU s per 1,000", "Postgres"]
    table = Table(
        f"{count:,} announcements at once → signed webhooks to one receiver, recorded as delivered",
        [*columns, "one alone, ms", "p95", "Sluice is"],
    )
    contest = Contest(
        count,
        {label: [turn.seconds for turn in of] for label, of in results.items()},
        {label: [turn.cpu for turn in of] for label, of in results.items()},
    )
    for label, of in results.items():
        alone = [ms for turn in of for ms in turn.alone_ms]
        delays = [number(median(alone)), number(percentile(alone, 0.95))]
        cells = contest.cells(label, ["sender", "Postgres"])
        table.rows.append([label, *cells, *delays, contest.ratio(label)])
    table.notes.append(
        "Sluice sends at most SLUICE_WEBHOOK_ENDPOINT_CONNECTIONS (8) at once to an endpoint and keeps the order of"
        " each file's events, which the peers do not. The peers look into their outbox every 50 ms."
    )
    return [table]
