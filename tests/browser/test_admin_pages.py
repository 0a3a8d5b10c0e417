"""The admin pages in a real Chromium: a batch from its form to the album, with what goes wrong on the way."""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from admin_pages import (
    READY_MS,
    expect_accessible,
    log_in,
    make_album,
    make_key,
    make_photos,
    take_picture,
    upload,
)
from playwright.sync_api import Browser, BrowserContext, Page, expect

from devstack.stack import Stack
from devstack.testing import run_stack

OpenContext = Callable[..., BrowserContext]
PHONE = {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True}
TITLE = "Holiday <b>2026</b> & more"


@pytest.fixture(scope="module")
def admin_stack() -> Iterator[Stack]:
    """One that demands a login."""
    yield from run_stack("browser-admin", SLUICE_AUTH="required", SLUICE_WORKERS="1")


@pytest.fixture
def open_context(browser: Browser) -> Iterator[OpenContext]:
    """Browsers of their own; whatever their scripts or the policy complain of fails the test."""
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    def watch(page: Page) -> None:
        page.set_default_timeout(READY_MS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: "Content Security Policy" in message.text and problems.append(message.text))

    def opened(**options: object) -> BrowserContext:
        context = browser.new_context(**options)
        context.on("page", watch)
        contexts.append(context)
        return context

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def person(open_context: OpenContext, admin_stack: Stack, request: pytest.FixtureRequest) -> Page:
    """Somebody who has just logged in, as an owner of his own."""
    page = open_context().new_page()
    log_in(page, admin_stack.api.url, make_key(admin_stack, request.node.name))
    return page


@contextlib.contextmanager
def nothing_is_processed(stack: Stack) -> Iterator[None]:
    """Batches are accepted, and wait."""
    stack.processor.pause()
    try:
        yield
    finally:
        stack.processor.resume()


def expect_progress(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator("#batch .state")).to_have_text(text)
    expect(page.locator("#upload")).to_have_count(0)


def expect_report(page: Page, failed: int, total: int) -> None:
    heading = page.get_by_role("heading", name=f"{failed} of {total} photo")
    expect(heading).to_be_visible(timeout=3 * READY_MS)  # one worker, and a machine that may be busy
    expect(page.locator("#upload")).to_be_visible()
    expect(page.locator("#batch")).to_have_count(0)


def test_a_batch_of_twenty_from_form_to_album(
    person: Page, open_context: OpenContext, admin_stack: Stack, tmp_path: Path
) -> None:
    """Two are broken. The page is reloaded in the middle, another tab is refused, and the end comes by itself."""
    album = make_album(person, TITLE)
    take_picture(person, "album-empty")
    late = person.context.new_page()
    late.goto(album)
    with nothing_is_processed(admin_stack):
        person.get_by_label("Up to 50 photos").set_input_files(make_photos(tmp_path, 20, broken=2))
        expect(person.locator("#chosen")).to_contain_text("20 chosen")
        take_picture(person, "album-chosen")
        person.get_by_role("button", name="Upload").click()
        expect_progress(person, "Processing 0/20…")
        take_picture(person, "batch-running")
        expect_accessible(person)
        person.reload()
        expect_progress(person, "Processing 0/20…")
        upload(late, make_photos(tmp_path, 1))
        expect(late.get_by_role("alert")).to_contain_text("Not done: the album takes its next batch")
        expect_progress(late, "Processing 0/20…")
        take_picture(late, "second-tab-refused")
        late.close()
        person.evaluate("window.isTheSamePage = true")
    expect(person.locator("#batch .state")).to_have_text(re.compile(r"Processing [1-9]\d*/20…"))
    take_picture(person, "batch-half-way")
    expect_report(person, 2, 20)
    assert person.evaluate("window.isTheSamePage"), "it was loaded anew"
    expect(person.locator("#announcer")).to_have_text("2 of 20 photos failed")
    expect(person.locator(".report .failures li")).to_have_count(2)
    expect(person.locator(".report .failures")).to_contain_text("broken-01.jpg")
    expect(person.locator(".photos img")).to_have_count(18)
    image = person.locator(".photos img").first
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("naturalWidth", 480)
    take_picture(person, "batch-report")
    expect_accessible(person)


def test_the_page_may_be_closed_meanwhile(person: Page, admin_stack: Stack, tmp_path: Path) -> None:
    context = person.context
    with nothing_is_processed(admin_stack):
        album = make_album(person, "Closed")
        upload(person, make_photos(tmp_path, 3))
        expect_progress(person, "Processing 0/3…")
        person.close()
        again = context.new_page()
        again.goto(album)
        expect_progress(again, "Processing 0/3…")
    expect(again.get_by_role("heading", name="All 3 photos are ready")).to_be_visible()
    expect(again.locator("#upload")).to_be_visible()
    take_picture(again, "album-ready")
    again.reload()
    expect(again.locator(".photos img")).to_have_count(3)
    expect(again.locator(".report")).to_have_count(0)


def test_retry_and_clear_errors(person: Page, admin_stack: Stack, tmp_path: Path) -> None:
    make_album(person, "Errors")
    upload(person, make_photos(tmp_path, 4, broken=2))
    expect_report(person, 2, 4)
    with nothing_is_processed(admin_stack):
        person.get_by_role("button", name="Retry").click()
        expect_progress(person, "Processing 2/4…")
    expect_report(person, 2, 4)
    person.get_by_role("button", name="Clear errors").click()
    expect(person.locator(".report")).to_have_count(0)
    expect(person.locator(".photos li")).to_have_count(2)
    expect(person.locator("#upload")).to_be_visible()


def test_too_many_are_refused_before_they_are_sent(person: Page, tmp_path: Path) -> None:
    album = make_album(person, "Many")
    many = make_photos(tmp_path, 1) * 51
    person.get_by_label("Up to 50 photos").set_input_files(many)
    person.get_by_role("button", name="Upload").click()
    assert person.locator("#photos").evaluate("input => input.validationMessage").startswith("These are 51 photos")
    assert person.url == album


def test_login_and_logout(open_context: OpenContext, admin_stack: Stack) -> None:
    page = open_context().new_page()
    page.goto(f"{admin_stack.api.url}/admin/operations")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    take_picture(page, "login")
    expect_accessible(page)
    page.get_by_label("API key").fill("sluice_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("no key of this server")
    take_picture(page, "login-refused")
    expect_accessible(page)
    page.get_by_label("API key").fill(make_key(admin_stack, "logs-in"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Operations", level=1)).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_form_without_its_token_is_refused(person: Page) -> None:
    person.locator("form[action='/admin/albums'] input[name=csrf_token]").evaluate(
        "input => input.value = '0'.repeat(64)"
    )
    person.get_by_label("Title").fill("forged")
    person.get_by_role("button", name="Make album").click()
    expect(person.get_by_role("alert")).to_contain_text("load its page again")
    take_picture(person, "refused")
    expect_accessible(person)
    person.get_by_role("link", name="To the albums").click()
    expect(person.get_by_text("forged")).to_have_count(0)


def test_a_page_of_another_site_changes_nothing(person: Page, admin_stack: Stack) -> None:
    """localhost and 127.0.0.1 are two sites; the cookie does not go along, and the request says where it comes from."""
    foreign = person.context.new_page()
    foreign.goto(admin_stack.api.url.replace("127.0.0.1", "localhost") + "/healthz")
    foreign.evaluate(
        """url => {
            const form = document.createElement("form");
            form.method = "post";
            form.action = url + "/admin/albums";
            form.innerHTML = '<input name="title" value="forged">';
            document.body.append(form);
            form.submit();
        }""",
        admin_stack.api.url,
    )
    foreign.wait_for_url("**/admin/**")
    person.reload()
    expect(person.get_by_text("forged")).to_have_count(0)


def test_without_javascript(open_context: OpenContext, admin_stack: Stack, tmp_path: Path) -> None:
    page = open_context(java_script_enabled=False).new_page()
    log_in(page, admin_stack.api.url, make_key(admin_stack, "plain"))
    make_album(page, "Plain")
    with nothing_is_processed(admin_stack):
        upload(page, make_photos(tmp_path, 3, broken=1))
        expect_progress(page, "Processing 0/3…")
        take_picture(page, "without-javascript")
    expect_report(page, 1, 3)  # the page loads itself again
    page.get_by_role("button", name="Clear errors").click()
    expect(page.locator(".photos li")).to_have_count(2)
    page.get_by_role("link", name="Operations").click()
    expect(page.get_by_role("link", name="Load this page again")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_operations_are_live(person: Page, admin_stack: Stack, tmp_path: Path) -> None:
    make_album(person, "Live")
    watcher = person.context.new_page()
    watcher.goto(f"{admin_stack.api.url}/admin/operations")
    failures = watcher.locator("section", has=watcher.get_by_role("heading", name="Failures"))
    expect(watcher.get_by_text("Nothing has failed.")).to_be_visible()
    expect_accessible(watcher)
    upload(person, make_photos(tmp_path, 3, broken=1))
    expect(failures.get_by_role("cell", name="broken-01.jpg", exact=True)).to_be_visible()
    take_picture(watcher, "operations")
    expect_accessible(watcher)
    with nothing_is_processed(admin_stack):
        watcher.get_by_role("button", name="Retry broken-01.jpg").click()
        expect(watcher.get_by_text("Nothing has failed.")).to_be_visible()
        take_picture(watcher, "operations-waiting")
    expect(failures.get_by_role("cell", name="broken-01.jpg", exact=True)).to_be_visible()


def test_pages_on_a_phone_and_by_keyboard(open_context: OpenContext, admin_stack: Stack, tmp_path: Path) -> None:
    page = open_context(**PHONE, color_scheme="dark").new_page()
    log_in(page, admin_stack.api.url, make_key(admin_stack, "phone"))
    take_picture(page, "home-empty-phone")
    expect_accessible(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    take_picture(page, "skip-link")
    make_album(
        page, "A rather long title of an album that has to wrap on a phone, andonewordthatislongerthananyscreeniswide"
    )
    upload(page, make_photos(tmp_path, 3, broken=1))
    expect_report(page, 1, 3)
    page.emulate_media(color_scheme="dark")
    take_picture(page, "album-phone")
    expect_accessible(page)
    for name in ("Albums", "Operations"):
        page.get_by_role("link", name=name).first.click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        page.emulate_media(color_scheme="dark")
        take_picture(page, f"{name.lower()}-phone")
        expect_accessible(page)


def test_without_logins_there_is_no_login(open_context: OpenContext, stack: Stack) -> None:
    page = open_context().new_page()
    page.goto(f"{stack.api.url}/admin")
    make_album(page, "Open")
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)
    expect_accessible(page)
