"""Pictures of every format through an album: variants of the right size, turned the right way, in the right colours."""

import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
from ledgers import Ledgers
from media_client import ask, make_album, settled, upload
from picture_files import CORNERS, SAMPLES, jpeg, noise, oriented, png
from PIL import Image
from sluice_client import Record, Sluice, eventually, problem, send

from devstack.stack import Stack

CUT = "the picture ends too early"
SIDES = {"small": 240, "medium": 480, "large": 960, "display": 2048}


@pytest.fixture(scope="module")
def album(stack: Stack) -> str:
    return make_album(Sluice(stack.api.url))


def variant_picture(api: Sluice, medium: Record, name: str) -> Image.Image:
    reply = api.get(f"/files/{medium['file_id']}/variants/{name}?proxy=1")
    assert reply.status_code == 200, reply.text
    return Image.open(io.BytesIO(reply.content))


def lines_about(stack: Stack, file_id: str) -> dict[str, Any]:
    """The processor's last line of each event on a file that is settled."""

    def found() -> dict[str, Any]:
        lines = [json.loads(line) for line in stack.processor.log_path.read_text().splitlines() if file_id in line]
        return {line["event"]: line for line in lines}

    eventually(lambda: {"file_synced", "file_failed"} & found().keys(), "the line on the file's end")
    return found()


def check_variants(api: Sluice, medium: Record, width: int, height: int) -> None:
    """Every variant is there, fits, is never enlarged, and is what its record says."""
    assert (medium["width"], medium["height"]) == (width, height)
    assert {variant["name"] for variant in medium["variants"]} == set(SIDES)
    for variant in medium["variants"]:
        scale = min(1.0, SIDES[variant["name"]] / max(width, height))
        picture = variant_picture(api, medium, variant["name"])
        assert picture.format == "WEBP"
        assert picture.size == (variant["width"], variant["height"])
        assert abs(variant["width"] - max(1, width * scale)) <= 0.5 + 1e-6
        assert abs(variant["height"] - max(1, height * scale)) <= 0.5 + 1e-6


def check_corners(picture: Image.Image, tolerance: int = 24) -> None:
    """The four fields are where they were, in their colours."""
    shown = picture.convert("RGB")
    width, height = shown.size
    for (x, y), expected in CORNERS.items():
        found = shown.getpixel((int(width * x), int(height * y)))
        assert isinstance(found, tuple)
        assert all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True)), (x, y, found, expected)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_format(api: Sluice, album: str, name: str) -> None:
    sample = SAMPLES[name]
    medium = upload(api, album, sample.data, f"photo.{sample.extension}", content_type=sample.content_type)
    assert medium["detected_type"] == sample.content_type
    check_variants(api, medium, 640, 400)
    check_corners(variant_picture(api, medium, "medium"), sample.tolerance)
    assert medium["thumbhash"]


@pytest.mark.parametrize("orientation", range(10))
def test_orientations_are_applied(api: Sluice, album: str, orientation: int) -> None:
    """0 and 9 mean nothing, as if there were none."""
    medium = upload(api, album, oriented(orientation, 600, 400))
    turned = 5 <= orientation <= 8
    check_variants(api, medium, *((400, 600) if turned else (600, 400)))
    picture = variant_picture(api, medium, "small")
    source = Image.open(io.BytesIO(oriented(orientation, 600, 400)))
    wanted = _upright(source, orientation).resize(picture.size)
    for x, y in CORNERS:
        place = (int(picture.size[0] * x), int(picture.size[1] * y))
        found, expected = picture.convert("RGB").getpixel(place), wanted.convert("RGB").getpixel(place)
        assert isinstance(found, tuple)
        assert isinstance(expected, tuple)
        assert all(abs(a - b) <= 24 for a, b in zip(found, expected, strict=True)), (place, found, expected)


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }  # fmt: skip
    return picture.transpose(turns[orientation]) if orientation in turns else picture


def test_large_pictures_are_shrunk_and_small_ones_kept(api: Sluice, album: str) -> None:
    check_variants(api, upload(api, album, jpeg(3000, 1500)), 3000, 1500)
    check_variants(api, upload(api, album, jpeg(3, 2)), 3, 2)
    check_variants(api, upload(api, album, jpeg(1, 900)), 1, 900)


def test_a_plain_file_that_is_a_picture_has_variants_too(api: Sluice) -> None:
    record = api.upload(jpeg(500, 300), "photo.jpg", content_type="image/jpeg")
    check_variants(api, record, 500, 300)


def test_a_plain_file_that_only_looks_like_one_is_a_good_file(stack: Stack, api: Sluice) -> None:
    broken = jpeg(500, 300)[:300] + b"\0" * 50
    record = api.upload(broken, "broken.jpg")
    assert (record["variants"], record["width"]) == ([], None)
    assert record["error"] == {"code": "DECODE_FAILED", "message": CUT}
    lines = lines_about(stack, record["file_id"])
    assert "remature end" in lines["picture_not_decoded"]["library"]  # libjpeg's own words are for operators
    assert lines["file_synced"]["us"] >= lines["file_synced"]["picture_us"] > 0


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (jpeg(500, 300)[:300], "image/jpeg", "DECODE_FAILED"),
        (png(500, 300)[:60], "image/png", "DECODE_FAILED"),
        (b"%PDF-1.4 this is no picture" * 20, "image/jpeg", "TYPE_MISMATCH"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/heic", "TYPE_MISMATCH"),
    ],
)
def test_a_medium_that_cannot_be_decoded_fails_with_its_code(
    api: Sluice, album: str, ledgers: Ledgers, data: bytes, content_type: str, code: str
) -> None:
    ticket = ask(api, album, "broken.jpg", content_type=content_type)
    assert send(ticket, data).status_code == 200
    medium = settled(api, ticket["media_id"], "failed")
    assert medium["error"]["code"] == code
    assert (medium["error"]["message"] == CUT) is (code == "DECODE_FAILED")
    assert not ledgers.keys(f"thumbnails/{ticket['media_id']}/")
    assert api.post(f"/media/{ticket['media_id']}/retry").json()["status"] == "pending"
    assert settled(api, ticket["media_id"], "failed")["error"]["code"] == code


def test_a_large_picture_waits_in_a_file(api: Sluice, album: str) -> None:
    """Beyond SLUICE_SPOOL_MEMORY_BYTES (16 MiB)."""
    data = noise(3000, 2200)
    assert len(data) > 17 << 20
    check_variants(api, upload(api, album, data, "noise.png", content_type="image/png"), 3000, 2200)


def test_what_was_found_comes_with_the_status(api: Sluice, album: str, ledgers: Ledgers) -> None:
    medium = upload(api, album, oriented(6, 600, 400))
    assert medium["metadata"]["orientation"] == 6
    rows = ledgers.rows("SELECT name, object_key, content_type FROM variants WHERE file_id = %s", medium["media_id"])
    assert sorted(rows) == [
        (name, f"thumbnails/{medium['media_id']}/{name}.webp", "image/webp") for name in sorted(SIDES)
    ]
    assert ledgers.keys(f"thumbnails/{medium['media_id']}/") == {row[1] for row in rows}


def test_variants_make_no_events(api: Sluice, album: str, ledgers: Ledgers) -> None:
    dead = "SELECT count(*) FROM dead_events WHERE position('thumbnails'::bytea IN raw) > 0"
    before = ledgers.value(dead)
    medium = upload(api, album, jpeg(320, 200))
    upload(api, album, jpeg(330, 210))
    assert ledgers.value(dead) == before
    assert ledgers.value("SELECT count(*) FROM files WHERE object_key LIKE 'thumbnails/%%'") == 0
    topics = ledgers.rows("SELECT topic FROM outbox WHERE file_id = %s ORDER BY id", medium["media_id"])
    assert topics == [("file.uploaded",), ("file.synced",)]


def test_a_variant_by_redirect_and_by_proxy(api: Sluice, album: str) -> None:
    medium = upload(api, album, jpeg(640, 480))
    path = f"/files/{medium['media_id']}/variants/small"
    reply = api.get(path)
    assert reply.status_code == 302
    session = requests.Session()
    session.trust_env = False
    direct = session.get(reply.headers["Location"], timeout=30)
    assert (direct.status_code, direct.headers["Content-Type"]) == (200, "image/webp")
    assert "max-age" in direct.headers["Cache-Control"]
    through = api.get(f"{path}?proxy=1")
    assert (through.status_code, through.content) == (200, direct.content)
    assert through.headers["Content-Type"] == "image/webp"
    assert through.headers["X-Content-Type-Options"] == "nosniff"
    head = api.request("HEAD", f"{path}?proxy=1")
    assert (head.status_code, int(head.headers["Content-Length"])) == (200, len(direct.content))
    listed = next(variant for variant in medium["variants"] if variant["name"] == "small")
    assert session.get(listed["url"], timeout=30).content == direct.content
    problem(api.get(f"/files/{medium['media_id']}/variants/none"), 404, "NOT_FOUND")
    problem(api.get(f"/files/{ask(api, album)['media_id']}/variants/small"), 409, "CONFLICT")


@pytest.mark.parametrize("path", ["files", "media"])
def test_delete_leaves_nothing(api: Sluice, album: str, ledgers: Ledgers, path: str) -> None:
    medium = upload(api, album, jpeg(640, 480))
    assert len(ledgers.keys(f"thumbnails/{medium['media_id']}/")) == 4
    assert api.request("DELETE", f"/{path}/{medium['media_id']}").status_code == 204
    assert not ledgers.keys(f"thumbnails/{medium['media_id']}/")
    assert not ledgers.keys(medium["object_key"])
    assert ledgers.value("SELECT count(*) FROM variants WHERE file_id = %s", medium["media_id"]) == 0


def test_an_object_that_goes_takes_its_variants_along(api: Sluice, album: str, ledgers: Ledgers) -> None:
    medium = upload(api, album, jpeg(640, 480))
    ledgers.s3.delete_object(Bucket=ledgers.bucket, Key=medium["object_key"])
    eventually(lambda: api.get(f"/media/{medium['media_id']}").status_code == 404, "the removal is followed")
    assert not ledgers.keys(f"thumbnails/{medium['media_id']}/")


def test_delete_while_it_is_processed_leaves_nothing(api: Sluice, album: str, ledgers: Ledgers) -> None:
    """The worker is somewhere between the object and its commit; whatever it made goes, too."""
    gone = []
    for number in range(6):
        ticket = ask(api, album)
        assert send(ticket, jpeg(1200 + number, 900)).status_code == 200
        eventually(lambda: ledgers.keys(f"thumbnails/{ticket['media_id']}/"), "a variant")  # noqa: B023
        assert api.request("DELETE", f"/media/{ticket['media_id']}").status_code == 204
        gone.append(ticket["media_id"])
    upload(api, album, jpeg(100, 100))
    for media_id in gone:
        eventually(lambda: not ledgers.keys(f"thumbnails/{media_id}/"), "no variant left")  # noqa: B023


def test_delete_of_an_album_takes_everything_with_it(api: Sluice, ledgers: Ledgers) -> None:
    album = make_album(api)
    done = [upload(api, album, jpeg(300 + number, 200)) for number in range(3)]
    pending = ask(api, album)
    kept = upload(api, make_album(api), jpeg(310, 210))
    assert ledgers.keys(f"thumbnails/{done[0]['media_id']}/")
    assert api.request("DELETE", f"/albums/{album}").status_code == 204
    problem(api.get(f"/albums/{album}"), 404, "ALBUM_NOT_FOUND")
    for media_id in [medium["media_id"] for medium in done] + [pending["media_id"]]:
        problem(api.get(f"/media/{media_id}"), 404, "NOT_FOUND")
        assert not ledgers.keys(f"thumbnails/{media_id}/")
    assert not ledgers.keys(f"albums/{album}/")
    assert api.get(f"/media/{kept['media_id']}").json()["status"] == "uploaded"
    problem(api.request("DELETE", f"/albums/{album}"), 404, "ALBUM_NOT_FOUND")


def test_the_newest_avatar_counts(api: Sluice) -> None:
    user = f"user.{uuid.uuid4()}"
    problem(api.get(f"/users/{user}"), 404, "NOT_FOUND")
    made = []
    for size in (50, 60):
        body = {"filename": "me.png", "content_type": "image/png"}
        ticket = api.post(f"/users/{user}/avatar/upload", body).json()
        assert ticket["object_key"] == f"users/{user}/avatar/{ticket['media_id']}-me.png"
        assert send(ticket, png(size, size)).status_code == 200
        settled(api, ticket["media_id"])
        reply = api.get(f"/users/{user}").json()
        assert reply["avatar"]["media_id"] == ticket["media_id"]
        assert {variant["name"] for variant in reply["avatar"]["variants"]} == set(SIDES)
        made.append(ticket["media_id"])
    assert api.request("DELETE", f"/media/{made[1]}").status_code == 204
    assert api.get(f"/users/{user}").json()["avatar"] is None


def test_generated_images_have_variants_under_their_id(api: Sluice, ledgers: Ledgers) -> None:
    generation = f"gen-{uuid.uuid4()}"
    ticket = api.post(f"/generations/{generation}/media", {"content_type": "image/png"}).json()["media"][0]
    assert send(ticket, png(300, 200)).status_code == 200
    settled(api, f"{generation}_0")
    assert f"thumbnails/{generation}_0/small.webp" in ledgers.keys(f"thumbnails/{generation}_0/")
    assert api.request("DELETE", f"/media/{generation}_0").status_code == 204
    assert not ledgers.keys(f"thumbnails/{generation}_0/")


def test_what_is_adopted_must_be_a_picture_too(api: Sluice, album: str, ledgers: Ledgers) -> None:
    key = f"albums/{album}/media/notes-{uuid.uuid4()}.txt"
    ledgers.s3.put_object(Bucket=ledgers.bucket, Key=key, Body=b"just a text\n")
    query = "SELECT error_code FROM files WHERE object_key = %s AND status = 'FAILED'"
    assert eventually(lambda: ledgers.rows(query, key), "failed") == [("UNSUPPORTED_TYPE",)]


def test_media_that_are_larger_than_allowed_fail(caller: Callable[..., Sluice]) -> None:
    """No size was declared; the store took it."""
    api, data = caller("large-media"), noise(1200, 1000)
    ticket = ask(api, make_album(api), "noise.png", content_type="image/png")
    assert send(ticket, data).status_code == 200
    assert settled(api, ticket["media_id"], "failed")["error"]["code"] == "FILE_TOO_LARGE"
