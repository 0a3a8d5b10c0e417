"""The page at /demo in a real Chromium: from a chosen photo to its thumbnail, with what goes wrong on the way."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from photos import broken_photo, photo
from playwright.sync_api import Browser, Page, Route, expect

from devstack.paths import dev_dir, make_dir
from devstack.stack import Stack

READY_MS = 60_000
PHONE = {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True, "color_scheme": "dark"}

OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, stack: Stack) -> Iterator[OpenPage]:
    """Opens /demo; whatever its script complains of fails the test, but for requests that the test itself breaks."""
    problems: list[str] = []
    contexts = []

    def opened(path: str = "/demo", **options: object) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(READY_MS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: "Content Security Policy" in message.text and problems.append(message.text))
        page.goto(stack.api.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def choose(page: Page, *files: Path) -> None:
    page.locator("input.uppy-Dashboard-input").first.set_input_files(list(files))


def take_picture(page: Page, name: str) -> None:
    """For people: .dev/results/screenshots."""
    page.screenshot(path=make_dir(dev_dir() / "results" / "screenshots") / f"{name}.png", full_page=True)


def expect_thumbnail(page: Page, filename: str) -> None:
    item = page.locator("#photos li", has_text=filename)
    expect(item).to_have_attribute("data-status", "uploaded")
    image = item.locator("img")
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("naturalWidth", 480)


@pytest.mark.parametrize(("name", "options"), [("desktop", {}), ("phone", PHONE)])
def test_photos_become_thumbnails(open_page: OpenPage, tmp_path: Path, name: str, options: dict[str, object]) -> None:
    """Two at once; the page is told by the server when they are ready, and a reload shows them again."""
    page = open_page(**options)
    choose(page, photo(tmp_path / "one.jpg", seed=1), photo(tmp_path / "two.png", seed=2))
    expect_thumbnail(page, "one.jpg")
    expect_thumbnail(page, "two.png")
    expect(page.locator("#progress")).to_have_text("2 of 2 ready")
    take_picture(page, f"demo-{name}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    page.reload()
    expect_thumbnail(page, "one.jpg")
    expect_thumbnail(page, "two.png")


def test_an_upload_that_breaks_off_is_tried_again(open_page: OpenPage, stack: Stack, tmp_path: Path) -> None:
    page = open_page()
    to_store = f"{stack.store.url}/**"

    def broken(route: Route) -> None:
        route.abort("connectionreset")

    page.route(to_store, broken)
    choose(page, photo(tmp_path / "lost.jpg", seed=3))
    again = page.locator(".uppy-StatusBar-actionBtn--retry")
    expect(again).to_be_visible()
    take_picture(page, "demo-failed-upload")
    page.unroute(to_store, broken)
    again.click()
    expect_thumbnail(page, "lost.jpg")


def test_a_file_that_is_no_photo_says_why(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    choose(page, broken_photo(tmp_path / "broken.jpg"), photo(tmp_path / "good.jpg", seed=4))
    item = page.locator("#photos li", has_text="broken.jpg")
    expect(item).to_have_attribute("data-status", "failed")
    expect(item.locator(".state")).to_contain_text("Failed: ")
    expect(item.get_by_role("button", name="Try broken.jpg again")).to_be_visible()
    expect_thumbnail(page, "good.jpg")
    expect(page.locator("#progress")).to_have_text("1 of 2 ready, 1 failed")
    take_picture(page, "demo-failed-photo")


def test_what_is_no_picture_is_not_uploaded(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    text = tmp_path / "notes.txt"
    text.write_text("no picture", encoding="utf-8")
    choose(page, text)
    expect(page.get_by_text("You can only upload").first).to_be_visible()


def test_an_album_that_is_not_there(open_page: OpenPage) -> None:
    page = open_page("/demo#0190a0b0-0000-7000-8000-000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
