"""Quotas: what owners use is exact whatever happens, through every door."""

import itertools
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from asset_client import picture
from ledgers import Ledgers
from media_client import make_album
from quota_owner import LIMIT, Owner
from sluice_client import Record, Sluice, eventually, problem, send

from devstack.daemons import Api
from devstack.stack import Stack


@pytest.fixture
def owner(locked_stack: Stack, locked_ledgers: Ledgers) -> Callable[..., Owner]:
    return lambda **quota: Owner(locked_stack, locked_ledgers, **quota)


@pytest.fixture
def second_api(locked_stack: Stack) -> Iterator[Api]:
    api = locked_stack.add_api(4)
    api.start()
    yield api
    if api.alive():
        api.stop()


def test_bytes_from_the_signature_to_the_end(owner: Callable[..., Owner]) -> None:
    alice = owner(max_bytes=1000)
    alice.uses(0)
    ticket = alice.post(size=100).json()
    alice.uses(100, 1)
    assert send(ticket, b"x" * 100).ok
    alice.api.confirm(ticket["file_id"], 100)
    alice.api.synced(ticket["file_id"])
    alice.uses(100)
    assert alice.api.request("DELETE", f"/files/{ticket['file_id']}").status_code == 204
    alice.uses(0)


def test_an_upload_without_a_size_reserves_what_it_may_be(owner: Callable[..., Owner]) -> None:
    alice = owner(max_bytes=LIMIT + 100)
    ticket = alice.post().json()
    alice.uses(LIMIT, 1)
    problem(alice.post(), 403, "QUOTA_BYTES_EXCEEDED")
    assert alice.post(size=100).status_code == 201
    assert send(ticket, b"small").ok
    alice.api.confirm(ticket["file_id"], 5)
    alice.api.synced(ticket["file_id"])
    alice.uses(105, 1)


def test_a_refusal_leaves_nothing(owner: Callable[..., Owner]) -> None:
    alice = owner(max_bytes=100)
    assert alice.post(size=60).status_code == 201
    body = problem(alice.post(size=41), 403, "QUOTA_BYTES_EXCEEDED")
    assert "100 bytes" in body["detail"]
    alice.uses(60, 1)
    assert alice.files() == 1
    assert alice.post(size=40).status_code == 201
    alice.uses(100, 2)


def test_pending_uploads(owner: Callable[..., Owner]) -> None:
    alice = owner(max_pending=2)
    tickets = [alice.post(size=3).json() for _ in range(2)]
    problem(alice.post(size=3), 403, "QUOTA_PENDING_EXCEEDED")
    assert send(tickets[0], b"abc").ok
    alice.api.confirm(tickets[0]["file_id"], 3)
    assert alice.post(size=3).status_code == 201
    assert alice.api.request("DELETE", f"/files/{tickets[1]['file_id']}").status_code == 204
    assert alice.post(size=3).status_code == 201
    problem(alice.post(size=3), 403, "QUOTA_PENDING_EXCEEDED")
    assert alice.usage()[1] == 2


def test_an_idempotent_repeat_counts_once(owner: Callable[..., Owner]) -> None:
    alice = owner(max_bytes=100)
    options = {"headers": {"Idempotency-Key": str(uuid.uuid4())}}
    first = alice.api.post("/files/presigned-upload", {"filename": "a", "size": 60}, **options)
    again = alice.api.post("/files/presigned-upload", {"filename": "a", "size": 60}, **options)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    alice.uses(60, 1)
    options = {"headers": {"Idempotency-Key": str(uuid.uuid4())}}
    for _ in range(2):  # a refusal is no answer to keep
        reply = alice.api.post("/files/presigned-upload", {"filename": "a", "size": 60}, **options)
        problem(reply, 403, "QUOTA_BYTES_EXCEEDED")
    alice.uses(60, 1)


def doors(alice: Owner, size: int) -> dict[str, Callable[[], requests.Response]]:
    album = make_album(alice.api)
    user, generation = f"u-{uuid.uuid4()}", f"g-{uuid.uuid4()}"
    api = alice.api
    return {
        "post": lambda: alice.post(size=size),
        "put": lambda: alice.post(size=size, method="put"),
        "album": lambda: api.post(f"/albums/{album}/media/upload", {"filename": "a.png", "size": size}),
        "avatar": lambda: api.post(f"/users/{user}/avatar/upload", {"filename": "a.png", "size": size}),
        "generation": lambda: api.post(f"/generations/{generation}/media", {"count": 3}),
        "multipart": lambda: api.post("/s3/multipart", {"filename": "a", "type": "text/plain", "size": size}),
        "asset": lambda: api.request("POST", "/api/v1/assets", files={"file": ("a.bin", b"x" * size)}),
    }


def test_every_door_counts(owner: Callable[..., Owner], locked_ledgers: Ledgers) -> None:
    narrow, wide = owner(max_bytes=10), owner(max_bytes=100 * LIMIT)
    before = locked_ledgers.keys()
    for name, door in doors(narrow, 11).items():
        problem(door(), 403, "QUOTA_BYTES_EXCEEDED")
        assert narrow.files() == 0, name
    narrow.uses(0)
    assert locked_ledgers.keys() == before
    uploads = locked_ledgers.s3.list_multipart_uploads(Bucket=locked_ledgers.bucket).get("Uploads", [])
    assert not [upload for upload in uploads if upload["Key"].endswith(f"/{narrow.name}")]
    expected = 0
    for name, door in doors(wide, 11).items():
        assert door().status_code in (200, 201), name
        expected += 3 * LIMIT if name == "generation" else 11
        assert wide.usage()[0] == expected, name


def test_pending_quota_at_every_door(owner: Callable[..., Owner]) -> None:
    alice = owner(max_pending=1)
    assert alice.post(size=1).status_code == 201
    for name, door in doors(alice, 11).items():
        if name == "asset":  # it waits for nothing
            assert door().status_code == 200
        else:
            problem(door(), 403, "QUOTA_PENDING_EXCEEDED")
    assert alice.usage()[1] == 1


@pytest.mark.parametrize("idempotent", [False, True])
@pytest.mark.parametrize(("quota", "admitted"), [({"max_bytes": 255}, 25), ({"max_pending": 7}, 7)])
def test_parallel_requests_to_two_apis(
    owner: Callable[..., Owner], second_api: Api, quota: dict[str, int], admitted: int, idempotent: bool
) -> None:
    alice = owner(**quota)
    urls = itertools.cycle([alice.stack.api.url, second_api.url])
    callers = [Sluice(next(urls), alice.key) for _ in range(50)]
    start = threading.Barrier(len(callers))

    def ask(caller: Sluice) -> int:
        start.wait()
        headers = {"Idempotency-Key": str(uuid.uuid4())} if idempotent else {}
        reply = caller.post("/files/presigned-upload", {"filename": "a", "size": 10}, headers=headers)
        assert reply.status_code == 201 or reply.json()["code"].startswith("QUOTA_"), reply.text
        return reply.status_code

    with ThreadPoolExecutor(len(callers)) as pool:
        statuses = list(pool.map(ask, callers))
    assert statuses.count(201) == admitted
    assert statuses.count(403) == 50 - admitted
    alice.uses(10 * admitted, admitted)
    assert alice.files() == admitted


def test_an_api_that_is_killed_leaves_no_drift(owner: Callable[..., Owner], second_api: Api) -> None:
    alice = owner(max_bytes=100_000, max_pending=1000)
    asked = threading.Event()

    def ask(number: int) -> None:
        caller = Sluice(second_api.url, alice.key)
        try:
            while True:
                reply = caller.post("/files/presigned-upload", {"filename": "a", "size": 10})
                assert reply.status_code in (201, 403)
                if number == 0:
                    asked.set()
        except requests.RequestException:
            return  # it is dead

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(ask, number) for number in range(8)]
        assert asked.wait(30)
        second_api.kill()
        for future in running:
            future.result()
    files = alice.files()
    assert files > 0
    eventually(lambda: alice.usage()[1] == alice.files(), "open transactions end")
    alice.uses(10 * alice.files(), alice.files())


def test_a_failed_file_counts_until_it_is_deleted(owner: Callable[..., Owner]) -> None:
    alice = owner(max_bytes=1000)
    wrong = alice.post(content_type="application/pdf", size=5).json()
    assert send(wrong, b"bytes").ok
    alice.api.confirm(wrong["file_id"], 5)
    alice.api.failed(wrong["file_id"], "TYPE_MISMATCH")
    alice.uses(5)
    assert alice.api.post(f"/files/{wrong['file_id']}/retry").status_code == 200
    alice.api.failed(wrong["file_id"], "TYPE_MISMATCH")
    alice.uses(5)
    assert alice.api.request("DELETE", f"/files/{wrong['file_id']}").status_code == 204
    alice.uses(0)


def expire(alice: Owner, file_id: str) -> None:
    """Two days later, as far as this file is concerned."""
    alice.ledgers.database.execute(
        "UPDATE files SET created_at = created_at - interval '2 days', updated_at = updated_at - interval '2 days',"
        " expires_at = expires_at - interval '2 days', sweep_at = now() WHERE id = %s",
        [file_id],
    )
    alice.stack.cli.run("sweep")
    assert alice.api.record(file_id)["status"] == "EXPIRED"


def test_what_expires_is_free_again(owner: Callable[..., Owner]) -> None:
    alice = owner(max_bytes=100, max_pending=1)
    first = alice.post(size=60).json()["file_id"]
    expire(alice, first)
    alice.uses(0)
    second = alice.post(size=60).json()["file_id"]
    alice.uses(60, 1)
    problem(alice.api.post(f"/files/{first}/retry"), 403)  # a new URL would count again
    alice.uses(60, 1)
    assert alice.api.record(first)["status"] == "EXPIRED"
    assert alice.api.post(f"/files/{second}/retry").status_code == 200  # this one counts already
    assert alice.api.request("DELETE", f"/files/{second}").status_code == 204
    assert alice.api.post(f"/files/{first}/retry").status_code == 200
    alice.uses(60, 1)


def test_an_object_that_comes_late_counts(owner: Callable[..., Owner]) -> None:
    alice = owner(max_bytes=100)
    ticket = alice.post(size=60).json()
    expire(alice, ticket["file_id"])
    alice.uses(0)
    alice.ledgers.s3.put_object(Bucket=alice.ledgers.bucket, Key=ticket["object_key"], Body=b"x" * 60)
    eventually(lambda: alice.api.record(ticket["file_id"])["status"] == "SYNCED", "the late object is seen")
    alice.uses(60)


def test_one_content_counts_once_among_assets(owner: Callable[..., Owner]) -> None:
    alice = owner(max_bytes=1_000_000)
    data = picture(64, 48)

    def put() -> Record:
        reply = alice.api.request("POST", "/api/v1/assets", files={"file": ("a.jpg", data, "image/jpeg")})
        assert reply.status_code == 200, reply.text
        task = alice.api.get(f"/api/v1/tasks/{reply.json()['task_id']}?wait=30").json()
        assert task["status"] == "complete", task
        return dict(task)

    first = put()
    alice.uses(len(data))
    assert put()["duplicate"]
    alice.uses(len(data))
    asset = f"/api/v1/assets/{first['asset_id']}"
    assert alice.api.request("DELETE", asset + "?all=1").status_code in (200, 204)
    alice.uses(0)


def test_counting_begins_amid_writes(owner: Callable[..., Owner]) -> None:
    """An owner gets a quota while files come, arrive and go."""
    alice = owner()
    stop = threading.Event()

    def work(number: int) -> None:
        caller = Sluice(alice.stack.api.url, alice.key)
        while not stop.is_set():
            ticket = caller.presign(size=7)
            if number % 2 == 0:
                assert send(ticket, b"seven b").ok
                caller.confirm(ticket["file_id"], 7)
            if number % 3 == 0:
                assert caller.request("DELETE", f"/files/{ticket['file_id']}").status_code in (204, 404)

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(work, number) for number in range(6)]
        eventually(lambda: alice.files() > 20, "files come")
        alice.set(max_bytes=10**9)
        before = alice.files()
        eventually(lambda: alice.files() > before + 20, "and more of them")
        stop.set()
        for future in running:
            future.result()
    files = [record["file_id"] for record in alice.api.get("/files?status=UPLOADED&limit=100").json()["files"]]
    for file_id in files:
        alice.api.finished(file_id)
    alice.usage()


def test_recount(owner: Callable[..., Owner]) -> None:
    alice = owner(max_bytes=1000)
    assert alice.post(size=100).status_code == 201
    alice.ledgers.database.execute("UPDATE owner_usage SET bytes = 7 WHERE owner_id = %s", [alice.name])
    done = alice.stack.cli.run("owner", "recount", alice.name, "--json")
    assert json.loads(done.stdout) == {"owner_id": alice.name, "bytes": 100, "before": 7}
    alice.uses(100, 1)
    lines = alice.stack.cli.run("owner", "recount", "--all", "--json").stdout.splitlines()
    counted = [json.loads(line) for line in lines]
    assert {"owner_id": alice.name, "bytes": 100, "before": 100} in counted
    assert all(entry["bytes"] == entry["before"] for entry in counted)


def test_settings_hold_for_owners_without_a_quota(
    owner: Callable[..., Owner], locked_stack: Stack, locked_ledgers: Ledgers
) -> None:
    api = locked_stack.add_api(5, SLUICE_QUOTA_BYTES="100", SLUICE_QUOTA_PENDING="3")
    api.start()
    try:
        usual, exempt = owner(), owner(max_bytes=0, max_pending=0)
        for alice in (usual, exempt):
            alice.api = Sluice(api.url, alice.key)
        assert usual.post(size=100).status_code == 201
        problem(usual.post(size=1), 403, "QUOTA_BYTES_EXCEEDED")
        usage = usual.api.get("/usage").json()
        assert (usage["max_bytes"], usage["max_pending"]) == (100, 3)
        for _ in range(5):
            assert exempt.post(size=100).status_code == 201
        usage = exempt.api.get("/usage").json()
        assert (usage["max_bytes"], usage["max_pending"]) == (None, None)
        exempt.uses(0, 5)  # what is signed without a quota counts once it is there
        assert locked_ledgers.value("SELECT count(*) FROM usage_changes WHERE owner_id = %s", exempt.name) == 0
    finally:
        api.stop()


def test_owners_without_a_quota_take_the_short_way(owner: Callable[..., Owner]) -> None:
    alice = owner()
    ticket = alice.post(size=5).json()
    assert send(ticket, b"bytes").ok
    alice.api.confirm(ticket["file_id"], 5)
    alice.api.synced(ticket["file_id"])
    for table in ("owner_usage", "usage_changes"):
        assert alice.ledgers.value(f"SELECT count(*) FROM {table} WHERE owner_id = %s", alice.name) == 0
    assert alice.ledgers.value("SELECT reserved_bytes FROM files WHERE id = %s", ticket["file_id"]) is None
    alice.uses(5)  # counted from the question on
    assert alice.api.request("DELETE", f"/files/{ticket['file_id']}").status_code == 204
    alice.uses(0)


def test_owner_commands(owner: Callable[..., Owner], locked_stack: Stack) -> None:
    alice = owner(max_bytes=1000)
    run = locked_stack.cli.run
    shown = json.loads(run("owner", "show", alice.name, "--json").stdout)
    assert shown == {
        "owner_id": alice.name, "max_bytes": 1000, "max_pending": None, "bytes": 0, "pending": 0, "keys": 1,
    }  # fmt: skip
    run("owner", "set", alice.name, "--max-pending", "5")
    shown = json.loads(run("owner", "set", alice.name, "--max-bytes", "2KiB", "--json").stdout)
    assert (shown["max_bytes"], shown["max_pending"]) == (2048, 5)
    shown = json.loads(run("owner", "set", alice.name, "--max-bytes", "default", "--json").stdout)
    assert (shown["max_bytes"], shown["max_pending"]) == (None, 5)
    assert f"{alice.name} " in run("owner", "list").stdout
    for wrong in (
        ("owner", "show", "nobody-has-this-name"),
        ("owner", "set", alice.name),
        ("owner", "set", alice.name, "--max-bytes", "-1"),
        ("owner", "set", "", "--max-bytes", "1"),
        ("owner", "recount"),
    ):
        assert run(*wrong, check=False).returncode != 0, wrong
