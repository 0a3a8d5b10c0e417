"""Albums, avatars and generated images: their routes, keys, and objects that other programs put there."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from ledgers import Ledgers
from media_client import ask, make_album, settled, upload
from picture_files import jpeg, png
from sluice_client import Sluice, eventually, problem, send

HOSTILE_NAMES = [
    "../../etc/passwd", "a b?c#d&e=f.jpg", "%2e%2e%2f%00.jpg", "..\\..\\x.jpg", "' OR 1=1 --.jpg", "Größe 😀.jpg",
    "x" * 900 + ".jpg", "a+b%20c.jpg", ".jpg", "-rf.jpg", "$(id).jpg", "<script>.jpg",
]  # fmt: skip


@pytest.fixture
def album(api: Sluice) -> str:
    return make_album(api)


def test_an_album_has_a_title(api: Sluice) -> None:
    album_id = make_album(api, "Größe 😀")
    reply = api.get(f"/albums/{album_id}").json()
    assert (reply["album_id"], reply["title"]) == (album_id, "Größe 😀")
    assert reply["created_at"].endswith("Z")


def test_albums_are_listed_newest_first_by_cursor(caller: Callable[..., Sluice]) -> None:
    api = caller(f"lister-{uuid.uuid4()}")
    made = [make_album(api, str(number)) for number in range(5)]
    seen, cursor = [], ""
    for _ in range(5):
        page = api.get(f"/albums?limit=2{cursor}").json()
        seen += [album["album_id"] for album in page["albums"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]


@pytest.mark.parametrize("method,path", [("GET", ""), ("DELETE", ""), ("GET", "/media"), ("POST", "/media/upload")])
@pytest.mark.parametrize("album_id", [str(uuid.uuid4()), "x", "%00"])
def test_unknown_albums(api: Sluice, method: str, path: str, album_id: str) -> None:
    body = {"filename": "a.jpg", "content_type": "image/jpeg"} if method == "POST" else None
    reply = api.request(method, f"/albums/{album_id}{path}", json=body)
    if album_id == "%00":
        problem(reply, 400)
    else:
        problem(reply, 404, "ALBUM_NOT_FOUND")


def test_another_owners_things_are_not_there(caller: Callable[..., Sluice]) -> None:
    mine, other = caller("album-owner"), caller("album-thief")
    album_id = make_album(mine)
    ticket = ask(mine, album_id)
    problem(other.get(f"/albums/{album_id}"), 404, "ALBUM_NOT_FOUND")
    problem(other.get(f"/albums/{album_id}/media"), 404, "ALBUM_NOT_FOUND")
    problem(other.request("DELETE", f"/albums/{album_id}"), 404, "ALBUM_NOT_FOUND")
    problem(other.post(f"/albums/{album_id}/media/upload", {"filename": "a.jpg"}), 404, "ALBUM_NOT_FOUND")
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/retry")):
        problem(other.request(method, f"/media/{ticket['media_id']}{path}"), 404, "NOT_FOUND")
    problem(other.get(f"/files/{ticket['media_id']}/variants/small"), 404, "NOT_FOUND")
    assert mine.get(f"/albums/{album_id}").status_code == 200
    assert mine.get(f"/media/{ticket['media_id']}").status_code == 200
    assert other.get("/albums").json()["albums"] == []


def test_users_and_generations_belong_to_who_came_first(caller: Callable[..., Sluice]) -> None:
    mine, other = caller("word-owner"), caller("word-thief")
    user, generation = f"user-{uuid.uuid4()}", f"gen-{uuid.uuid4()}"
    body = {"filename": "me.png", "content_type": "image/png"}
    assert mine.post(f"/users/{user}/avatar/upload", body).status_code == 201
    assert mine.post(f"/generations/{generation}/media", {"count": 2}).status_code == 201
    problem(other.post(f"/users/{user}/avatar/upload", body), 404, "NOT_FOUND")
    problem(other.get(f"/users/{user}"), 404, "NOT_FOUND")
    problem(other.post(f"/generations/{generation}/media", {}), 404, "NOT_FOUND")
    problem(other.get(f"/media/{generation}_0"), 404, "NOT_FOUND")
    assert mine.get(f"/media/{generation}_0").json()["status"] == "pending"
    assert mine.get(f"/users/{user}").json() == {"user_id": user, "avatar": None}


WISH = {"filename": "once.png", "content_type": "image/png"}


@pytest.mark.parametrize(
    "home", ["/albums/{album}/media/upload", "/users/{word}/avatar/upload", "/generations/{word}/media"]
)
def test_an_idempotency_key_repeats_the_first_answer(api: Sluice, album: str, ledgers: Ledgers, home: str) -> None:
    path = home.format(album=album, word=f"once-{uuid.uuid4()}")
    body = {"count": 2, "content_type": "image/png"} if "generations" in path else WISH
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first, second = (api.post(path, body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert api.post(path, body).json() != first.json()
    problem(api.post(path, body | {"content_type": "image/webp"}, headers=headers), 422, "IDEMPOTENCY_KEY_REUSED")
    problem(api.post(path, body, headers={"Idempotency-Key": "a b"}), 422, "VALIDATION_FAILED")
    tickets = first.json().get("media", [first.json()])
    ids = [ticket["file_id"] for ticket in tickets]
    assert ledgers.value("SELECT count(*) FROM files WHERE id = ANY (%s::uuid[])", ids) == len(tickets)
    if "generations" in path:  # the repeat has used up no place
        assert api.post(path, {"count": 1}).json()["media"][0]["media_id"].endswith("_4")
    assert send(tickets[0] | {"method": "PUT"}, png(30, 20)).ok
    settled(api, tickets[0]["media_id"])


def test_an_idempotency_key_is_for_one_album(api: Sluice, album: str) -> None:
    """The same body, another path: another request."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    assert api.post(f"/albums/{album}/media/upload", WISH, headers=headers).status_code == 201
    other = api.post(f"/albums/{make_album(api)}/media/upload", WISH, headers=headers)
    problem(other, 422, "IDEMPOTENCY_KEY_REUSED")
    unknown = {"Idempotency-Key": str(uuid.uuid4())}
    problem(api.post(f"/albums/{uuid.uuid4()}/media/upload", WISH, headers=unknown), 404, "ALBUM_NOT_FOUND")
    assert api.post(f"/albums/{album}/media/upload", WISH, headers=unknown).status_code == 201  # an error is no answer


def test_many_at_once_with_one_idempotency_key_make_one_medium(api: Sluice, album: str) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}

    def once(_: int) -> Any:
        return Sluice(api.api_url).post(f"/albums/{album}/media/upload", WISH, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(once, range(8)))
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.json()["media_id"] for reply in replies}) == 1
    assert len(api.get(f"/albums/{album}/media").json()["media"]) == 1


def test_scopes(caller: Callable[..., Sluice]) -> None:
    reader = caller("scoped", "read")
    problem(reader.post("/albums", {"title": "x"}), 403, "FORBIDDEN")
    assert reader.get("/albums").status_code == 200


def test_the_ticket_is_that_of_the_contract(api: Sluice, album: str) -> None:
    ticket = ask(api, album, "photo.jpg", mime_type="image/jpeg", size=5)
    assert set(ticket) >= {"media_id", "status", "method", "upload_url", "headers", "object_key", "expires_at"}
    assert (ticket["status"], ticket["method"]) == ("pending", "PUT")
    assert ticket["headers"]["Content-Type"] == "image/jpeg"
    assert ticket["object_key"] == f"albums/{album}/media/{ticket['media_id']}-photo.jpg"


@pytest.mark.parametrize("filename", HOSTILE_NAMES)
def test_hostile_names_upload_all_the_same(api: Sluice, album: str, ledgers: Ledgers, filename: str) -> None:
    data = jpeg(40, 30)
    ticket = ask(api, album, filename, content_type="image/jpeg")
    assert ticket["object_key"].startswith(f"albums/{album}/media/{ticket['media_id']}-")
    assert send(ticket, data).status_code == 200
    assert ticket["object_key"] in ledgers.keys(f"albums/{album}/media/")
    assert settled(api, ticket["media_id"])["size"] == len(data)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"filename": "a.pdf", "content_type": "application/pdf"}, 415, "UNSUPPORTED_TYPE"),
        ({"filename": "a.svg", "mime_type": "image/svg+xml"}, 415, "UNSUPPORTED_TYPE"),
        ({"filename": "a", "content_type": "image/jpegx"}, 415, "UNSUPPORTED_TYPE"),
        ({"filename": "noextension"}, 415, "UNSUPPORTED_TYPE"),
        ({"filename": "a.jpg", "size": 3 * 1024 * 1024}, 413, "FILE_TOO_LARGE"),
        ({"filename": "a.jpg", "size": 2**63 - 1}, 413, "FILE_TOO_LARGE"),
        ({"filename": "a.jpg", "size": 0}, 422, "VALIDATION_FAILED"),
        ({"filename": "a\nb.jpg"}, 422, "VALIDATION_FAILED"),
        ({"content_type": "image/jpeg"}, 422, "VALIDATION_FAILED"),
    ],
)
def test_what_albums_do_not_take(caller: Callable[..., Sluice], fields: Any, status: int, code: str) -> None:
    api = caller("picky")
    problem(api.post(f"/albums/{make_album(api)}/media/upload", fields), status, code)


def test_album_media_are_listed_newest_first_by_cursor(api: Sluice, album: str) -> None:
    made = [ask(api, album, f"{number}.jpg")["media_id"] for number in range(5)]
    ask(api, make_album(api), "elsewhere.jpg")
    seen, cursor = [], ""
    for _ in range(5):
        page = api.get(f"/albums/{album}/media?limit=2{cursor}").json()
        seen += [medium["media_id"] for medium in page["media"]]
        assert all(medium["album_id"] == album for medium in page["media"])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]


def test_media_are_files_too(api: Sluice, album: str) -> None:
    data = jpeg(64, 48)
    medium = upload(api, album, data)
    record = api.record(medium["media_id"])
    assert (record["kind"], record["status"]) == ("media", "SYNCED")
    listed = api.get("/files?kind=media&limit=200").json()["files"]
    assert medium["media_id"] in [one["file_id"] for one in listed]
    problem(api.get(f"/media/{api.presign()['file_id']}"), 404, "NOT_FOUND")


def test_retry_of_a_pending_medium_signs_it_anew(api: Sluice, album: str) -> None:
    ticket = ask(api, album, content_type="image/jpeg")
    reply = api.post(f"/media/{ticket['media_id']}/retry")
    assert reply.status_code == 200, reply.text
    fresh = reply.json()
    assert (fresh["media_id"], fresh["status"], fresh["method"]) == (ticket["media_id"], "pending", "PUT")
    assert fresh["object_key"] == ticket["object_key"]
    assert send(fresh, jpeg(20, 10)).status_code == 200
    settled(api, ticket["media_id"])
    problem(api.post(f"/media/{ticket['media_id']}/retry"), 409, "CONFLICT")


def test_generated_images_have_ids_of_their_own(api: Sluice, ledgers: Ledgers) -> None:
    generation = f"gen_{uuid.uuid4()}"
    first = api.post(f"/generations/{generation}/media", {"count": 2, "content_type": "image/jpeg"}).json()["media"]
    second = api.post(f"/generations/{generation}/media", {"count": 1}).json()["media"]
    tickets = first + second
    assert [ticket["media_id"] for ticket in tickets] == [f"{generation}_{index}" for index in range(3)]
    for index, ticket in enumerate(tickets):
        assert ticket["object_key"].startswith(f"generated/{generation}/")
        assert ticket["object_key"].endswith(f"_{index}.jpg")
        assert send(ticket, jpeg(30 + index, 20)).status_code == 200
        assert settled(api, ticket["media_id"])["generation_id"] == generation
    assert api.request("DELETE", f"/media/{generation}_1").status_code == 204
    problem(api.get(f"/media/{generation}_1"), 404, "NOT_FOUND")
    assert tickets[1]["object_key"] not in ledgers.keys(f"generated/{generation}/")


@pytest.mark.parametrize("word", ["a%2fb", "a%20b", "x" * 129, "%c3%a4"])
def test_words_that_cannot_be_in_a_key(api: Sluice, word: str) -> None:
    body = {"filename": "me.png", "content_type": "image/png"}
    problem(api.post(f"/users/{word}/avatar/upload", body), 422, "VALIDATION_FAILED")
    problem(api.post(f"/generations/{word}/media", {}), 422, "VALIDATION_FAILED")


def test_objects_of_other_programs_are_adopted(api: Sluice, album: str, ledgers: Ledgers) -> None:
    """Put with credentials of their own; the store's event (two of each, by two targets) makes the record, once."""
    user, generation = f"u{uuid.uuid4()}", f"g{uuid.uuid4()}"
    api.post(f"/users/{user}/avatar/upload", {"filename": "x.png"})
    api.post(f"/generations/{generation}/media", {"count": 1})
    keys = {
        f"albums/{album}/media/Größe 1+2.jpg": "media",
        f"users/{user}/avatar/me.jpg": "avatar",
        f"generated/{generation}/image_7.jpg": "generated",
    }
    for key in keys:
        ledgers.s3.put_object(Bucket=ledgers.bucket, Key=key, Body=jpeg(80, 60))
    query = "SELECT id, kind, owner_id, filename FROM files WHERE object_key = %s AND status = 'SYNCED'"
    for key, kind in keys.items():
        rows = eventually(partial(ledgers.rows, query, key), f"{key} adopted")
        assert rows[0][1:] == (kind, "dev", key.rsplit("/", 1)[1])
        topics = ledgers.rows("SELECT topic FROM outbox WHERE file_id = %s ORDER BY id", rows[0][0])
        assert topics == [("file.uploaded",), ("file.synced",)]
    assert api.get(f"/media/{generation}_7").json()["status"] == "uploaded"
    following = api.post(f"/generations/{generation}/media", {}).json()["media"]
    assert following[0]["media_id"] == f"{generation}_8"


def test_adoption_happens_once_whatever_comes(api: Sluice, album: str, ledgers: Ledgers) -> None:
    key = f"albums/{album}/media/{uuid.uuid4()}.jpg"
    for _ in range(3):
        ledgers.s3.put_object(Bucket=ledgers.bucket, Key=key, Body=jpeg(33, 22))
    eventually(lambda: ledgers.rows("SELECT 1 FROM files WHERE object_key = %s AND status = 'SYNCED'", key), "adopted")
    assert ledgers.value("SELECT count(*) FROM files WHERE object_key = %s", key) == 1
    ledgers.s3.delete_object(Bucket=ledgers.bucket, Key=key)
    query = "SELECT count(*) FROM files WHERE object_key = %s"
    eventually(lambda: ledgers.value(query, key) == 0, "its removal is followed")


def test_strangers_without_a_home_are_dead_events(ledgers: Ledgers) -> None:
    keys = [
        f"albums/{uuid.uuid4()}/media/a.jpg", f"users/nobody-{uuid.uuid4()}/avatar/a.jpg",
        f"generated/nobody-{uuid.uuid4()}/a_1.jpg", f"albums/{uuid.uuid4()}/elsewhere.jpg",
    ]  # fmt: skip
    for key in keys:
        ledgers.s3.put_object(Bucket=ledgers.bucket, Key=key, Body=b"x")
    query = "SELECT reason FROM dead_events WHERE position(%s::bytea IN raw) > 0"
    for key in keys:
        rows = eventually(partial(ledgers.rows, query, _in_event(key)), key)
        assert "no record" in rows[0][0]
        assert not ledgers.rows("SELECT 1 FROM files WHERE object_key = %s", key)


def _in_event(key: str) -> bytes:
    return key.rsplit("/", 2)[1].encode() if key.endswith("elsewhere.jpg") else key.split("/")[1].encode()


def test_a_picture_that_is_none_fails_with_its_code(api: Sluice, album: str) -> None:
    ticket = ask(api, album, "not.jpg", content_type="image/jpeg")
    assert send(ticket, b"%PDF-1.4 this is no picture" * 20).status_code == 200
    medium = settled(api, ticket["media_id"], "failed")
    assert medium["error"]["code"] == "TYPE_MISMATCH"
