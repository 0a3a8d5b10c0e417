"""docs/backup.md on a real stack: dump and copy, loss of everything, restore; then nothing is missing."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asset_client import settled as task_settled
from doc_examples import run_examples
from ledgers import Ledgers
from media_client import make_album, upload
from picture_files import jpeg
from sluice_client import Sluice, eventually, send, sha256

from devstack.paths import ROOT
from devstack.postgres import DATABASE
from devstack.stack import Stack
from devstack.testing import run_stack

DOCUMENT = ROOT / "docs" / "backup.md"
PART = 5 << 20


@pytest.fixture(scope="module")
def backed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    yield from run_stack("backup", SLUICE_SWEEP_AGE_S="1")


def _environment(stack: Stack) -> dict[str, str]:
    """A shell with Postgres's own tools, `sluice`, and rclone's two remotes, both in the stack's store."""
    settings = stack.program_settings()
    remote = {
        "TYPE": "s3",
        "PROVIDER": "Minio",
        "ENDPOINT": settings["SLUICE_S3_ENDPOINT"],
        "ACCESS_KEY_ID": settings["SLUICE_S3_ACCESS_KEY"],
        "SECRET_ACCESS_KEY": settings["SLUICE_S3_SECRET_KEY"],
    }
    rclone = {f"RCLONE_CONFIG_{name}_{key}": value for name in ("STORE", "BACKUP") for key, value in remote.items()}
    path = f"{stack.api.program.parent}:{stack.postgres.bin_dir}:{os.environ['PATH']}"
    tools = {"PATH": path, "SLUICE_API_URL": stack.api.url, "HOME": str(stack.folder)}
    return {"LANG": "C.UTF-8", "NO_PROXY": "*"} | settings | rclone | tools


def _in_parts(api: Sluice, data: bytes) -> str:
    """As `sluice upload` does with large files; its ETag is that of parts."""
    start = api.post(
        "/s3/multipart", {"filename": "parts.bin", "type": "application/octet-stream", "size": len(data)}
    ).json()
    query = {"key": start["key"]}
    parts = []
    for number, at in enumerate(range(0, len(data), PART), 1):
        url = api.get(f"/s3/multipart/{start['uploadId']}/{number}", params=query).json()["url"]
        etag = send({"method": "PUT", "upload_url": url, "headers": {}}, data[at : at + PART]).headers["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    done = api.post(f"/s3/multipart/{start['uploadId']}/complete", {"parts": parts}, params=query)
    assert done.ok, done.text
    return str(api.synced(start["file_id"])["file_id"])


def _asset(api: Sluice, data: bytes) -> str:
    task_id = api.request("POST", "/api/v1/assets", files={"file": ("asset.bin", data)}).json()["task_id"]
    return str(task_settled(api, task_id)["asset_id"])


def _lose_everything(stack: Stack, ledgers: Ledgers) -> None:
    ledgers.database.close()
    with psycopg.connect(stack.postgres.database_url.rpartition("/")[0] + "/postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)".encode())
        server.execute(f"CREATE DATABASE {DATABASE}".encode())
    for key in ledgers.keys(""):
        ledgers.s3.delete_object(Bucket=ledgers.bucket, Key=key)
    ledgers.queue.flushall()
    ledgers.cache.flushall()


def _contents(stack: Stack, made: dict[str, bytes]) -> None:
    api = Sluice(stack.api.url)
    for file_id, data in made.items():
        reply = api.get(f"/files/{file_id}/content")
        assert reply.status_code == 200, (file_id, reply.text)
        assert sha256(reply.content) == sha256(data)


@pytest.mark.timeout(300)
def test_backup_and_restore(backed: Stack, tmp_path: Path) -> None:
    api, ledgers = Sluice(backed.api.url), Ledgers(backed)
    photo = jpeg(900, 600) + os.urandom(16)
    medium = upload(api, make_album(api), photo)
    plain, parts, asset = os.urandom(50_000), os.urandom(PART + 1000), os.urandom(PART + 2000)
    made: dict[str, bytes] = {
        api.upload(plain, "plain.bin")["file_id"]: plain,
        _in_parts(api, parts): parts,
        _asset(api, asset): asset,
        medium["file_id"]: photo,
    }
    waiting = api.presign("waiting.bin")
    lost_event = api.presign("lost event.bin")
    ledgers.leave_to_events(lost_event["file_id"])
    ledgers.put_unreported(lost_event["object_key"], b"nobody told")
    ledgers.s3.create_bucket(Bucket="sluice-backup")
    _contents(backed, made)

    environment = _environment(backed)
    run_examples(DOCUMENT, tmp_path, environment, "backup")
    late = api.upload(b"between the dump and the loss")
    backed.processor.stop()
    backed.api.stop()
    _lose_everything(backed, ledgers)
    run_examples(DOCUMENT, tmp_path, environment, "restore")
    backed.api.start()
    backed.processor.start()

    eventually(lambda: backed.cli.run("doctor", check=False).returncode == 0, "doctor is content")
    run_examples(DOCUMENT, tmp_path, environment, "check")
    api, ledgers = Sluice(backed.api.url), Ledgers(backed)
    _contents(backed, made)
    assert len(api.record(medium["file_id"])["variants"]) == len(medium["variants"])
    for variant in medium["variants"]:
        assert api.get(f"/files/{medium['file_id']}/variants/{variant['name']}?proxy=1").status_code == 200
    _nothing_is_lost(backed, ledgers, lost_event["file_id"])
    assert api.record(waiting["file_id"])["status"] == "PENDING"
    assert api.get(f"/files/{late['file_id']}").status_code == 404
    assert send(waiting, b"late, and good all the same").ok
    api.synced(waiting["file_id"])


def _nothing_is_lost(stack: Stack, ledgers: Any, lost_event: str) -> None:
    """A whole sweep finds the one that nobody told of, no orphan, and marks nothing as replaced."""
    ledgers.database.execute("UPDATE files SET sweep_at = now() - interval '1 hour' WHERE status = 'PENDING'")
    done = stack.cli.run("sweep", "--orphan-age", "0")
    assert " 0 changed;" in done.stdout, done.stdout
    assert " 0 orphans removed" in done.stdout, done.stdout
    Sluice(stack.api.url).synced(lost_event)
    assert ledgers.value("SELECT count(*) FROM files WHERE error_code IS NOT NULL") == 0
