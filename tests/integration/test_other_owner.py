"""Another owner's ids do not exist: every route with an id in it, called with real ones of somebody else."""

import re
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from ledgers import Ledgers, make_key
from media_client import make_album, upload
from picture_files import jpeg
from sluice_client import Sluice, problem, send
from webhook_client import act, log, subscribe

from devstack.stack import Stack


@dataclass
class Ids:
    """What alice has, of every kind."""

    file: str
    pending: str
    failed: str
    picture: str
    album: str
    medium: str
    user: str
    generation: str
    generated: str
    task: str
    upload_id: str
    upload_key: str
    upload_file: str
    token: str
    endpoint: str
    delivery: str


Request = tuple[str, Any]  # path with its query, JSON body or None


def of_files(path: str) -> Callable[[Ids], list[Request]]:
    def requests_of(ids: Ids) -> list[Request]:
        kinds = (ids.file, ids.pending, ids.failed, ids.picture, ids.medium, ids.task, ids.upload_file)
        return [(path.format(file_id), None) for file_id in kinds]

    return requests_of


def of_media(path: str) -> Callable[[Ids], list[Request]]:
    return lambda ids: [(path.format(media_id), None) for media_id in (ids.medium, ids.generated)]


def one(path: str, body: Any = None) -> Callable[[Ids], list[Request]]:
    return lambda ids: [(path.format(**vars(ids)), body)]


PARTS = {"parts": [{"PartNumber": 1, "ETag": '"d41d8cd98f00b204e9800998ecf8427e"'}]}

ROUTES: dict[str, Callable[[Ids], list[Request]]] = {
    "GET /files/{id}": of_files("/files/{}"),
    "DELETE /files/{id}": of_files("/files/{}"),
    "GET /files/{id}/content": of_files("/files/{}/content"),
    "GET /files/{id}/events": of_files("/files/{}/events"),
    "POST /files/{id}/retry": of_files("/files/{}/retry"),
    "GET /files/{id}/variants/{name}": lambda ids: [
        (f"/files/{file_id}/variants/small{query}", None)
        for file_id in (ids.picture, ids.medium)
        for query in ("", "?proxy=1")
    ],
    "GET /albums/{album_id}": one("/albums/{album}"),
    "DELETE /albums/{album_id}": one("/albums/{album}"),
    "GET /albums/{album_id}/media": one("/albums/{album}/media"),
    "GET /albums/{album_id}/events": one("/albums/{album}/events"),
    "POST /albums/{album_id}/media/upload": one("/albums/{album}/media/upload", {"filename": "a.jpg", "size": 3}),
    "GET /media/{media_id}": of_media("/media/{}"),
    "GET /media/{media_id}/events": of_media("/media/{}/events"),
    "POST /media/{media_id}/retry": of_media("/media/{}/retry"),
    "DELETE /media/{media_id}": of_media("/media/{}"),
    "GET /users/{user_id}": one("/users/{user}"),
    "POST /users/{user_id}/avatar/upload": one("/users/{user}/avatar/upload", {"filename": "a.jpg"}),
    "POST /generations/{generation_id}/media": one("/generations/{generation}/media", {"count": 1}),
    "GET /api/v1/tasks/{id}": one("/api/v1/tasks/{task}"),
    "GET /api/v1/assets/{id}": one("/api/v1/assets/{task}"),
    "DELETE /api/v1/assets/{id}": lambda ids: [(f"/api/v1/assets/{ids.task}{query}", None) for query in ("", "?all=1")],
    "GET /s3/multipart/{uploadId}": one("/s3/multipart/{upload_id}?key={upload_key}"),
    "GET /s3/multipart/{uploadId}/{partNumber}": one("/s3/multipart/{upload_id}/1?key={upload_key}"),
    "POST /s3/multipart/{uploadId}/complete": one("/s3/multipart/{upload_id}/complete?key={upload_key}", PARTS),
    "DELETE /s3/multipart/{uploadId}": one("/s3/multipart/{upload_id}?key={upload_key}"),
    "DELETE /tokens/{id}": one("/tokens/{token}"),
    "GET /webhooks/endpoints/{endpoint_id}": one("/webhooks/endpoints/{endpoint}"),
    "PATCH /webhooks/endpoints/{endpoint_id}": one("/webhooks/endpoints/{endpoint}", {"description": "mine"}),
    "DELETE /webhooks/endpoints/{endpoint_id}": one("/webhooks/endpoints/{endpoint}"),
    "POST /webhooks/endpoints/{endpoint_id}/enable": one("/webhooks/endpoints/{endpoint}/enable"),
    "POST /webhooks/endpoints/{endpoint_id}/disable": one("/webhooks/endpoints/{endpoint}/disable"),
    "POST /webhooks/endpoints/{endpoint_id}/rotate": one("/webhooks/endpoints/{endpoint}/rotate"),
    "POST /webhooks/endpoints/{endpoint_id}/test": one("/webhooks/endpoints/{endpoint}/test"),
    "POST /webhooks/endpoints/{endpoint_id}/replay": one("/webhooks/endpoints/{endpoint}/replay?since=2020-01-01T00:00:00Z"),
    "POST /webhooks/deliveries/{delivery_id}/replay": one("/webhooks/deliveries/{delivery}/replay"),
    "GET /admin/albums/{album_id}": one("/admin/albums/{album}"),
}


def routes_with_ids(stack: Stack) -> set[str]:
    """Of the program's own table; those that nobody needs a key for have nothing of an owner."""
    done = subprocess.run([stack.api.program, "--dump", "routes"], capture_output=True, text=True, check=True)
    rows = re.findall(r"^\| (\w+) \| `([^`]+)` \| (\w+) \|", done.stdout, re.M)
    assert len(rows) > 30
    return {f"{method} {path}" for method, path, scope in rows if "{" in path and scope != "none"}


@pytest.fixture(scope="module")
def alice(locked_stack: Stack, locked_ledgers: Ledgers) -> Ids:
    api = Sluice(locked_stack.api.url, make_key(locked_stack, f"alice-{uuid.uuid4()}", "upload,read,admin"))
    failed = api.presign("a.pdf", content_type="application/pdf", size=5)
    assert send(failed, b"bytes").ok
    api.confirm(failed["file_id"], 5)
    api.failed(failed["file_id"], "TYPE_MISMATCH")
    user, generation = f"user-{uuid.uuid4()}", f"generation-{uuid.uuid4()}"
    assert api.post(f"/users/{user}/avatar/upload", {"filename": "a.jpg"}).status_code == 201
    generated = api.post(f"/generations/{generation}/media", {"count": 1}).json()["media"][0]["media_id"]
    album = make_album(api)
    task = api.request("POST", "/api/v1/assets", files={"file": ("a.jpg", jpeg(64, 48), "image/jpeg")}).json()[
        "task_id"
    ]
    assert api.get(f"/api/v1/tasks/{task}?wait=30").json()["status"] == "complete"
    multipart = api.post("/s3/multipart", {"filename": "big.bin", "type": "application/octet-stream"}).json()
    endpoint = subscribe(api, "https://example.com/")
    act(api, endpoint, "test", 202)
    delivery = log(api, endpoint)[0]["delivery_id"]
    act(api, endpoint, "disable")
    token = api.post("/tokens", {}).json()["token_id"]
    pending = api.presign()["file_id"]
    for file_id in (pending, multipart["file_id"]):
        locked_ledgers.leave_to_events(file_id)
    return Ids(
        file=api.upload(b"of alice " + uuid.uuid4().bytes)["file_id"],
        pending=pending,
        failed=failed["file_id"],
        picture=api.upload(jpeg(600, 400), "a.jpg", content_type="image/jpeg")["file_id"],
        album=album,
        medium=upload(api, album, jpeg(600, 400))["media_id"],
        user=user,
        generation=generation,
        generated=generated,
        task=task,
        upload_id=multipart["uploadId"],
        upload_key=multipart["key"],
        upload_file=multipart["file_id"],
        token=token,
        endpoint=endpoint["endpoint_id"],
        delivery=delivery,
    )


def test_every_route_with_an_id_is_covered(locked_stack: Stack) -> None:
    assert routes_with_ids(locked_stack) == set(ROUTES)


TABLES = ("processing_queue", "albums", "users", "generations", "variants", "asset_contents", "multipart_uploads")
COLUMNS = "id, kind, owner_id, status, filename, size, object_key, error_code, attempts, expires_at"


def everything(ledgers: Ledgers) -> dict[str, Any]:
    """All that a call could have changed, of every owner, but for when the sweeper looks next."""
    held: dict[str, Any] = {table: sorted(ledgers.rows(f"SELECT t::text FROM {table} t")) for table in TABLES}
    held["files"] = ledgers.rows(f"SELECT {COLUMNS} FROM files ORDER BY id")
    held["endpoints"] = ledgers.rows("SELECT id, url, secret, description, disabled_at FROM webhook_endpoints ORDER BY id")
    held["tokens"] = ledgers.rows("SELECT id, uploads, revoked_at FROM upload_tokens ORDER BY id")
    held["objects"] = ledgers.keys()
    return held


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_another_owners_ids_do_not_exist(
    route: str, alice: Ids, locked_ledgers: Ledgers, caller: Callable[..., Sluice]
) -> None:
    mallory = caller("mallory", "upload,read,admin")
    method = route.split(" ")[0]
    requests_of = ROUTES[route](alice)
    assert requests_of
    before = everything(locked_ledgers)
    for path, body in requests_of:
        problem(mallory.request(method, path, json=body), 404)
    assert everything(locked_ledgers) == before


def test_the_ids_are_real(alice: Ids, locked_stack: Stack, locked_ledgers: Ledgers) -> None:
    """What is asked for above is there: not one of these calls would be a 404 for whoever owns it."""
    owner = locked_ledgers.value("SELECT owner_id FROM files WHERE id = %s", alice.file)
    api = Sluice(locked_stack.api.url, make_key(locked_stack, owner, "upload,read,admin"))
    for route, requests_of in ROUTES.items():
        if route.startswith("GET "):
            for path, _ in requests_of(alice):
                with api.request("GET", path, stream=True) as reply:
                    assert reply.status_code in (200, 302, 409), (route, path, reply.status_code)
