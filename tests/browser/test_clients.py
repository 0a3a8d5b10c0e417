"""Uppy, Shrine's way and ActiveStorage as npm has them, in a real Chromium, against the real stack: with the API open,
and by a token below an API that demands keys. What worked becomes the table of docs/clients.md."""

import functools
import hashlib
import re
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
import pytest
import requests
from botocore.config import Config
from client_table import OPERATIONS, ClientTable, table_in_docs
from playwright.sync_api import Browser, Page, sync_playwright

from devstack.paths import cache_dir, make_dir
from devstack.stack import Stack
from devstack.testing import run_stack

HERE = Path(__file__).parent / "clients"
MEBIBYTE = 1024 * 1024
PART = 5 * MEBIBYTE
SHORT_TTL_S = 3
DEADLINE_S = 90
SMALL, LARGE, PAUSED, ABORTED, EXPIRED = OPERATIONS

# The bundle that a client runs in, and the way in which it asks.
WAYS = {
    "uppy5": ("uppy5", "companion5"),
    "uppy60": ("uppy60", "companion6"),
    "uppy6": ("uppy6", "companion6"),
    "sign61": ("uppy61", "sign"),
    "sign6": ("uppy6", "sign"),
    "shrine": ("uppy5", "shrine"),
}
IN_PARTS = ["uppy5", "uppy60", "uppy6", "sign61", "sign6"]
THROUGH = ["direct", "token"]


def _content(size: int, seed: int) -> bytes:
    """As clients/content.js makes it."""
    blocks = (bytes([(seed + at // MEBIBYTE) % 251]) * min(MEBIBYTE, size - at) for at in range(0, size, MEBIBYTE))
    return b"".join(blocks)


def eventually(probe: Callable[[], Any], what: str, seconds: float = DEADLINE_S) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s (last: {found!r})"
        time.sleep(0.05)


class Entrance:
    """Where clients are sent to, and what becomes of their files, seen with a key."""

    def __init__(self, stack: Stack, through: str) -> None:
        self.stack = stack
        self.through = through
        self.http = requests.Session()
        self.http.trust_env = False
        if through == "token":
            done = stack.cli.run("key", "create", "--owner", f"pages-{uuid.uuid4()}", "--scopes", "upload,read")
            key = next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("key "))
            self.http.headers["Authorization"] = f"Bearer {key}"
        self.endpoint = stack.api.url + (self._mint() if through == "token" else "")

    def _mint(self) -> str:
        limits = {"expires_in": 600, "max_uploads": 1, "max_bytes": None}
        reply = self.http.post(f"{self.stack.api.url}/tokens", json=limits, timeout=30)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["url"])

    def files(self, external_id: str) -> list[dict[str, Any]]:
        reply = self.http.get(f"{self.stack.api.url}/files", params={"external_id": external_id}, timeout=30)
        assert reply.status_code == 200, reply.text
        return list(reply.json()["files"])

    def synced(self, file_id: str) -> dict[str, Any]:
        """The record once it is final; it must be SYNCED."""

        def final() -> dict[str, Any] | None:
            reply = self.http.get(f"{self.stack.api.url}/files/{file_id}?wait=20", timeout=60)
            assert reply.status_code == 200, reply.text
            record = dict(reply.json())
            return record if record["status"] in ("SYNCED", "FAILED", "EXPIRED") else None

        record = dict(eventually(final, "a final status"))
        assert record["status"] == "SYNCED", record
        return record

    def check(self, external_id: str, size: int, seed: int) -> dict[str, Any]:
        """One record, with the bytes that the page sent."""
        files = self.files(external_id)
        assert len(files) == 1, files
        record = self.synced(files[0]["file_id"])
        assert record["size"] == size
        assert record["sha256"] == hashlib.sha256(_content(size, seed)).hexdigest()
        return record

    def store(self) -> Any:
        settings = self.stack.program_settings()
        return boto3.client(
            "s3",
            endpoint_url=settings["SLUICE_S3_ENDPOINT"],
            region_name=settings["SLUICE_S3_REGION"],
            aws_access_key_id=settings["SLUICE_S3_ACCESS_KEY"],
            aws_secret_access_key=settings["SLUICE_S3_SECRET_KEY"],
            config=Config(proxies={}, s3={"addressing_style": "path"}),
        )


@pytest.fixture(scope="module")
def guarded_stack() -> Iterator[Stack]:
    """Demands keys, so that nothing but a token opens it to a page."""
    yield from run_stack("browser-guarded", SLUICE_AUTH="required", SLUICE_CORS_ORIGINS="*")


@pytest.fixture(scope="module")
def hasty_stack() -> Iterator[Stack]:
    """Signs for seconds only."""
    overrides = {"SLUICE_AUTH": "required", "SLUICE_CORS_ORIGINS": "*", "SLUICE_PRESIGN_TTL_S": str(SHORT_TTL_S)}
    yield from run_stack("browser-hasty", **overrides)


@pytest.fixture
def entrance(request: pytest.FixtureRequest) -> Callable[[str], Entrance]:
    """Makes one for "direct" or "token"; only the stack that is asked for is started."""

    def make(through: str) -> Entrance:
        return Entrance(request.getfixturevalue("stack" if through == "direct" else "guarded_stack"), through)

    return make


@pytest.fixture(scope="module")
def table() -> Iterator[ClientTable]:
    made = ClientTable()
    yield made
    made.write()


def _installed() -> Path:
    """A copy of the clients' folder with its packages, made once for each lock file."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = make_dir(cache_dir() / f"test-clients-{lock}")
    if not (folder / ".installed").exists():
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder / name)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=folder, check=True, timeout=300, stdin=subprocess.DEVNULL)
        (folder / ".installed").touch()
    return folder


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the clients' pages: another origin than the API's and the store's."""
    folder = tmp_path_factory.mktemp("clients")
    for path in HERE.glob("*.*js"):
        shutil.copy(path, folder / path.name)
    (folder / "node_modules").symlink_to(_installed() / "node_modules")
    built = make_dir(folder / "built")
    subprocess.run(["node", "build.mjs", str(built)], cwd=folder, check=True, timeout=120, stdin=subprocess.DEVNULL)
    handler = functools.partial(QuietHandler, directory=str(built))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: pytest's output is for results."""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def open_page(browser: Browser, pages: str) -> Iterator[Callable[[str], Page]]:
    opened: list[Page] = []

    def opened_page(name: str) -> Page:
        page = browser.new_context().new_page()
        page.set_default_timeout(DEADLINE_S * 1000)
        opened.append(page)
        page.goto(f"{pages}/{name}.html")
        return page

    yield opened_page
    for page in opened:
        page.context.close()


class Upload:
    """One file in a page with Uppy."""

    def __init__(self, page: Page, client: str, entrance: Entrance, size: int, **options: Any) -> None:
        self.page, self.entrance, self.size = page, entrance, size
        self.external_id, self.seed = str(uuid.uuid4()), uuid.uuid4().int % 251
        self.puts: list[str] = []
        page.on("request", self._note)
        given = {
            "way": WAYS[client][1], "endpoint": entrance.endpoint, "name": "Größe 1+2 😀.bin",
            "type": "application/octet-stream", "size": size, "seed": self.seed, "externalId": self.external_id,
        }  # fmt: skip
        page.evaluate("options => start(options)", given | options)

    def _note(self, request: Any) -> None:
        if request.method == "PUT":
            self.puts.append(request.url)

    def parts_put(self) -> list[int]:
        """Their numbers, as they were sent."""
        return [int(match[1]) for url in self.puts if (match := re.search(r"partNumber=(\d+)", url))]

    def run(self, script: str = "upload()") -> dict[str, Any]:
        return dict(self.page.evaluate(script))

    def succeed(self, script: str = "upload()") -> dict[str, Any]:
        outcome = self.run(script)
        assert outcome["failed"] == [], outcome
        assert len(outcome["successful"]) == 1, outcome
        return dict(outcome["successful"][0])

    def slow_down(self) -> None:
        """So that a test can step in between two parts."""
        line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 8 * MEBIBYTE}
        self.page.context.new_cdp_session(self.page).send("Network.emulateNetworkConditions", line)

    def wait(self, condition: str) -> None:
        self.page.wait_for_function(condition)

    def check(self) -> dict[str, Any]:
        return self.entrance.check(self.external_id, self.size, self.seed)


@pytest.mark.parametrize("through", THROUGH)
@pytest.mark.parametrize("client", list(WAYS))
def test_a_small_file(
    open_page: Callable[[str], Page], entrance: Callable[[str], Entrance], table: ClientTable, client: str, through: str
) -> None:
    upload = Upload(open_page(WAYS[client][0]), client, entrance(through), 100_000, multipart=False)
    answer = upload.succeed()
    record = upload.check()
    assert record["filename"] == "Größe 1+2 😀.bin"
    assert answer["body"]["key"] == record["object_key"], "Shrine makes its id of it"
    table.record(client, SMALL, through)


@pytest.mark.parametrize("through", THROUGH)
@pytest.mark.parametrize("client", IN_PARTS)
def test_200_mib_in_parts(
    open_page: Callable[[str], Page], entrance: Callable[[str], Entrance], table: ClientTable, client: str, through: str
) -> None:
    """By the client's own choice of parts: beyond 100 MiB it uses them without being told."""
    upload = Upload(open_page(WAYS[client][0]), client, entrance(through), 200 * MEBIBYTE)
    upload.succeed()
    upload.check()
    assert sorted(upload.parts_put()) == list(range(1, 41))
    table.record(client, LARGE, through)


@pytest.mark.parametrize("through", THROUGH)
@pytest.mark.parametrize("client", IN_PARTS)
def test_pause_and_resume(
    open_page: Callable[[str], Page], entrance: Callable[[str], Entrance], table: ClientTable, client: str, through: str
) -> None:
    """What had arrived before is not sent again."""
    upload = Upload(open_page(WAYS[client][0]), client, entrance(through), 6 * PART, multipart=True, limit=1)
    upload.slow_down()
    upload.page.evaluate("uploadInBackground()")
    upload.wait("partsDone >= 2")
    upload.page.evaluate("uppy.pauseAll()")
    done = upload.page.evaluate("partsDone")
    assert upload.page.evaluate("done") is None
    upload.page.evaluate("uppy.resumeAll()")
    upload.wait("done !== null")
    assert upload.page.evaluate("done.failed") == []
    upload.check()
    sent = upload.parts_put()
    assert set(sent) == set(range(1, 7))
    assert all(sent.count(number) == 1 for number in range(1, done + 1)), (done, sent)
    table.record(client, PAUSED, through)


@pytest.mark.parametrize("through", THROUGH)
@pytest.mark.parametrize("client", IN_PARTS)
def test_abort(
    open_page: Callable[[str], Page], entrance: Callable[[str], Entrance], table: ClientTable, client: str, through: str
) -> None:
    """The parts are gone from the store; and the record, where Sluice is told."""
    way = entrance(through)
    upload = Upload(open_page(WAYS[client][0]), client, way, 6 * PART, multipart=True, limit=1)
    upload.slow_down()
    upload.page.evaluate("uploadInBackground()")
    upload.wait("partsDone >= 1")
    key = way.files(upload.external_id)[0]["object_key"]
    upload_id = re.search(r"uploadId=([^&]+)", upload.puts[-1])
    assert upload_id
    upload.page.evaluate("uppy.cancelAll()")
    where = {
        "Bucket": way.stack.program_settings()["SLUICE_S3_BUCKET"],
        "Key": key,
        "UploadId": requests.utils.unquote(upload_id[1]),
    }
    store = way.store()

    def gone() -> bool:
        try:
            store.list_parts(**where)
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"] == "NoSuchUpload"
        return False

    eventually(gone, "the parts to be gone")
    if not client.startswith("sign"):
        eventually(lambda: way.files(upload.external_id) == [], "the record to be gone")
    else:
        assert way.files(upload.external_id)[0]["status"] == "PENDING"
    table.record(client, ABORTED, through)


@pytest.mark.parametrize("client", IN_PARTS)
def test_an_expired_part_url(
    open_page: Callable[[str], Page], hasty_stack: Stack, table: ClientTable, client: str
) -> None:
    """The second part leaves too late. Uppy 5 asks for another URL by itself; Uppy 6 when its user says again."""
    upload = Upload(
        open_page(WAYS[client][0]), client, Entrance(hasty_stack, "token"), 3 * PART, multipart=True, limit=1
    )
    upload.page.evaluate("milliseconds => delayPuts(1, milliseconds)", SHORT_TTL_S * 1000 + 1500)
    refused: list[int] = []
    upload.page.on(
        "response", lambda reply: reply.request.method == "PUT" and reply.status == 403 and refused.append(403)
    )
    outcome = upload.run()
    if client == "uppy5":
        assert outcome["failed"] == [], outcome
    else:
        assert len(outcome["failed"]) == 1, outcome
        upload.succeed("retry()")
    assert refused, "no URL expired"
    upload.check()
    table.record(client, EXPIRED, "token")


@pytest.mark.parametrize("through", THROUGH)
@pytest.mark.parametrize(("operation", "size"), [(SMALL, 100_000), (LARGE, 200 * MEBIBYTE)])
def test_active_storage(
    open_page: Callable[[str], Page],
    entrance: Callable[[str], Entrance],
    table: ClientTable,
    operation: str,
    size: int,
    through: str,
) -> None:
    """One PUT, whatever the size."""
    way, seed = entrance(through), 7
    page = open_page("activestorage")
    options = {"endpoint": way.endpoint, "name": "Größe 1+2 😀.bin", "type": "text/plain", "size": size, "seed": seed}
    outcome = page.evaluate("options => directUpload(options)", options)
    assert outcome["error"] is None, outcome
    blob = outcome["blob"]
    assert "direct_upload" not in blob
    record = way.synced(blob["signed_id"])
    assert (record["filename"], record["size"]) == ("Größe 1+2 😀.bin", size)
    assert record["sha256"] == hashlib.sha256(_content(size, seed)).hexdigest()
    table.record("activestorage", operation, through)


def test_the_docs_show_this_table(request: pytest.FixtureRequest, table: ClientTable) -> None:
    """Last in this file: what ran is what is told."""
    mine = {item.name for item in request.session.items if item.path == request.path}
    expected = len(WAYS) * 2 + len(IN_PARTS) * 7 + 4 + 1
    if len(mine) != expected:
        pytest.skip("only a part of the clients ran")
    assert table_in_docs() == table.markdown(), "copy .dev/results/clients.md"
