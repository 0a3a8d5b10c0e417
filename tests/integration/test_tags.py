"""Tags: pictures and labels go to a service with Immich's interface (ml_service.py), which may fail."""

import io
import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from ledgers import Ledgers
from media_client import make_album, upload
from ml_service import MODEL, MlService
from picture_files import encoded
from PIL import Image
from sluice_client import Record, Sluice, eventually, problem

from devstack.stack import Stack
from devstack.testing import run_stack

LABELS = "red, green,blue,, yellow,red,something else"


@pytest.fixture(scope="module")
def ml() -> MlService:
    return MlService()


@pytest.fixture(scope="module")
def tagging(ml: MlService) -> Iterator[Stack]:
    """A stack that tags, with short waits."""
    yield from run_stack(
        "tags",
        SLUICE_ML_URL=ml.url + "/",
        SLUICE_ML_LABELS=LABELS,
        SLUICE_ML_TAGS="3",
        SLUICE_ML_SCORE="500",
        SLUICE_ML_TIMEOUT_S="5",
        SLUICE_MAX_ATTEMPTS="3",
        SLUICE_RETRY_BASE_MS="50",
        SLUICE_RETRY_MAX_MS="100",
        SLUICE_POLL_MS="100",
        SLUICE_LOG_FORMAT="json",
    )


@pytest.fixture
def client(tagging: Stack) -> Sluice:
    return Sluice(tagging.api.url)


@pytest.fixture(scope="module")
def books(tagging: Stack) -> Ledgers:
    return Ledgers(tagging)


def plain(colour: tuple[int, int, int], width: int = 640, height: int = 400) -> bytes:
    return encoded(Image.new("RGB", (width, height), colour), "JPEG", quality=95)


def tagged(client: Sluice, medium: Record) -> list[dict[str, Any]]:
    """The tags of a medium, once it has some."""

    def tags() -> list[dict[str, Any]]:
        return list(client.get(f"/media/{medium['media_id']}").json()["tags"])

    return eventually(tags, "tags")


def status(stack: Stack) -> dict[str, Any]:
    return dict(json.loads(stack.cli.run("tags", "status", "--json").stdout))


def trouble(stack: Stack, medium: Record) -> dict[str, Any] | None:
    found = [one for one in status(stack)["troubles"] if one["file_id"] == medium["file_id"]]
    return found[0] if found else None


def test_a_picture_gets_the_closest_labels(client: Sluice, ml: MlService, books: Ledgers) -> None:
    with ml.running():
        medium = upload(client, make_album(client), plain((250, 10, 10)))
        tags = tagged(client, medium)
    assert [tag["name"] for tag in tags] == ["red", "yellow"]  # green, blue and what names no colour are too far away
    assert tags[0]["score"] == pytest.approx(1.0, abs=0.01)
    assert tags[1]["score"] == pytest.approx(0.5**0.5, abs=0.05)
    assert books.value("SELECT model FROM file_tags WHERE file_id = %s LIMIT 1", medium["file_id"]) == MODEL
    vector = books.value("SELECT embedding FROM file_embeddings WHERE file_id = %s", medium["file_id"])
    assert sum(number * number for number in vector) == pytest.approx(1.0, abs=1e-5)
    assert books.value("SELECT count(*) FROM tag_jobs WHERE file_id = %s", medium["file_id"]) == 0


def test_the_display_version_is_sent_never_the_original(client: Sluice, ml: MlService, books: Ledgers) -> None:
    original = plain((10, 20, 240), 2600, 1800)
    with ml.running():
        medium = upload(client, make_album(client), original)
        assert tagged(client, medium)[0]["name"] == "blue"
    display = books.s3.get_object(Bucket=books.bucket, Key=f"thumbnails/{medium['media_id']}/display.webp")
    assert ml.images()[-1] == display["Body"].read()
    assert Image.open(io.BytesIO(ml.images()[-1])).format == "WEBP"


def test_each_label_is_asked_for_once(client: Sluice, ml: MlService) -> None:
    with ml.running():
        for colour in ((10, 250, 10), (240, 240, 10)):
            tagged(client, upload(client, make_album(client), plain(colour)))
    sentences = {
        "a photo of red",
        "a photo of green",
        "a photo of blue",
        "a photo of yellow",
        "a photo of something else",
    }
    assert set(ml.texts()) == sentences
    assert len(ml.texts()) == len(sentences)


def test_tags_come_later_when_the_service_is_down(tagging: Stack, client: Sluice, ml: MlService) -> None:
    medium = upload(client, make_album(client), plain((250, 10, 10)))
    assert medium["status"] == "uploaded"
    assert medium["tags"] == []
    found = eventually(lambda: trouble(tagging, medium), "its trouble")
    assert (found["code"], found["failed"], found["attempts"]) == ("ML_UNAVAILABLE", False, 0)
    with ml.running():
        assert tagged(client, medium)[0]["name"] == "red"


@pytest.mark.parametrize(
    "fault,code,says",
    [
        ("hang", "ML_UNAVAILABLE", ""),
        ("garbage", "ML_BAD_REPLY", "vector"),
        ("number", "ML_BAD_REPLY", "vector"),
        ("dimension", "ML_BAD_REPLY", "the picture's vector has 5 numbers, the labels' have 4"),
        ("error", "ML_REFUSED", "500"),
    ],
)
def test_a_picture_that_the_service_fails_on_is_given_up_with_a_reason(
    tagging: Stack, client: Sluice, ml: MlService, fault: str, code: str, says: str
) -> None:
    """The service answers pings: it is up, and its trouble is with the picture. `tags rebuild` tries again."""
    with ml.faulty(fault):
        medium = upload(client, make_album(client), plain((10, 250, 10)))
        found = eventually(lambda: (one := trouble(tagging, medium)) and one["failed"] and one, "given up", 60)
    assert found["code"] == code
    assert says in found["message"]
    assert found["attempts"] == 3
    assert client.get(f"/media/{medium['media_id']}").json()["status"] == "uploaded"
    with ml.running():
        assert "queued" in tagging.cli.run("tags", "rebuild").stdout
        assert tagged(client, medium)[0]["name"] == "green"
    assert trouble(tagging, medium) is None


def test_rebuild_leaves_alone_what_has_its_vector_and_all_does_not(
    tagging: Stack, client: Sluice, ml: MlService, books: Ledgers
) -> None:
    with ml.running():
        medium = upload(client, make_album(client), plain((250, 10, 10)))
        tagged(client, medium)
        books.database.execute("DELETE FROM file_tags WHERE file_id = %s", [medium["file_id"]])
        tagging.cli.run("tags", "rebuild")
        assert books.value("SELECT count(*) FROM tag_jobs WHERE file_id = %s", medium["file_id"]) == 0
        pictures = len(ml.images())
        tagging.cli.run("tags", "rebuild", "--all")
        assert tagged(client, medium)[0]["name"] == "red"
        waiting = "SELECT count(*) FROM tag_jobs WHERE file_id = %s"
        eventually(lambda: books.value(waiting, medium["file_id"]) == 0, "tagged again")
        assert len(ml.images()) == pictures  # the vectors are there, only the labels are compared


def test_tags_go_with_their_file(client: Sluice, ml: MlService, books: Ledgers) -> None:
    with ml.running():
        medium = upload(client, make_album(client), plain((250, 10, 10)))
        tagged(client, medium)
    assert client.request("DELETE", f"/media/{medium['media_id']}").status_code < 300
    for table in ("file_tags", "file_embeddings", "tag_jobs"):
        assert books.value(f"SELECT count(*) FROM {table} WHERE file_id = %s", medium["file_id"]) == 0


def test_tags_are_announced(client: Sluice, ml: MlService, books: Ledgers) -> None:
    with ml.running():
        medium = upload(client, make_album(client), plain((250, 10, 10)))
        tagged(client, medium)
    topics = [
        row[0] for row in books.rows("SELECT topic FROM outbox WHERE file_id = %s ORDER BY id", medium["file_id"])
    ]
    assert topics[-1] == "file.tagged"


def plain_taken(colour: tuple[int, int, int], when: str) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = when
    exif.get_ifd(0x8769)[0x9011] = "+02:00"
    return encoded(Image.new("RGB", (320, 200), colour), "JPEG", exif=exif.tobytes())


def asset_of(client: Sluice, data: bytes) -> Record:
    """An asset that has its tags."""
    reply = client.request("POST", "/api/v1/assets", files={"file": ("photo.jpg", data)})
    assert reply.status_code == 200, reply.text
    task = client.get(f"/api/v1/tasks/{reply.json()['task_id']}?wait=30").json()
    assert task["status"] == "complete", task
    return eventually(
        lambda: (found := client.get(f"/api/v1/assets/{task['asset_id']}").json())["tags"] and found, "tags"
    )


def found(client: Sluice, query: str) -> list[str]:
    reply = client.get(f"/api/v1/assets?{query}")
    assert reply.status_code == 200, reply.text
    return [asset["asset_id"] for asset in reply.json()["assets"]]


@pytest.fixture(scope="module")
def colours(tagging: Stack, ml: MlService) -> dict[str, Record]:
    client = Sluice(tagging.api.url)
    with ml.running():
        return {
            "red": asset_of(client, plain_taken((251, 11, 11), "2024:05:01 01:30:00")),
            "blue": asset_of(client, plain_taken((11, 11, 251), "2024:05:02 12:00:00")),
            "purple": asset_of(client, plain_taken((251, 11, 251), "2025:01:01 12:00:00")),
        }


def test_assets_are_found_by_tag(client: Sluice, colours: dict[str, Record]) -> None:
    red, blue, purple = (colours[name]["asset_id"] for name in ("red", "blue", "purple"))
    assert found(client, "tag=red") == [purple, red]
    assert found(client, "tag=blue") == [purple, blue]
    assert found(client, "tag=blue&taken_before=2024-12-31T00:00:00Z") == [blue]
    assert found(client, f"tag=red&hash={colours['red']['sha256']}") == [red]
    assert found(client, "tag=Red") == []


def test_a_page_of_a_tag_goes_on_with_its_cursor(client: Sluice, colours: dict[str, Record]) -> None:
    page = client.get("/api/v1/assets?tag=red&limit=1").json()
    assert [asset["asset_id"] for asset in page["assets"]] == [colours["purple"]["asset_id"]]
    assert found(client, f"tag=red&limit=1&cursor={page['next_cursor']}") == [colours["red"]["asset_id"]]


def test_assets_are_found_by_time_and_hash(client: Sluice, colours: dict[str, Record]) -> None:
    red, blue, purple = (colours[name]["asset_id"] for name in ("red", "blue", "purple"))
    assert found(client, "taken_after=2024-05-02T00:00:00Z") == [purple, blue]
    assert found(client, "taken_after=2024-04-30T23:30:00Z&taken_before=2024-05-02T10:00:00Z") == [blue, red]
    assert found(client, "taken_before=2024-04-30T23:29:59Z") == []
    assert found(client, f"hash={colours['blue']['sha256'].upper()}") == [blue]
    assert found(client, f"hash={'0' * 64}") == []


def test_assets_are_found_by_a_text_closest_first(client: Sluice, ml: MlService, colours: dict[str, Record]) -> None:
    with ml.running():
        reply = client.get("/api/v1/assets?q=something+blue&limit=2").json()
        assert found(client, "q=green&tag=blue&limit=1") in (
            [[colours["blue"]["asset_id"]], [colours["purple"]["asset_id"]]]
        )
    assert [asset["asset_id"] for asset in reply["assets"]] == [
        colours["blue"]["asset_id"], colours["purple"]["asset_id"]
    ]  # fmt: skip
    assert reply["assets"][0]["score"] == pytest.approx(1.0, abs=0.01)
    assert reply["assets"][1]["score"] == pytest.approx(0.5**0.5, abs=0.05)
    assert reply["next_cursor"] is None


def test_a_search_by_text_needs_the_service(client: Sluice, api: Sluice, colours: dict[str, Record]) -> None:
    problem(client.get("/api/v1/assets?q=blue"), 503, "ML_UNAVAILABLE")
    problem(api.get("/api/v1/assets?q=blue"), 422, "VALIDATION_FAILED")


@pytest.mark.parametrize(
    "query",
    ["hash=abc", "taken_after=yesterday", "taken_before=2024", "tag=", "q=", "tag=" + "x" * 201, "limit=0"],
)
def test_wrong_searches_are_refused(client: Sluice, query: str) -> None:
    problem(client.get(f"/api/v1/assets?{query}"), 422, "VALIDATION_FAILED")


@pytest.mark.parametrize(
    "name,value",
    [
        ("SLUICE_ML_URL", "ml:3003"),
        ("SLUICE_ML_PROMPT", "a photo"),
        ("SLUICE_ML_LABELS", ",".join(str(number) for number in range(1001))),
    ],
)
def test_malformed_settings_are_told(tagging: Stack, name: str, value: str) -> None:
    program = tagging.api.program.parent / ("sluice-api" if name == "SLUICE_ML_URL" else "sluice-processor")
    settings = tagging.program_settings() | {name: value}
    done = subprocess.run([str(program)], env=settings, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2, done
    assert name in done.stderr
