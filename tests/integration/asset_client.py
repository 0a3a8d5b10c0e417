"""Assets as they are once their upload has ended: a staged object, its record, and a place in the queue."""

import hashlib
import os
import time
import uuid
from typing import Any

from picture_files import jpeg
from sluice_client import Record, Sluice, eventually

OWNER = "dev"

INSERT = """
WITH made AS (
    INSERT INTO files (id, owner_id, filename, content_type, expected_size, expected_sha256, bucket, object_key,
        external_id, kind, status, size, upload_method, sweep_at, uploaded_at, expires_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'asset', 'UPLOADED', NULL, 'SERVER', now(), now(), now())
    RETURNING id, filename)
INSERT INTO processing_queue (file_id, original_filename, task) SELECT id, filename, 'process' FROM made RETURNING id
"""


def new_id() -> str:
    """A UUIDv7, so that lists are in the order of the uploads."""
    bits = time.time_ns() // 1_000_000 << 80 | 7 << 76 | 2 << 62
    return str(uuid.UUID(int=bits | int.from_bytes(os.urandom(9), "big") & ~(0xF << 76 | 0x3 << 62) & ((1 << 80) - 1)))


def picture(width: int, height: int) -> bytes:
    """A JPEG that no other test has."""
    return jpeg(width, height) + os.urandom(16)


def staging_key(file_id: str, filename: str = "a.bin") -> str:
    return f"staging/{file_id}/{filename}"


def stage(ledgers: Any, data: bytes, filename: str = "a.bin", owner: str = OWNER, **fields: Any) -> str:
    """The state that the API leaves: object first, then record. Returns the task's id. `stored` is what the store holds
    instead of the data; None for nothing."""
    file_id = new_id()
    stored = fields.get("stored", data)
    if stored is not None:
        ledgers.s3.put_object(Bucket=ledgers.bucket, Key=staging_key(file_id, filename), Body=stored)
    insert(ledgers, file_id, data, filename, owner=owner, **fields)
    return file_id


def insert(ledgers: Any, file_id: str, data: bytes, filename: str, **fields: Any) -> None:
    values = (
        file_id, fields.get("owner", OWNER), filename, fields.get("content_type"), len(data),
        hashlib.sha256(data).digest(), ledgers.bucket, fields.get("key", staging_key(file_id, filename)),
        fields.get("external_id"),
    )  # fmt: skip
    assert ledgers.rows(INSERT, *values)


def task(api: Sluice, task_id: str) -> Record:
    reply = api.get(f"/api/v1/tasks/{task_id}")
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def settled(api: Sluice, task_id: str, status: str = "complete") -> Record:
    """The task once it is no longer processing, by the API's own waiting."""

    def final() -> Record | None:
        reply = api.get(f"/api/v1/tasks/{task_id}?wait=10")
        assert reply.status_code == 200, reply.text
        return None if reply.json()["status"] == "processing" else dict(reply.json())

    found = eventually(final, f"task {task_id} settles")
    assert found["status"] == status, found
    return found


def upload(api: Sluice, ledgers: Any, data: bytes, filename: str = "a.bin", **fields: Any) -> Record:
    """The task of a whole upload, complete."""
    return settled(api, stage(ledgers, data, filename, **fields))


def asset(api: Sluice, asset_id: str) -> Record:
    reply = api.get(f"/api/v1/assets/{asset_id}")
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def drop(api: Sluice, asset_id: str, query: str = "") -> Record:
    reply = api.request("DELETE", f"/api/v1/assets/{asset_id}{query}")
    assert reply.status_code == 200, reply.text
    return dict(reply.json())
