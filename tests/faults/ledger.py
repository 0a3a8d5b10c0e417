"""The comparison at the end of every case: what clients were told, what the bucket holds, what the records say."""

from dataclasses import dataclass
from typing import Any

import boto3
import psycopg
import redis
from botocore.config import Config
from fault_stack import FaultStack
from sluice_client import Sluice, eventually
from uploads import Clients, Upload

from devstack.build import sanitizer_reports

EVENTS = "sluice:events"
OWN_LISTS = f"{EVENTS}:worker:*"
EFFECTS = {"SYNCED": ["file.uploaded", "file.synced"], "FAILED": ["file.uploaded", "file.failed"]}


@dataclass
class Row:
    """What the database says of one file."""

    status: str
    key: str
    size: int | None
    sha256: str | None
    code: str | None
    attempts: int
    topics: list[str]
    queue: list[str]


class Ledger:
    """The three ledgers of one case. `problems` says what is wrong with them, in words; nothing is the only pass."""

    def __init__(self, stack: FaultStack, clients: Clients) -> None:
        settings = stack.program_settings()
        self.stack = stack
        self.clients = clients
        self.database_url = settings["SLUICE_DATABASE_URL"]
        self.bucket = settings["SLUICE_S3_BUCKET"]
        self.events_key = settings["SLUICE_EVENTS_KEY"]
        self.s3: Any = boto3.client(
            "s3",
            endpoint_url=settings["SLUICE_S3_ENDPOINT"],
            region_name=settings["SLUICE_S3_REGION"],
            aws_access_key_id=settings["SLUICE_S3_ACCESS_KEY"],
            aws_secret_access_key=settings["SLUICE_S3_SECRET_KEY"],
            config=Config(proxies={}, s3={"addressing_style": "path"}),
        )
        self.queue: Any = redis.Redis.from_url(settings["SLUICE_REDIS_URL"])
        self.cache: Any = redis.Redis.from_url(settings["SLUICE_CACHE_REDIS_URL"])
        self.removed: set[str] = set()  # files whose record has to be gone
        self.dead_events = 0  # how many of them the case makes
        self._dead_before = self.value("SELECT coalesce(max(id), 0) FROM dead_events")

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """A connection for each query, so that a restarted database or a test's setting of it is no trouble."""
        isolation = "-c default_transaction_isolation=read\\ committed"
        with psycopg.connect(self.database_url, autocommit=True, options=isolation) as database:
            cursor = database.execute(sql.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def value(self, sql: str, *values: object) -> Any:
        return self.rows(sql, *values)[0][0]

    def job(self, upload: Upload, columns: str = "status") -> tuple[Any, ...]:
        """Columns of the upload's newest queue row; none when there is no row."""
        sql = f"SELECT {columns} FROM processing_queue WHERE file_id = %s ORDER BY id DESC LIMIT 1"
        return (self.rows(sql, upload.file_id) or [()])[0]

    def worker_of(self, upload: Upload, seconds: float = 20) -> str:
        """The worker that has claimed the upload, once one has."""
        found = eventually(lambda: (self.job(upload, "worker") or (None,))[0], "a worker has the job", seconds)
        return str(found)

    def status(self, upload: Upload) -> str | None:
        found = self.rows("SELECT status FROM files WHERE id = %s", upload.file_id)
        return found[0][0] if found else None

    def records(self) -> dict[str, Row]:
        found = self.rows(
            "SELECT f.id::text, f.status, f.object_key, f.size, encode(f.sha256, 'hex'), f.error_code, f.attempts,"
            " ARRAY(SELECT o.topic FROM outbox o WHERE o.file_id = f.id ORDER BY o.id),"
            " ARRAY(SELECT q.status FROM processing_queue q WHERE q.file_id = f.id ORDER BY q.id)"
            " FROM files f WHERE f.external_id = %s",
            self.clients.label,
        )
        return {row[0]: Row(*row[1:]) for row in found}

    def objects(self) -> dict[str, tuple[int, str]]:
        """Key → size and ETag, which is the MD5 of what was sent in one piece."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {item["Key"]: (item["Size"], item["ETag"]) for page in pages for item in page.get("Contents", [])}

    def settle(self, seconds: float = 60) -> None:
        """Waits until everything that is in the bucket is final, and no event is left anywhere."""
        stored = [upload.file_id for upload in self.clients.uploads if upload.is_stored]
        sql = "SELECT count(*) FROM files WHERE id = ANY (%s::uuid[]) AND status NOT IN ('SYNCED', 'FAILED', 'EXPIRED')"
        eventually(lambda: self.value(sql, stored) == 0, f"every one of {len(stored)} uploads final", seconds)
        # The second report of each object may still wait by the thousand when the last record is final.
        eventually(lambda: self.events_left() == 0, "every event taken and dropped", max(20, seconds / 3))

    def events_left(self) -> int:
        """Counted in the order in which events move, so that none is passed over."""
        common = int(self.queue.llen(EVENTS))
        return common + sum(int(self.queue.llen(name)) for name in self.queue.scan_iter(OWN_LISTS, count=1000))

    def problems(self) -> list[str]:
        records, objects = self.records(), self.objects()
        found = [text for upload in self.clients.uploads for text in self._of_upload(upload, records, objects)]
        found += self._strays(records, objects)
        found += [f"the API says {told}" for told in self._api_differs(records)]
        found += [f"{path.name} is left in the spool" for path in self.stack.spool.iterdir()]
        found += [f"sanitizer: {path.read_text(errors='replace')[:3000]}" for path in self._reports()]
        return found + self._dead()

    def _of_upload(self, upload: Upload, records: dict[str, Row], objects: dict[str, tuple[int, str]]) -> list[str]:
        """What is wrong with one file."""
        row = records.get(upload.file_id)
        name = f"{upload.file_id} ({upload.told}, stored {upload.is_stored})"
        if upload.file_id in self.removed:
            return [f"{name}: still has a record {row}"] if row else []
        if row is None:
            return [f"{name}: no record"]
        wanted = ("FAILED" if upload.code else "SYNCED") if upload.is_stored else "PENDING"
        if (row.status, row.code or "") != (wanted, upload.code or upload.flaw):
            return [f"{name}: expected {wanted} {upload.code or upload.flaw}, record {row}"]
        if not upload.is_stored:
            return []
        wrong = []
        expired_before = row.topics[:1] == ["file.expired"]  # and arrived after all
        if row.topics[expired_before:] != EFFECTS[wanted]:
            wrong.append(f"announced {row.topics}")
        if row.queue != (["failed"] if upload.code else ["completed"]):
            wrong.append(f"queue rows {row.queue}")
        if not upload.code and (row.size, row.sha256) != (len(upload.data), upload.sha256):
            wrong.append(f"size or hash is not that of what was sent: {row}")
        if not upload.code and objects.get(upload.key) != (len(upload.data), upload.etag):
            wrong.append(f"the bucket holds {objects.get(upload.key)}")
        if not upload.code and self.cache.get(f"file_content:{upload.file_id}") not in (None, upload.data):
            wrong.append("the cache holds other bytes")
        return [f"{name}: {text}" for text in wrong + self._variants(upload, objects)]

    def _variants(self, upload: Upload, objects: dict[str, tuple[int, str]]) -> list[str]:
        """Those of the record are those that the bucket holds, and as many as there must be."""
        found = self.rows("SELECT object_key, size FROM variants WHERE file_id = %s", upload.file_id)
        kept = {key: objects[key][0] for key in objects if key.startswith(f"thumbnails/{upload.file_id}/")}
        wrong = [] if dict(found) == kept else [f"variants {found}, the bucket holds {kept}"]
        return wrong + ([] if len(found) == upload.variants else [f"{len(found)} variants, not {upload.variants}"])

    def _strays(self, records: dict[str, Row], objects: dict[str, tuple[int, str]]) -> list[str]:
        """Objects without a record, records that nobody asked for, effects of files that are gone."""
        known = {row[0] for row in self.rows("SELECT object_key FROM files UNION SELECT object_key FROM variants")}
        found = [f"object {key} has no record" for key in sorted(objects.keys() - known)]
        asked = {upload.file_id for upload in self.clients.uploads}
        for file_id, row in records.items():
            if file_id not in asked and row.status != "PENDING":  # of a presign whose answer was lost
                found.append(f"{file_id}: nobody knows this file, and it is {row}")
        for file_id in self.removed:
            sql = "SELECT topic FROM outbox WHERE file_id = %s AND topic = 'file.deleted'"
            if len(self.rows(sql, file_id)) != 1:
                found.append(f"{file_id}: its removal was not announced once")
            if self.cache.get(f"file_content:{file_id}") is not None:
                found.append(f"{file_id}: removed, and its content is still in the cache")
        return found

    def _api_differs(self, records: dict[str, Row]) -> list[str]:
        """The list as its owner gets it, page by page, against the database."""
        api = Sluice(self.stack.api.url)
        told: dict[str, str] = {}
        query: dict[str, Any] = {"external_id": self.clients.label, "limit": 100}
        while query:
            reply = api.get("/files", params=query)
            assert reply.status_code == 200, reply.text
            page = reply.json()
            told |= {record["file_id"]: record["status"] for record in page["files"]}
            query = query | {"cursor": page["next_cursor"]} if page.get("next_cursor") else {}
        return [
            f"{told.get(file_id)} of {file_id}, which is {row.status}"
            for file_id, row in records.items()
            if told.get(file_id) != row.status
        ]

    def _dead(self) -> list[str]:
        """Dead events of this case. A second report of an object whose record was deleted meanwhile is none of them."""
        reasons = self.rows(
            "SELECT d.reason FROM dead_events d WHERE d.id > %s AND NOT EXISTS (SELECT FROM outbox o"
            "  WHERE o.topic = 'file.deleted' AND position(o.file_id::text IN encode(d.raw, 'escape')) > 0)",
            self._dead_before,
        )
        if len(reasons) == self.dead_events:
            return []
        return [f"{len(reasons)} dead events, {self.dead_events} expected: {reasons[:3]}"]

    def _reports(self) -> list[Any]:
        return sanitizer_reports(self.stack.log_dir)

    def check(self, seconds: float = 60) -> None:
        """The end of a case: everything settles by itself, and the three ledgers agree."""
        self.settle(seconds)
        problems = self.problems()
        shown = "\n".join(problems[:20])
        assert not problems, f"{len(problems)} problems among {len(self.clients.uploads)} uploads:\n{shown}"
