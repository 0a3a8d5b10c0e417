"""A stack, and a page of another origin in a real Chromium."""

import json
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from devstack.stack import Stack
from devstack.testing import run_stack

sys.path.insert(0, str(Path(__file__).parent))

PAGE_DEADLINE_S = 120
READY_MS = 60_000


class PageServer(ThreadingHTTPServer):
    """Serves one page, and takes what its script POSTs back as the result."""

    def __init__(self, page: str) -> None:
        super().__init__(("127.0.0.1", 0), PageHandler)
        self.page = page.encode()
        self.results: queue.Queue[Any] = queue.Queue()


class PageHandler(BaseHTTPRequestHandler):
    server: PageServer

    def do_GET(self) -> None:
        found = self.path == "/"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.server.page if found else b"")

    def do_POST(self) -> None:
        self.server.results.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: pytest's output is for results."""


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack as `./dev up` makes it: no key, any origin."""
    yield from run_stack("browser")


@pytest.fixture(scope="session")
def chromium() -> str:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "chromium is not installed; ./dev test installs it"
    return program


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=READY_MS)  # five seconds, without this, are not enough on a busy machine
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def run_page(tmp_path: Path, chromium: str) -> Callable[[str], Any]:
    """Opens a page on an origin of its own and returns what its script POSTs to it."""

    def run(page: str) -> Any:
        server = PageServer(page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += [f"--user-data-dir={tmp_path}", f"http://127.0.0.1:{server.server_address[1]}/"]
        with (tmp_path / "chromium.log").open("wb") as log:
            browser = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            return server.results.get(timeout=PAGE_DEADLINE_S)
        finally:
            browser.terminate()
            browser.wait(timeout=30)
            server.shutdown()
            server.server_close()

    return run
