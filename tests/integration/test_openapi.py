"""The OpenAPI document as it is served; schemathesis makes requests out of it and compares the answers with it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ledgers import make_key
from pictures import bytes_of, scene
from sluice_client import Sluice, eventually, send

from devstack.stack import Stack
from devstack.testing import run_stack

SEED = 20261127
HOOKS = Path(__file__).parent / "openapi_hooks.py"


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """What is made and deleted at random is none of the other tests' business. Event streams end after a second."""
    yield from run_stack("openapi", SLUICE_AUTH="required", SLUICE_SSE_AGE_S="1", SLUICE_LOG_FORMAT="json")


@pytest.fixture(scope="module")
def key(own_stack: Stack) -> str:
    return make_key(own_stack, "openapi", "upload,read,admin")


@pytest.fixture(scope="module")
def own_api(own_stack: Stack, key: str) -> Sluice:
    return Sluice(own_stack.api.url, key)


def test_the_document_is_served_with_its_tag(own_api: Sluice) -> None:
    reply = own_api.get("/openapi.json")
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json()["openapi"].startswith("3.1.")
    again = own_api.get("/openapi.json", headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pages_of_other_origins_may_read_the_document(own_api: Sluice) -> None:
    reply = own_api.get("/openapi.json", headers={"Origin": "https://elsewhere.example"})
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_the_answers_are_as_the_document_says(own_stack: Stack, own_api: Sluice, key: str, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    events_key = own_stack.program_settings()["SLUICE_EVENTS_KEY"]
    config.write_text(_config(_known(own_api), key, events_key), encoding="utf-8")
    report = tmp_path / "report.json"
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"), "--no-color", "--config-file", str(config),
            "run", f"{own_stack.api.url}/openapi.json", "--seed", str(SEED), "--generation-deterministic",
            "--workers", "2", "--report-json-path", str(report),
        ],
        env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        | {"SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": str(HOOKS.parent)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-30000:] + done.stderr
    assert own_api.get("/readyz").status_code == 200


def _known(api: Sluice) -> dict[str, list[str]]:
    """Ids of things that are there, so that more than 404 is seen; `spare` ones are there to be deleted."""
    text = api.upload(b"some text\n", "text.txt")["file_id"]
    pending = api.presign("pending.txt")["file_id"]
    album = api.post("/albums", {"title": "Known"}).json()["album_id"]
    media = [_medium(api, f"/albums/{album}/media/upload", number) for number in range(3)]
    _medium(api, "/users/known-user/avatar/upload", 7)
    generated = api.post("/generations/known-run/media", {"count": 2}).json()["media"][0]["media_id"]
    tasks = [_asset(api, f"asset {number}".encode()) for number in range(4)]
    return {
        "files": [text, pending, media[0]],
        "albums": [album],
        "media": [*media[:2], generated],
        "users": ["known-user"],
        "assets": tasks[:2],
        "variants": ["small"],
        "spare_files": [api.upload(b"spare\n", "spare.txt")["file_id"]],
        "spare_albums": [api.post("/albums", {"title": "Spare"}).json()["album_id"]],
        "spare_media": media[2:],
        "spare_assets": tasks[2:],
    }


def _medium(api: Sluice, path: str, number: int) -> str:
    ticket = api.post(path, {"filename": f"{number}.jpg", "content_type": "image/jpeg"}).json()
    assert send(ticket, bytes_of(scene(64 + number, 48), "JPEG")).ok
    media_id = str(ticket["media_id"])
    eventually(lambda: api.get(f"/media/{media_id}?wait=10").json()["status"] == "uploaded", "medium is ready")
    return media_id


def _asset(api: Sluice, data: bytes) -> str:
    reply = api.request("POST", "/api/v1/assets", files={"file": ("a.txt", data)})
    task = str(reply.json()["task_id"])
    eventually(lambda: api.get(f"/api/v1/tasks/{task}?wait=10").json()["status"] == "complete", "asset is ready")
    return task


def _config(known: dict[str, list[str]], key: str, events_key: str) -> str:
    """In schemathesis' own words. What is left out, or loosened, says why."""
    general: dict[str, Any] = {
        "continue-on-failure": True,
        "max-stream-events": 1,
        "headers": {"Authorization": f"Bearer {key}"},
        "generation": {"max-examples": 10, "database": "none"},
        # Not TRACE: the HTTP library refuses methods that it does not know before there is a route.
        "phases": {"coverage": {"unexpected-methods": ["PUT", "PATCH", "DELETE"]}, "stateful": {"max-steps": 5}},
        "checks": {
            # 413: sizes within what the document says, and larger than a setting allows.
            "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "403", "404", "409", "413", "429"]},
            "negative_data_rejection": {"expected-statuses": ["4xx"]},
        },
    }
    lines = _toml("", general)
    for name, values in known.items():
        lines += _toml(f"dictionaries.{name}", {"values": values})
    lines += _toml("parameters", _bound({"path.album_id": "albums", "path.media_id": "media", "path.user_id": "users",
                                         "path.id": "files", "path.name": "variants"}))  # fmt: skip
    for operation, options in _operations(events_key).items():
        lines += ["", "[[operations]]", f"include-operation-id = {json.dumps(operation)}"]
        lines += [f"{name} = {_value(value)}" for name, value in options.items()]
    return "\n".join(lines) + "\n"


def _operations(events_key: str) -> dict[str, dict[str, Any]]:
    """What differs for some."""
    # The path is also one of /files/{id} or /api/v1/assets/{id}, whose methods Allow names, too.
    two_patterns = {"allow_header_conformance": {"enabled": False}, "unsupported_method": {"enabled": False}}
    # A search by text is 422 where there is no machine-learning service.
    no_search = {"positive_data_acceptance": {"expected-statuses": ["2xx", "422"]}}
    # No two parts may have the same number, which JSON Schema cannot say; an upload in parts is not known beforehand.
    part_numbers = {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "422"]}}
    # A hash that was made up is not that of the file.
    hashes = {"positive_data_acceptance": {"expected-statuses": ["2xx", "422"]}}
    # Rules of webhook addresses, of metadata, and of what goes with what, that no schema has.
    further_rules = {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "422"]}}
    # Years before 1970 are refused.
    later_times = {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "422"]}}
    # Without a type the name decides.
    by_name = {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "413", "415"]}}
    return {
        "presignUpload": {"checks": two_patterns},
        "confirmUploads": {"checks": two_patterns},
        "checkFiles": {"checks": two_patterns},
        "checkAssets": {"checks": two_patterns},
        "completeMultipart": {"checks": two_patterns | part_numbers},
        "listAssets": {"checks": no_search},
        "uploadAsset": {"checks": hashes},
        "uploadToAlbum": {"checks": by_name},
        "uploadAvatar": {"checks": by_name},
        "createWebhook": {"checks": further_rules},
        "changeWebhook": {"checks": further_rules},
        "replayWebhooks": {"checks": later_times},
        "signRequest": {"checks": further_rules},
        "signParts": {"checks": further_rules},
        "createMultipart": {"checks": further_rules},
        "createDirectUpload": {"checks": further_rules},
        "takeEvents": {"headers": {"Authorization": f"Bearer {events_key}"}},
        "deleteFile": {"parameters": _bound({"path.id": "spare_files"})},
        "deleteAlbum": {"parameters": _bound({"path.album_id": "spare_albums"})},
        "deleteMedium": {"parameters": _bound({"path.media_id": "spare_media"})},
        "getAsset": {"parameters": _bound({"path.id": "assets"})},
        "getTask": {"parameters": _bound({"path.id": "assets"})},
        "deleteAsset": {"parameters": _bound({"path.id": "spare_assets"})},
    }


def _bound(parameters: dict[str, str]) -> dict[str, Any]:
    return {name: {"dictionary": dictionary, "probability": 0.6} for name, dictionary in parameters.items()}


def _toml(table: str, values: dict[str, Any]) -> list[str]:
    return ["", f"[{table}]"][: 2 if table else 0] + [f"{json.dumps(k)} = {_value(v)}" for k, v in values.items()]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_value(item)}" for name, item in value.items()) + "}"
    return json.dumps(value)
