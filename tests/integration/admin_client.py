"""The admin pages as a browser sees them, without a browser: forms are read out of the page and sent as they stand."""

import html
import re
from typing import Any

import requests

PAGE_TYPES = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class AdminBrowser:
    """A session with its cookies. Redirects are followed only when a test asks for it."""

    def __init__(self, api_url: str) -> None:
        self.api_url = api_url
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["Accept"] = PAGE_TYPES

    def get(self, path: str, **options: Any) -> requests.Response:
        options.setdefault("allow_redirects", False)
        return self.http.get(self.api_url + path, timeout=30, **options)

    def post(self, path: str, fields: dict[str, str], **options: Any) -> requests.Response:
        """As a browser sends a form of a page of ours, unless headers say otherwise."""
        headers = {"Origin": self.api_url, "Sec-Fetch-Site": "same-origin"} | options.pop("headers", {})
        headers = {name: value for name, value in headers.items() if value is not None}
        return self.http.post(
            self.api_url + path, data=fields, headers=headers, allow_redirects=False, timeout=30, **options
        )

    def log_in(self, key: str, next_page: str = "/admin") -> requests.Response:
        return self.post("/admin/login", {"key": key, "next": next_page})

    def token(self, path: str = "/admin") -> str:
        """The CSRF token in the forms of a page."""
        page = self.get(path)
        assert page.status_code == 200, (page.status_code, page.headers.get("Location"))
        return token_of(page.text)

    def submit(self, path: str, fields: dict[str, str], **options: Any) -> requests.Response:
        return self.post(path, fields | {"csrf_token": self.token()}, **options)

    def make_album(self, title: str) -> str:
        made = self.submit("/admin/albums", {"title": title})
        assert made.status_code == 303, made.text
        return made.headers["Location"].rpartition("/")[2]


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def text_of(page: str) -> str:
    """The text that a page shows."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))
