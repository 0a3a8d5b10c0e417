"""A person at the admin pages, and an accessibility engine that looks at them."""

from pathlib import Path
from typing import Any

from photos import broken_photo, photo
from playwright.sync_api import Page, expect

from devstack.paths import ROOT, dev_dir, make_dir
from devstack.stack import Stack

READY_MS = 60_000
SCHEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def make_key(stack: Stack, owner: str, scopes: str = "admin,upload,read") -> str:
    done = stack.cli.run("key", "create", "--owner", owner, "--scopes", scopes)
    return next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("key "))


def log_in(page: Page, url: str, key: str) -> None:
    page.goto(f"{url}/admin")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Albums", level=1)).to_be_visible()


def make_album(page: Page, title: str) -> str:
    """Its address; the page then shows it."""
    page.get_by_role("link", name="Albums").first.click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Make album").click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    return page.url


def make_photos(folder: Path, count: int, broken: int = 0) -> list[Path]:
    """The last ones are no pictures, whatever they are called."""
    good = [
        photo(folder / f"photo-{number:02}.jpg", seed=number, size=(640, 480))
        for number in range(1, count - broken + 1)
    ]
    return good + [broken_photo(folder / f"broken-{number:02}.jpg") for number in range(1, broken + 1)]


def upload(page: Page, files: list[Path]) -> None:
    page.get_by_label("Up to 50 photos").set_input_files(files)
    page.get_by_role("button", name="Upload").click()


def take_picture(page: Page, name: str) -> None:
    """For people: .dev/results/screenshots."""
    page.screenshot(path=make_dir(dev_dir() / "results" / "screenshots") / f"admin-{name}.png", full_page=True)


def expect_accessible(page: Page) -> None:
    """axe-core finds nothing serious, in light and dark; and nothing scrolls sideways."""
    axe = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(f"{axe}; undefined")
        found: dict[str, Any] = page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
        )
        serious = [
            (rule["id"], rule["help"], [node["html"] for node in rule["nodes"]][:3])
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
        ]
        assert not serious, f"{page.url} in {scheme}: {serious}"
        assert found["passes"], "axe looked at nothing"
    room = (page.viewport_size or {"width": 0})["width"]  # innerWidth grows on a phone with what does not fit
    assert page.evaluate("document.documentElement.scrollWidth") <= room, f"{page.url} scrolls sideways"
