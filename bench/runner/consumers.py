"""Programs that turn events into finished records: Sluice's processor and the peers' workers, behind one interface."""

import time
from abc import ABC, abstractmethod

import psycopg

from devstack.errors import DevError
from devstack.service import Service
from runner.lab import Lab
from runner.objects import Events, Ticket
from runner.peers import PEER_LIST, Worker

HELD_LIST = "bench:held"
POLL_S = 0.005
ASK_S = 0.25
IDLE_S = 1.0

RESET = """UPDATE files SET status = 'PENDING', size = NULL, sha256 = NULL, etag = NULL, version_id = NULL,
  sequencer = NULL, detected_type = NULL, uploaded_at = NULL, synced_at = NULL, duplicate_of = NULL, attempts = 0
  WHERE id = ANY (%s::uuid[])"""


class Consumer(ABC):
    """A program under test, the list it serves and the records it finishes."""

    label = ""
    list_name = ""
    database = ""
    table = ""

    def __init__(self, lab: Lab, service: Service) -> None:
        self.lab = lab
        self.service = service

    @abstractmethod
    def expect(self, these: list[Ticket]) -> None:
        """Makes their records PENDING, as if none had been seen."""

    @abstractmethod
    def events(self, events: Events) -> list[bytes]:
        """Those that it is given."""

    def require_untouched(self, these: list[Ticket]) -> None:
        """Just before the clock starts: DevError when a record is missing or not PENDING any more, since what was
        processed outside the clock would make the rate that comes of it a lie."""
        query = f"SELECT count(*) FROM {self.table} WHERE object_key = ANY (%s) AND status = 'PENDING'"
        with self.lab.database(self.database) as database:
            row = database.execute(query, ([ticket.key for ticket in these],)).fetchone()
        untouched = int(row[0]) if row else 0
        if untouched != len(these):
            raise DevError(f"{self.label}: only {untouched} of {len(these)} objects were left for the time that counts")

    def _all_synced(self, database: psycopg.Connection, keys: list[str]) -> bool:
        query = f"SELECT NOT EXISTS (SELECT FROM {self.table} WHERE object_key = ANY (%s) AND status <> 'SYNCED')"
        row = database.execute(query, (keys,)).fetchone()
        return bool(row and row[0])

    def wait_idle(self) -> None:
        """Until it waits at the list, and a moment longer."""
        self.lab.wait_for(f"{self.label} at the list", lambda: self.lab.blocked_clients() > 0, 30)
        time.sleep(IDLE_S)

    def hold(self, events: list[bytes]) -> None:
        """Puts them beside the list, in its order, so that one RENAME hands them over."""
        queue = self.lab.queue
        queue.delete(HELD_LIST, self.list_name)
        for start in range(0, len(events), 200):
            queue.rpush(HELD_LIST, *events[start : start + 200])

    def release(self) -> None:
        self.lab.queue.rename(HELD_LIST, self.list_name)

    def finish(self, these: list[Ticket], deadline_s: float) -> None:
        """Returns once every record is SYNCED. Asking for thousands of records is itself work for Postgres: until the
        cache, whose keys cost nothing to count, holds as many contents, they are asked for four times a second only."""
        keys, cache = [ticket.key for ticket in these], self.lab.cache
        deadline, asked = time.monotonic() + deadline_s, 0.0
        with self.lab.database(self.database) as database:
            while time.monotonic() < deadline:
                worth_asking = len(keys) == 1 or int(cache.dbsize()) >= len(keys)
                if worth_asking or time.monotonic() - asked > ASK_S:
                    asked = time.monotonic()
                    if self._all_synced(database, keys):
                        return
                time.sleep(POLL_S)
        raise DevError(f"{self.label}: {len(keys)} objects were not SYNCED within {deadline_s:.0f} s")


class SluiceConsumer(Consumer):
    """The processor, with all of its workers."""

    label = "Sluice"
    table = "files"

    def __init__(self, lab: Lab, database: str = "sluice") -> None:
        super().__init__(lab, lab.stack.processor)
        self.database = database
        self.list_name = lab.events_list

    def _forget_events(self) -> None:
        """The last turn ended with the last record, while second events of some objects still waited. Left there, they
        would bring this turn's objects before its clock starts."""
        queue = self.lab.queue
        queue.delete(self.list_name, *queue.scan_iter(f"{self.list_name}:worker:*", count=1000))

    def expect(self, these: list[Ticket]) -> None:
        self._forget_events()
        with self.lab.database(self.database) as database:
            ids = [ticket.file_id for ticket in these]
            database.execute("DELETE FROM processing_queue WHERE file_id = ANY (%s::uuid[])", (ids,))
            database.execute("DELETE FROM outbox")
            database.execute(RESET, (ids,))
            database.execute("VACUUM processing_queue, outbox")

    def events(self, events: Events) -> list[bytes]:
        return events.every


class PeerConsumer(Consumer):
    """A peer's worker."""

    list_name = PEER_LIST
    database = "peers"

    def __init__(self, lab: Lab, worker: Worker, label: str) -> None:
        super().__init__(lab, worker)
        self.label = label
        self.table = worker.name

    def expect(self, these: list[Ticket]) -> None:
        insert = f"INSERT INTO {self.table} (id, filename, object_key, status)"
        with self.lab.database(self.database) as database:
            database.execute(f"TRUNCATE {self.table}")
            database.execute(
                f"{insert} SELECT gen_random_uuid(), 'object.bin', key, 'PENDING' FROM unnest(%s::text[]) AS k(key)",
                ([ticket.key for ticket in these],),
            )
            database.execute(f"VACUUM {self.table}")

    def events(self, events: Events) -> list[bytes]:
        return events.first


def consumers(lab: Lab) -> list[Consumer]:
    """All that take part."""
    labels = ["Python worker (boto3, redis, psycopg), 2 processes", "Go worker (minio-go, go-redis, pgx), 8 goroutines"]
    found: list[Consumer] = [
        PeerConsumer(lab, worker, label) for worker, label in zip(lab.worker_peers, labels, strict=False)
    ]
    return [*found, SluiceConsumer(lab)] if lab.with_sluice else found
