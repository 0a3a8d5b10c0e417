"""`sluice upload`, `get` and `stats`: the CLI as a user runs it."""

import hashlib
import os
import uuid
from pathlib import Path

import pytest
from media_client import make_album
from picture_files import jpeg
from sluice_client import ODD_NAME, Sluice

from devstack.stack import Stack


def test_upload_of_several_files(stack: Stack, api: Sluice, tmp_path: Path) -> None:
    group = [tmp_path / f"{uuid.uuid4()} {name}" for name in (ODD_NAME, "second.bin")]
    for path in group:
        path.write_bytes(os.urandom(100_000))
    done = stack.cli.run("upload", *[str(path) for path in group], check=False)
    assert done.returncode == 0, done
    files = {record["filename"]: record for record in api.get("/files?limit=10").json()["files"]}
    for path in group:
        record = files[path.name]
        assert api.synced(record["file_id"])["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert record["file_id"] in done.stdout


def test_upload_of_a_large_file(stack: Stack, api: Sluice, tmp_path: Path) -> None:
    path = tmp_path / f"{uuid.uuid4()}.bin"
    path.write_bytes(os.urandom(1024 * 1024) * 40)
    done = stack.cli.run("upload", str(path), check=False)
    assert done.returncode == 0, done
    record = next(r for r in api.get("/files?limit=5").json()["files"] if r["filename"] == path.name)
    assert api.synced(record["file_id"])["size"] == path.stat().st_size


def test_get_prints_the_record(stack: Stack, api: Sluice) -> None:
    record = api.upload(b"by the command line", ODD_NAME)
    done = stack.cli.run("get", record["file_id"], check=False)
    assert done.returncode == 0, done
    assert "SYNCED" in done.stdout
    assert record["sha256"] in done.stdout


def test_stats_tells_how_many_there_are(stack: Stack, api: Sluice) -> None:
    api.upload(b"one for the statistics")
    done = stack.cli.run("stats", check=False)
    assert done.returncode == 0, done
    assert "SYNCED" in done.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["upload"], ["get"], ["get", "no-uuid"], []])
def test_wrong_usage_is_exit_2(stack: Stack, arguments: list[str]) -> None:
    done = stack.cli.run(*arguments, check=False)
    assert done.returncode == 2, done
    assert done.stderr.strip()


def test_failures_are_exit_1(stack: Stack) -> None:
    for arguments in (["get", str(uuid.uuid4())], ["upload", "/nonexistent/file"]):
        done = stack.cli.run(*arguments, check=False)
        assert done.returncode == 1, done
        assert done.stderr.strip()


def test_upload_into_an_album(stack: Stack, api: Sluice, tmp_path: Path) -> None:
    album = make_album(api)
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(300, 200))
    done = stack.cli.run("upload", "--album", album, str(path), check=False)
    assert done.returncode == 0, done
    media = api.get(f"/albums/{album}/media").json()["media"]
    assert [medium["status"] for medium in media] == ["uploaded"]
    shown = stack.cli.run("get", media[0]["media_id"], check=False).stdout
    assert "variant         small" in shown
    assert "image/webp" in shown
    path.rename(tmp_path / "photo.txt")
    refused = stack.cli.run("upload", "--album", album, str(tmp_path / "photo.txt"), check=False)
    assert refused.returncode == 1
    assert "UNSUPPORTED_TYPE" in refused.stderr + refused.stdout


def test_upload_of_assets(stack: Stack, api: Sluice, tmp_path: Path) -> None:
    """Through the server, a small one and one that goes to the store in parts, with the hash declared."""
    group = [tmp_path / f"{uuid.uuid4()} {ODD_NAME}" for _ in range(2)]
    for path, size in zip(group, (1000, 6 * 1024 * 1024), strict=True):
        path.write_bytes(os.urandom(size))
    arguments = ["--asset", "--sha256", "--no-wait", "--external-id", "order 7"]
    done = stack.cli.run("upload", *arguments, *[str(path) for path in group], check=False)
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    assert len(lines) == len(group)
    for path, line in zip(group, lines, strict=True):
        status, task_id, name = line.split("  ", 2)
        assert (status, name) == ("processing", str(path))
        record = api.synced(task_id)
        assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (record["filename"], record["external_id"]) == (path.name, "order 7")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--album", "x"],
        ["--album", str(uuid.uuid4()), "--method", "post"],
        ["--asset", "--method", "put"],
        ["--asset", "--album", str(uuid.uuid4())],
    ],
)
def test_upload_into_no_album(stack: Stack, arguments: list[str]) -> None:
    assert stack.cli.run("upload", *arguments, "a.jpg", check=False).returncode == 2
