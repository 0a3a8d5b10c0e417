"""Assets after their upload: one content once, tasks, references."""

import os
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from asset_client import asset, drop, insert, new_id, picture, settled, stage, staging_key, task, upload
from event_stream import EventStream
from ledgers import Ledgers
from sluice_client import ODD_NAME, Sluice, eventually, problem, sha256

from devstack.daemons import Cli
from devstack.stack import Stack

MANY = 100


def leftovers(ledgers: Ledgers, ids: list[str]) -> set[str]:
    """Objects under any prefix that bear the id of one of these files."""
    return {key for key in ledgers.keys("") if len(key.split("/")) > 2 and key.split("/")[1] in ids}


def no_leftovers_but(ledgers: Ledgers, ids: list[str], wanted: set[str]) -> None:
    eventually(lambda: leftovers(ledgers, ids) == wanted or None, f"only {wanted} of {len(ids)} uploads in the store")


def test_an_upload_becomes_an_asset(api: Sluice, ledgers: Ledgers) -> None:
    data = os.urandom(3000)
    task_id = stage(ledgers, data, ODD_NAME, content_type="text/csv")
    done = settled(api, task_id)
    assert done == {"task_id": task_id, "status": "complete", "asset_id": task_id, "duplicate": False, "error": None}
    found = asset(api, task_id)
    assert (found["asset_id"], found["references"], found["filename"]) == (task_id, 1, ODD_NAME)
    assert (found["size"], found["sha256"], found["kind"], found["status"]) == (3000, sha256(data), "asset", "SYNCED")
    assert found["object_key"].startswith(f"assets/{task_id}/")
    no_leftovers_but(ledgers, [task_id], {found["object_key"]})
    kept = ledgers.s3.get_object(Bucket=ledgers.bucket, Key=found["object_key"])
    assert kept["Body"].read() == data
    assert kept["ContentType"] == "text/csv"
    assert "attachment" in kept["ContentDisposition"]
    assert urllib.parse.quote(ODD_NAME, safe="") in kept["ContentDisposition"]
    assert kept["Metadata"] == {
        "filename": urllib.parse.quote(ODD_NAME, safe=""), "sha256": sha256(data), "asset-id": task_id,
    }  # fmt: skip
    assert api.get(f"/files/{task_id}/content").content == data
    assert api.http.get(found["download_url"]).content == data


def test_the_longest_name_fits_the_headers_of_the_store(api: Sluice, ledgers: Ledgers) -> None:
    name = "ü" * 510 + ".bin"
    task_id = new_id()
    key = f"staging/{task_id}/{'ü' * 98}.bin"
    data = os.urandom(100)
    ledgers.s3.put_object(Bucket=ledgers.bucket, Key=key, Body=data)
    insert(ledgers, task_id, data, name, key=key)
    settled(api, task_id)
    assert asset(api, task_id)["filename"] == name
    assert api.get(f"/files/{task_id}/content").content == data


def test_a_picture_has_variants_and_metadata(api: Sluice, ledgers: Ledgers) -> None:
    task_id = stage(ledgers, picture(640, 400), "photo.jpg", content_type="image/jpeg")
    settled(api, task_id)
    found = asset(api, task_id)
    assert (found["width"], found["height"], found["detected_type"]) == (640, 400, "image/jpeg")
    assert {variant["name"] for variant in found["variants"]} == {"small", "medium", "large", "display"}
    assert all(api.http.get(variant["url"]).status_code == 200 for variant in found["variants"])
    wanted = {f"thumbnails/{task_id}/{variant['name']}.webp" for variant in found["variants"]}
    no_leftovers_but(ledgers, [task_id], wanted | {found["object_key"]})


def test_a_duplicate_shares_everything(api: Sluice, ledgers: Ledgers) -> None:
    data = picture(320, 200)
    first = upload(api, ledgers, data, "first.jpg", content_type="image/jpeg")["asset_id"]
    second = stage(ledgers, data, "second.jpg", content_type="image/jpeg")
    assert settled(api, second) == {
        "task_id": second, "status": "complete", "asset_id": first, "duplicate": True, "error": None,
    }  # fmt: skip
    one, other = api.record(first), api.record(second)
    assert (other["filename"], other["duplicate_of"], other["kind"]) == ("second.jpg", first, "asset")
    for name in ("size", "sha256", "width", "height", "thumbhash", "metadata", "object_key", "detected_type"):
        assert other[name] == one[name], name
    assert [v["name"] for v in other["variants"]] == [v["name"] for v in one["variants"]] != []
    for file_id in (first, second):
        assert api.get(f"/files/{file_id}/content").content == data
        assert api.get(f"/files/{file_id}/variants/small?proxy=1").status_code == 200
        assert api.get(f"/files/{file_id}?include=content").status_code == 200
    assert asset(api, second)["asset_id"] == first
    assert asset(api, second)["references"] == 2
    no_leftovers_but(ledgers, [second], set())


def test_another_owner_has_an_asset_of_its_own(api: Sluice, ledgers: Ledgers) -> None:
    data = os.urandom(500)
    mine = upload(api, ledgers, data)["asset_id"]
    theirs = stage(ledgers, data, owner="somebody-else")
    status = "SELECT status, duplicate_of FROM files WHERE id = %s"
    eventually(lambda: ledgers.rows(status, theirs) == [("SYNCED", None)], "theirs is an asset of its own")
    problem(api.get(f"/api/v1/tasks/{theirs}"), 404)
    problem(api.get(f"/api/v1/assets/{theirs}"), 404)
    problem(api.request("DELETE", f"/api/v1/assets/{theirs}"), 404)
    assert asset(api, mine)["references"] == 1


def test_an_ordinary_file_and_an_asset_do_not_share(api: Sluice, ledgers: Ledgers) -> None:
    data = os.urandom(700)
    plain = api.upload(data)
    done = upload(api, ledgers, data)
    assert (done["duplicate"], done["asset_id"]) == (False, done["task_id"])
    again = api.upload(data)
    assert again["duplicate_of"] in (plain["file_id"], done["asset_id"])
    assert asset(api, done["asset_id"])["references"] == 1
    assert drop(api, done["asset_id"])["deleted"]
    assert api.get(f"/files/{again['file_id']}/content").content == data


def test_a_hundred_identical_uploads_at_once(api: Sluice, ledgers: Ledgers) -> None:
    """Must show 2: one asset, 100 complete tasks, 99 duplicates, and one object."""
    data = os.urandom(20_000)
    label = uuid.uuid4().hex

    def send(number: int) -> str:
        form = {"files": {"file": (f"{number}.bin", data)}, "data": {"external_id": label}}
        reply = Sluice(api.api_url).request("POST", "/api/v1/assets", **form)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["task_id"])

    with ThreadPoolExecutor(MANY) as pool:
        ids = list(pool.map(send, range(MANY)))
    done = [settled(api, task_id) for task_id in ids]
    (asset_id,) = {one["asset_id"] for one in done}
    assert sum(one["duplicate"] for one in done) == MANY - 1
    found = asset(api, asset_id)
    assert found["references"] == MANY
    no_leftovers_but(ledgers, ids, {found["object_key"]})
    sql = "SELECT count(*) FROM files WHERE external_id = %s AND status = 'SYNCED' AND object_key IS NULL"
    assert ledgers.value(sql, label) == MANY - 1
    with ThreadPoolExecutor(4) as pool:
        dropped = list(pool.map(lambda _: drop(Sluice(api.api_url), asset_id), range(MANY - 1)))
    assert {one["deleted"] for one in dropped} == {False}
    assert asset(api, asset_id)["references"] == 1
    assert drop(api, asset_id) == {"asset_id": asset_id, "deleted": True, "references": 0}
    no_leftovers_but(ledgers, ids, set())
    assert ledgers.value("SELECT count(*) FROM files WHERE external_id = %s", label) == 0


def test_references_are_dropped_one_by_one(api: Sluice, ledgers: Ledgers) -> None:
    data = os.urandom(900)
    tasks = [upload(api, ledgers, data)["task_id"] for _ in range(3)]
    first, second, third = tasks
    assert drop(api, second) == {"asset_id": first, "deleted": False, "references": 2}
    problem(api.get(f"/api/v1/tasks/{second}"), 404)
    assert task(api, third)["asset_id"] == first
    assert api.request("DELETE", f"/files/{first}").status_code == 204  # the same rule
    assert asset(api, first)["references"] == 1
    assert api.get(f"/files/{first}/content").content == data
    problem(api.get(f"/files/{third}"), 404)
    assert drop(api, first) == {"asset_id": first, "deleted": True, "references": 0}
    problem(api.request("DELETE", f"/api/v1/assets/{first}"), 404)
    no_leftovers_but(ledgers, tasks, set())
    assert not ledgers.cache.exists(f"file_content:{first}")
    again = upload(api, ledgers, data)
    assert (again["duplicate"], again["asset_id"]) == (False, again["task_id"])


def test_all_references_at_once(api: Sluice, ledgers: Ledgers) -> None:
    data = picture(300, 200)
    tasks = [upload(api, ledgers, data, content_type="image/jpeg")["task_id"] for _ in range(3)]
    problem(api.request("DELETE", f"/api/v1/assets/{tasks[2]}?all=2"), 422)
    assert drop(api, tasks[2], "?all=1") == {"asset_id": tasks[0], "deleted": True, "references": 0}
    for task_id in tasks:
        problem(api.get(f"/files/{task_id}"), 404)
    no_leftovers_but(ledgers, tasks, set())


def test_deleting_what_is_not_ready(api: Sluice, ledgers: Ledgers) -> None:
    """A FAILED task can be deleted, and takes its staged object along."""
    task_id = stage(ledgers, b"right", stored=b"wrong")
    settled(api, task_id, "failed")
    found = asset(api, task_id)
    assert (found["asset_id"], found["references"], found["status"]) == (None, 1, "FAILED")
    assert drop(api, task_id) == {"asset_id": task_id, "deleted": True, "references": 0}
    no_leftovers_but(ledgers, [task_id], set())


@pytest.mark.parametrize(("stored", "code"), [(None, "OBJECT_GONE"), (b"no", "SIZE_MISMATCH")])
def test_the_content_of_a_failed_one_is_the_next_ones(
    api: Sluice, ledgers: Ledgers, stored: bytes | None, code: str
) -> None:
    data = os.urandom(400)
    failed = stage(ledgers, data, stored=stored)
    error = settled(api, failed, "failed")["error"]
    assert error["code"] == code
    assert error["message"]
    good = upload(api, ledgers, data)
    assert (good["duplicate"], good["asset_id"]) == (False, good["task_id"])
    ledgers.s3.put_object(Bucket=ledgers.bucket, Key=staging_key(failed), Body=data)
    assert api.post(f"/files/{failed}/retry").status_code == 200
    again = settled(api, failed)
    assert (again["duplicate"], again["asset_id"]) == (True, good["task_id"])
    no_leftovers_but(ledgers, [failed], set())


def test_duplicates_wait_for_a_first_one_that_fails(stack: Stack, api: Sluice, ledgers: Ledgers) -> None:
    """Ten at once, the first without its object: one of the others has the content. Which task a worker begins with is
    open: when another one was faster, the first is its duplicate, and its object is not missed."""
    data = os.urandom(5000)
    first = stage(ledgers, data, stored=None)
    others = [stage(ledgers, data) for _ in range(9)]
    done = [settled(api, task_id) for task_id in others]
    (asset_id,) = {one["asset_id"] for one in done}
    assert sum(one["duplicate"] for one in done) == 8
    end = eventually(lambda: (one := task(api, first))["status"] != "processing" and one, "the first one ends")
    assert (end["status"], end["asset_id"]) in (("failed", None), ("complete", asset_id))


def test_delete_races_with_duplicates(api: Sluice, ledgers: Ledgers) -> None:
    """Whatever comes first, every task that is complete has its bytes."""
    data = os.urandom(2000)
    for _ in range(6):
        first = upload(api, ledgers, data)["task_id"]
        others = [stage(ledgers, data) for _ in range(4)]
        with ThreadPoolExecutor(3) as pool:
            answers = list(
                pool.map(lambda _, id=first: Sluice(api.api_url).request("DELETE", f"/api/v1/assets/{id}"), range(3))
            )
        assert {answer.status_code for answer in answers} <= {200, 404}
        alive = []
        for task_id in others:
            reply = api.get(f"/api/v1/tasks/{task_id}?wait=30")
            if reply.status_code == 200:
                assert reply.json()["status"] == "complete", reply.text
                alive.append(reply.json())
        for one in alive:
            content = api.get(f"/files/{one['task_id']}/content")
            gone = api.get(f"/api/v1/tasks/{one['task_id']}").status_code == 404
            assert gone or content.content == data
        for asset_id in {one["asset_id"] for one in alive}:
            drop(api, asset_id, "?all=1")
        no_leftovers_but(ledgers, [first, *others], set())


def test_the_list_has_each_asset_once(locked_ledgers: Ledgers, caller: object) -> None:
    owner = f"lister-{uuid.uuid4().hex[:8]}"
    mine = caller(owner)  # type: ignore[operator]
    contents = [os.urandom(200) for _ in range(3)]
    tasks = [stage(locked_ledgers, data, owner=owner) for data in contents for _ in range(2)]
    done = [settled(mine, task_id) for task_id in tasks]
    ids = sorted({one["asset_id"] for one in done}, reverse=True)
    failed = stage(locked_ledgers, b"right", owner=owner, stored=b"wrong")
    settled(mine, failed, "failed")
    listed = mine.get("/api/v1/assets").json()
    assert [one["asset_id"] for one in listed["assets"]] == ids
    assert {one["references"] for one in listed["assets"]} == {2}
    assert listed["next_cursor"] is None
    page = mine.get("/api/v1/assets?limit=2").json()
    assert [one["asset_id"] for one in page["assets"]] == ids[:2]
    rest = mine.get(f"/api/v1/assets?limit=2&cursor={page['next_cursor']}").json()
    assert [one["asset_id"] for one in rest["assets"]] == ids[2:]
    problem(mine.get("/api/v1/assets?cursor=nothing"), 422)


def test_the_check_knows_assets_only(api: Sluice, ledgers: Ledgers) -> None:
    known, plain, unknown = (os.urandom(300) for _ in range(3))
    asset_id = upload(api, ledgers, known)["asset_id"]
    api.upload(plain)
    hashes = [sha256(known), sha256(plain), sha256(unknown)]
    results = api.post("/api/v1/assets/check", {"sha256": hashes}).json()["results"]
    assert results[0] == {"sha256": hashes[0], "action": "skip", "file_id": asset_id, "asset_id": asset_id}
    assert [one["action"] for one in results] == ["skip", "accept", "accept"]
    problem(api.post("/api/v1/assets/check", {"sha256": ["no"]}), 422)
    drop(api, asset_id)
    assert api.post("/api/v1/assets/check", {"sha256": hashes[:1]}).json()["results"][0]["action"] == "accept"


def test_only_assets_are_tasks_and_assets(api: Sluice) -> None:
    plain = api.upload(os.urandom(50))["file_id"]
    problem(api.get(f"/api/v1/tasks/{plain}"), 404)
    problem(api.get(f"/api/v1/assets/{plain}"), 404)
    problem(api.request("DELETE", f"/api/v1/assets/{plain}"), 404)
    problem(api.get(f"/api/v1/tasks/{uuid.uuid4()}"), 404)
    problem(api.get("/api/v1/assets/nothing"), 404)
    assert api.record(plain)["status"] == "SYNCED"


def test_events_tell_of_duplicates(api: Sluice, ledgers: Ledgers) -> None:
    data = os.urandom(100)
    first = upload(api, ledgers, data)["asset_id"]
    second = upload(api, ledgers, data)["task_id"]
    with EventStream(f"{api.api_url}/files/{second}/events") as stream:
        record = stream.next().data
    assert (record["file_id"], record["status"], record["duplicate_of"]) == (second, "SYNCED", first)


def test_sweep_clears_staging(stack: Stack, api: Sluice, ledgers: Ledgers) -> None:
    """What has no record goes, and what its record has left behind; what a record still needs stays."""
    lost, ready = new_id(), upload(api, ledgers, os.urandom(64))["asset_id"]
    failed = stage(ledgers, b"right", stored=b"wrong")
    settled(api, failed, "failed")
    strays = {staging_key(lost), staging_key(ready, "moved.bin"), "staging/what/is/this"}
    orphan = f"assets/{new_id()}/a.bin"
    for key in strays | {orphan}:
        ledgers.s3.put_object(Bucket=ledgers.bucket, Key=key, Body=b"x")
    young = stack.cli.run("sweep", "--orphan-age", "100000").stdout
    assert not [key for key in strays if key in young]
    settings = stack.cli.settings
    hasty = Cli(stack.cli.program, stack.cli.log_path, lambda: {**settings(), "SLUICE_PENDING_TTL_S": "1"})

    def swept(*words: str) -> str:
        return hasty.run("sweep", *words, "--orphan-age", "0").stdout

    eventually(lambda: strays <= {line[10:] for line in swept("--dry-run").splitlines()}, "old enough")
    assert strays <= ledgers.keys("staging/")
    done = swept()
    assert [key for key in strays if f"staged    {key}" not in done] == []
    assert f"orphan    {orphan}" in done
    assert ledgers.keys("staging/") & strays == set()
    assert orphan not in ledgers.keys("assets/")
    assert staging_key(failed) in ledgers.keys("staging/")
    assert api.get(f"/files/{ready}/content").status_code == 200
