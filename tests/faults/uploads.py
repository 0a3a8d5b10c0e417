"""Real clients: they presign through the API, send the bytes to the store, confirm or do not, and try again as a
browser's uploader does when something is down."""

import hashlib
import itertools
import os
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests
from sluice_client import FINAL, Sluice, Ticket, send

PATIENCE_S = 60.0
GOOD = (200, 201, 204)


@dataclass
class Upload:
    """One file as its client knows it: what was sent, and what was answered."""

    data: bytes
    file_id: str = ""
    key: str = ""
    is_stored: bool = False  # the store said so
    told: str = "PENDING"  # the latest status that the API answered
    code: str = ""  # the error that this file must end with; "" for SYNCED
    flaw: str = ""  # the error that it is SYNCED with; "" for none
    variants: int = 0  # how many it must have

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.data, usedforsecurity=False).hexdigest()}"'


def patiently(attempt: Callable[[], requests.Response], good: tuple[int, ...] = GOOD) -> requests.Response:
    """Tries again while nobody answers or the answer is 5xx, as every uploader does; any other refusal is a failure."""
    deadline = time.monotonic() + PATIENCE_S
    for pause in itertools.chain((0.05, 0.1, 0.2), itertools.repeat(0.4)):
        problem: object = None
        try:
            reply = attempt()
            if reply.status_code in good:
                return reply
            # 499: MinIO says of a request that its own end broke off
            assert reply.status_code >= 500 or reply.status_code == 499, (reply.status_code, reply.text)
            problem = f"{reply.status_code} {reply.text}"
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as broken:
            problem = broken
        assert time.monotonic() < deadline, f"the client gave up after {PATIENCE_S} s: {problem}"
        time.sleep(pause)
    raise AssertionError("unreachable")


@dataclass
class Clients:
    """Several clients of one test; `label` is the external_id of all their files."""

    api_url: str
    label: str
    uploads: list[Upload] = field(default_factory=list)
    album: str = ""  # of all pictures of this test, once there is one

    def presign(self, data: bytes, method: str = "post", **fields: Any) -> tuple[Upload, Ticket]:
        api = Sluice(self.api_url)
        body = {"filename": "a.bin", "external_id": self.label, "method": method, "size": len(data)} | fields
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        reply = patiently(lambda: api.post("/files/presigned-upload", body, headers=headers, timeout=30))
        assert reply.status_code == 201, reply.text
        ticket: Ticket = reply.json()
        upload = Upload(data, ticket["file_id"], ticket["object_key"])
        self.uploads.append(upload)
        return upload, ticket

    def send(self, upload: Upload, ticket: Ticket) -> None:
        """A PUT whose answer was lost finds its own object the second time: 412, by If-None-Match."""
        good = (*GOOD, 412) if ticket["method"] == "PUT" else GOOD
        patiently(lambda: send(ticket, upload.data), good)
        upload.is_stored = True

    def confirm(self, upload: Upload) -> None:
        api = Sluice(self.api_url)
        body = {"file_id": upload.file_id, "file_size": len(upload.data)}
        reply = patiently(lambda: api.post("/files/confirm-uploads", body, timeout=30))
        upload.told = reply.json()["results"][0]["status"]
        assert upload.told != "PENDING", (upload.file_id, reply.text)

    def upload(self, size: int = 2000, confirm: bool = True, method: str = "post", **fields: Any) -> Upload:
        """One whole upload of fresh bytes."""
        upload, ticket = self.presign(os.urandom(size), method, **fields)
        self.send(upload, ticket)
        if confirm:
            self.confirm(upload)
        return upload

    def picture(self, data: bytes, code: str = "", filename: str = "a.jpg") -> Upload:
        """A picture into an album, known by the store's event only; `code` is how it must fail."""
        api = Sluice(self.api_url)
        if not self.album:
            self.album = patiently(lambda: api.post("/albums", {"title": self.label}, timeout=30)).json()["album_id"]
        body = {"filename": filename, "external_id": self.label, "size": len(data)}
        reply = patiently(lambda: api.post(f"/albums/{self.album}/media/upload", body, timeout=30))
        ticket: Ticket = reply.json()
        upload = Upload(data, ticket["file_id"], ticket["object_key"], code=code, variants=0 if code else 4)
        self.uploads.append(upload)
        self.send(upload, ticket)
        return upload

    def upload_many(self, count: int, size: int = 2000, threads: int = 4) -> list[Upload]:
        """POST and PUT in turn; every other pair confirmed, the rest known by the store's event only."""
        with ThreadPoolExecutor(threads) as pool:
            return [future.result() for future in self.start_many(pool, count, size)]

    def start_many(self, pool: ThreadPoolExecutor, count: int, size: int = 2000) -> list[Future[Upload]]:
        kinds = [(method, confirm) for confirm in (True, False) for method in ("post", "put")]
        return [
            pool.submit(self.upload, size, confirm, method)
            for method, confirm in itertools.islice(itertools.cycle(kinds), count)
        ]

    def finished(self, upload: Upload) -> Any:
        """The record as its owner sees it, which must be final by now."""
        record = Sluice(self.api_url).record(upload.file_id)
        assert record["status"] in FINAL, record
        return record
