"""What the admin pages show, and to whom."""

import re
import uuid
from collections.abc import Callable

import pytest
from admin_client import AdminBrowser, text_of
from event_stream import EventStream
from ledgers import Ledgers, make_key
from media_client import ask, make_album, settled, upload
from pictures import bytes_of, scene
from sluice_client import Sluice, eventually, send

from devstack.stack import Stack

HOSTILE = "\"><img src=x onerror=alert(1)> & 'friends' {{title}}"


@pytest.fixture
def person(locked_stack: Stack) -> Callable[..., tuple[Sluice, AdminBrowser]]:
    """An owner as a program and in a browser."""

    def make(owner: str | None = None) -> tuple[Sluice, AdminBrowser]:
        key = make_key(locked_stack, owner or f"person-{uuid.uuid4()}", "upload,read,admin")
        browser = AdminBrowser(locked_stack.api.url)
        assert browser.log_in(key).status_code == 303
        return Sluice(locked_stack.api.url, key), browser

    return make


Person = Callable[..., tuple[Sluice, AdminBrowser]]


def fail_a_photo(api: Sluice, album_id: str, name: str = "broken.jpg") -> str:
    ticket = ask(api, album_id, name, content_type="image/jpeg")
    assert send(ticket, b"no picture at all").status_code == 200
    settled(api, ticket["media_id"], "failed")
    return str(ticket["media_id"])


def test_albums_are_made_and_listed(person: Person) -> None:
    _, browser = person()
    assert "There is no album yet" in browser.get("/admin").text
    titles = [f"album {number}" for number in range(3)]
    ids = [browser.make_album(title) for title in titles]
    page = browser.get("/admin?limit=2")
    assert re.findall(r'href="/admin/albums/([^"]+)"', page.text) == ids[:0:-1]
    older = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert older
    last = browser.get(older[1].replace("&amp;", "&"))
    assert re.findall(r'href="/admin/albums/([^"]+)"', last.text) == ids[:1]
    assert 'rel="next"' not in last.text


def test_an_album_shows_its_photos(person: Person) -> None:
    api, browser = person()
    album_id = make_album(api)
    upload(api, album_id, bytes_of(scene(640, 480), "JPEG"), "beach.jpg", content_type="image/jpeg")
    page = browser.get(f"/admin/albums/{album_id}").text
    thumbnail = re.search(r'<img src="([^"]+)" alt="beach.jpg" width="480" height="360"', page)
    assert thumbnail
    picture = Sluice(thumbnail[1].replace("&amp;", "&")).get("")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/webp")
    assert "640 × 480" in text_of(page)
    assert "1 photo" in text_of(browser.get("/admin").text)


def test_hostile_titles_and_names_are_only_shown(person: Person) -> None:
    api, browser = person()
    album_id = browser.make_album(HOSTILE)
    fail_a_photo(api, album_id, HOSTILE + ".jpg")
    for path in ("/admin", f"/admin/albums/{album_id}", "/admin/operations"):
        page = browser.get(path).text
        assert "<img src=x" not in page, path
        assert HOSTILE in text_of(page), path


def test_another_owners_album_is_not_found(person: Person) -> None:
    (_, mine), (api, theirs) = person(), person()
    album_id = theirs.make_album("secret title")
    fail_a_photo(api, album_id, "secret name.jpg")
    page = mine.get(f"/admin/albums/{album_id}")
    assert page.status_code == 404
    assert "secret" not in page.text
    assert "secret" not in mine.get("/admin").text
    assert "secret" not in mine.get("/admin/operations").text
    assert mine.get("/admin/albums/nonsense").status_code == 404


def test_failures_are_shown_and_tried_again(person: Person) -> None:
    api, browser = person()
    other = person()[1]
    media_id = fail_a_photo(api, make_album(api))
    page = browser.get("/admin/operations").text
    assert "broken.jpg" in page
    assert api.get(f"/media/{media_id}").json()["error"]["code"] in page
    assert other.submit("/admin/operations/retry", {"file_id": media_id}).status_code == 409
    assert browser.submit("/admin/operations/retry", {"file_id": media_id}).status_code == 303
    settled(api, media_id, "failed")
    assert browser.submit("/admin/operations/retry", {}).status_code == 303
    settled(api, media_id, "failed")
    assert browser.submit("/admin/operations/retry", {"file_id": str(uuid.uuid4())}).status_code == 409
    assert browser.submit("/admin/operations/retry", {"file_id": "x"}).status_code == 404


def test_dead_events_are_shown_and_replayed(person: Person, locked_ledgers: Ledgers) -> None:
    _, browser = person()
    word = uuid.uuid4().hex
    add = "INSERT INTO dead_events (raw, reason) VALUES (%s, %s) RETURNING id"
    event_id = locked_ledgers.value(add, f"no event {word}".encode(), "<b>made by a test</b>")
    page = browser.get("/admin/operations").text
    assert "&lt;b&gt;made by a test&lt;/b&gt;" in page
    assert word not in page, "what is in events is not shown: they may be of another owner"
    assert browser.submit("/admin/operations/replay", {"event_id": str(event_id)}).status_code == 303
    eventually(lambda: locked_ledgers.dead_events(word.encode(), event_id), "it dies again, as another one")
    assert browser.submit("/admin/operations/replay", {"event_id": str(event_id)}).status_code == 404
    assert browser.submit("/admin/operations/replay", {}).status_code == 303


def test_operations_tell_how_it_stands(person: Person, locked_stack: Stack) -> None:
    api, browser = person()
    api.upload(b"x" * 2048)
    text = text_of(browser.get("/admin/operations").text)
    assert re.search(r"In work \d+ [1-9]\d* alive", text)
    assert "Storage 2.0 KiB 1 file of" in text
    assert re.search(r"Cache \d+\.\d [KM]iB", text)
    part = browser.get("/admin/operations", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Throughput" in part


def test_without_redis_the_page_says_so(person: Person, locked_stack: Stack) -> None:
    _, browser = person()
    locked_stack.services["redis"].stop()
    try:
        page = browser.get("/admin/operations")
        assert page.status_code == 200
        assert "Events and workers: Redis is not available" in page.text
    finally:
        locked_stack.services["redis"].start()


def test_news_are_told_live(person: Person) -> None:
    api, browser = person()
    cookie = f"sluice_admin={browser.http.cookies['sluice_admin']}"
    with EventStream(browser.api_url + "/admin/operations/events", {"Cookie": cookie}) as stream:
        ticket = api.presign()
        assert send(ticket, b"x").ok
        api.confirm(ticket["file_id"], 1)
        event = stream.next()
        assert (event.name, event.data) == ("status", {})
    stranger = AdminBrowser(browser.api_url)
    assert stranger.get("/admin/operations/events", headers={"Accept": "text/event-stream"}).status_code == 401
