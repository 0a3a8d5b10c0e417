"""The page at /docs in a real Chromium: it shows the document and tries a route, and needs nothing from elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from devstack.paths import dev_dir, make_dir
from devstack.stack import Stack

READY_MS = 60_000


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=READY_MS)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Opens /docs; whatever its script complains of, and any request to another origin, fails the test."""
    problems: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(READY_MS)

    def look(request: Request) -> None:
        if not request.url.startswith((stack.api.url, "data:", "blob:")):
            problems.append(request.url)

    page.on("request", look)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: "Content Security Policy" in message.text and problems.append(message.text))
    page.goto(stack.api.url + "/docs")
    yield page
    context.close()
    assert problems == []


def test_the_document_is_shown(page: Page) -> None:
    expect(page.get_by_role("heading", name="Sluice")).to_be_visible()
    for tag in ("Files", "Media", "Assets", "Signers", "Live", "Events", "Operations"):
        expect(page.locator(f"#operations-tag-{tag}")).to_be_visible()
    page.locator("#operations-Files-presignUpload").click()
    expect(page.locator("#operations-Files-presignUpload")).to_contain_text("upload_url")
    page.screenshot(path=make_dir(dev_dir() / "results" / "screenshots") / "docs.png", full_page=True)


def test_a_route_is_tried_from_the_page(page: Page) -> None:
    operation = page.locator("#operations-Operations-readiness")
    operation.locator("button.opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text('"ready"')
