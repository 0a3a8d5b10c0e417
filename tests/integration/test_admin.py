"""Logging in to the admin pages, and what keeps others out of them."""

import re
import uuid
from collections.abc import Callable

import pytest
import requests
from admin_client import AdminBrowser, text_of, token_of
from ledgers import ORIGIN, Ledgers, make_key
from requests.adapters import HTTPAdapter
from sluice_client import Sluice, problem

from devstack.stack import Stack

COOKIE = "sluice_admin"
PAGES = ["/admin", "/admin/operations", "/admin/login", "/admin/nothing-here"]


@pytest.fixture
def browser(locked_stack: Stack) -> AdminBrowser:
    return AdminBrowser(locked_stack.api.url)


@pytest.fixture
def logged_in(locked_stack: Stack) -> Callable[[str], AdminBrowser]:
    """Makes browsers in which an owner has logged in."""

    def make(owner: str = "admin") -> AdminBrowser:
        browser = AdminBrowser(locked_stack.api.url)
        assert browser.log_in(make_key(locked_stack, owner, "admin")).status_code == 303
        return browser

    return make


def test_without_a_login_pages_lead_to_it(browser: AdminBrowser) -> None:
    reply = browser.get("/admin/operations?x=1")
    assert reply.status_code == 303
    assert reply.headers["Location"] == "/admin/login?next=/admin/operations%3Fx%3D1"
    assert "Log in" in browser.get(reply.headers["Location"]).text
    problem(browser.get("/admin", headers={"Accept": "application/json"}), 401, "UNAUTHORIZED")
    part = browser.get("/admin/operations", headers={"HX-Request": "true", "Accept": "*/*"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/admin/login")


def test_a_login_and_its_cookie(locked_stack: Stack, browser: AdminBrowser, locked_ledgers: Ledgers) -> None:
    reply = browser.log_in(make_key(locked_stack, "cookie", "admin,read"), "/admin/operations")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/admin/operations")
    words = reply.headers["Set-Cookie"].split("; ")
    assert re.fullmatch(rf"{COOKIE}=[0-9a-f]{{64}}", words[0])
    assert sorted(words[1:]) == ["HttpOnly", "Path=/admin", "SameSite=Strict"]
    page = browser.get("/admin")
    assert page.status_code == 200
    assert "cookie" in text_of(page.text)
    token = words[0].partition("=")[2]
    assert (
        locked_ledgers.value("SELECT count(*) FROM admin_sessions WHERE token_hash = sha256(%s)", token.encode()) == 1
    )
    assert not any(token in path.read_text(errors="replace") for path in locked_stack.log_dir.glob("*.log"))


def test_over_tls_the_cookie_is_for_tls_only(locked_stack: Stack, browser: AdminBrowser) -> None:
    """As far as a proxy says so."""
    key = make_key(locked_stack, "tls", "admin")
    reply = browser.post("/admin/login", {"key": key}, headers={"X-Forwarded-Proto": "https"})
    assert reply.headers["Set-Cookie"].startswith(f"__Secure-{COOKIE}=")
    assert "; Secure" in reply.headers["Set-Cookie"]


def test_each_login_has_a_token_of_its_own(locked_stack: Stack, browser: AdminBrowser) -> None:
    key = make_key(locked_stack, "fixed", "admin")
    planted = "0" * 64
    browser.http.cookies.set(COOKIE, planted, path="/admin", domain="127.0.0.1")
    assert browser.get("/admin").status_code == 303
    browser.log_in(key)
    first = browser.http.cookies[COOKIE]
    assert first != planted
    browser.log_in(key)
    assert browser.http.cookies[COOKIE] not in (first, planted)
    old = AdminBrowser(browser.api_url)
    old.http.cookies.set(COOKIE, first, path="/admin", domain="127.0.0.1")
    assert old.get("/admin").status_code == 303, "the session before still counts"


@pytest.mark.parametrize("key", ["", "wrong", "sluice_" + "A" * 43, "x" * 10_000, "<script>alert(1)</script>"])
def test_a_wrong_key_is_refused(browser: AdminBrowser, key: str) -> None:
    browser.http.mount("http://", FromAddress("127.0.0.3"))
    reply = browser.log_in(key)
    assert reply.status_code == 401
    assert "no key of this server" in reply.text
    assert "Set-Cookie" not in reply.headers
    assert not key or key not in reply.text


def test_a_key_without_the_scope_is_refused(locked_stack: Stack, browser: AdminBrowser) -> None:
    browser.http.mount("http://", FromAddress("127.0.0.4"))
    key = make_key(locked_stack, "reader", "read,upload")
    reply = browser.log_in(key)
    assert reply.status_code == 403
    assert "Set-Cookie" not in reply.headers
    problem(Sluice(locked_stack.api.url, key).get("/admin"), 403, "FORBIDDEN")


class FromAddress(HTTPAdapter):
    """Connects from another address of this host."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: object, **options: object) -> None:
        super().init_poolmanager(*args, source_address=(self.address, 0), **options)  # type: ignore[arg-type]


def test_failed_logins_are_limited_by_address(locked_stack: Stack, browser: AdminBrowser) -> None:
    key = make_key(locked_stack, "patient", "admin")
    browser.http.mount("http://", FromAddress("127.0.0.2"))
    codes = [browser.log_in("wrong").status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    assert browser.log_in(key).status_code == 429
    assert AdminBrowser(locked_stack.api.url).log_in(key).status_code == 303


def test_logging_out_ends_the_session_for_good(logged_in: Callable[..., AdminBrowser]) -> None:
    browser = logged_in()
    token = browser.http.cookies[COOKIE]
    reply = browser.submit("/admin/logout", {})
    assert (reply.status_code, reply.headers["Location"]) == (303, "/admin/login")
    assert "Max-Age=0" in reply.headers["Set-Cookie"]
    browser.http.cookies.set(COOKIE, token, path="/admin", domain="127.0.0.1")
    assert browser.get("/admin").status_code == 303


def test_a_session_ends_with_its_key(locked_stack: Stack, browser: AdminBrowser, locked_ledgers: Ledgers) -> None:
    owner = f"revoked-{uuid.uuid4()}"
    browser.log_in(make_key(locked_stack, owner, "admin"))
    assert browser.get("/admin").status_code == 200
    locked_stack.cli.run(
        "key", "revoke", locked_ledgers.value("SELECT id::text FROM api_keys WHERE owner_id = %s", owner)
    )
    assert browser.get("/admin").status_code == 303


@pytest.mark.parametrize("change", ["expires_at = now()", "updated_at = now() - interval '61 minutes'"])
def test_a_session_ends_with_time(logged_in: Callable[..., AdminBrowser], locked_ledgers: Ledgers, change: str) -> None:
    owner = f"late-{uuid.uuid4()}"
    browser = logged_in(owner)
    assert browser.get("/admin").status_code == 200
    locked_ledgers.database.execute(f"UPDATE admin_sessions SET {change} WHERE owner_id = %s".encode(), [owner])
    assert browser.get("/admin").status_code == 303


def test_use_keeps_a_session(logged_in: Callable[..., AdminBrowser], locked_ledgers: Ledgers) -> None:
    owner = f"busy-{uuid.uuid4()}"
    browser = logged_in(owner)
    aged = "UPDATE admin_sessions SET updated_at = now() - interval '59 minutes' WHERE owner_id = %s"
    locked_ledgers.database.execute(aged, [owner])
    assert browser.get("/admin").status_code == 200
    fresh = "SELECT updated_at > now() - interval '1 minute' FROM admin_sessions WHERE owner_id = %s"
    assert locked_ledgers.value(fresh, owner)


def refused(reply: requests.Response) -> bool:
    return reply.status_code == 403 and "CSRF_REFUSED" in reply.text


def test_a_change_needs_the_token_of_this_session(logged_in: Callable[..., AdminBrowser]) -> None:
    browser, other = logged_in(), logged_in()
    token = browser.token()
    assert refused(browser.post("/admin/albums", {"title": "x"}))
    assert refused(browser.post("/admin/albums", {"title": "x", "csrf_token": ""}))
    assert refused(browser.post("/admin/albums", {"title": "x", "csrf_token": "0" * 64}))
    assert refused(browser.post("/admin/albums", {"title": "x", "csrf_token": other.token()}))
    assert refused(browser.post("/admin/logout", {}))
    assert refused(browser.post("/admin/operations/retry", {}))
    assert browser.get("/admin").status_code == 200
    assert browser.post("/admin/albums", {"title": "x", "csrf_token": token}).status_code == 303
    assert browser.post("/admin/albums", {"title": "x"}, headers={"X-CSRF-Token": token}).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": None, "Origin": "null"},
        {"Sec-Fetch-Site": None, "Origin": ORIGIN},
    ],
)
def test_other_origins_change_nothing_even_with_the_token(
    logged_in: Callable[..., AdminBrowser], headers: dict[str, str | None]
) -> None:
    browser = logged_in()
    fields = {"title": "x", "csrf_token": browser.token()}
    assert refused(browser.post("/admin/albums", fields, headers=headers))
    assert refused(browser.post("/admin/login", {"key": "x"}, headers=headers))


def test_programs_come_with_their_key(locked_stack: Stack) -> None:
    program = Sluice(locked_stack.api.url, make_key(locked_stack, "program", "admin"))
    made = program.post("/admin/albums", {"title": "by a program"})
    assert made.status_code == 303
    assert "by a program" in program.get(made.headers["Location"]).text
    problem(Sluice(locked_stack.api.url, "sluice_wrong").get("/admin"), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("path", PAGES)
def test_pages_keep_browsers_to_what_they_need(logged_in: Callable[..., AdminBrowser], path: str) -> None:
    page = logged_in().get(path)
    policy = page.headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son\w+=", page.text)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/admin//evil.example", "/files", "/admin\r\nX: y"],
)
def test_a_login_leads_nowhere_else(locked_stack: Stack, browser: AdminBrowser, path: str) -> None:
    reply = browser.log_in(make_key(locked_stack, "elsewhere", "admin"), path)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/admin")


def test_no_page_of_another_origin_reads_them(logged_in: Callable[..., AdminBrowser], stack: Stack) -> None:
    browser = logged_in()
    for path in ("/admin", "/%61dmin", "/admin/nothing"):
        reply = browser.get(path, headers={"Origin": ORIGIN})
        assert not [name for name in reply.headers if name.lower().startswith("access-control-")]
    open_reply = AdminBrowser(stack.api.url).get("/admin", headers={"Origin": "https://evil.example"})
    assert open_reply.status_code == 200
    assert "Access-Control-Allow-Origin" not in open_reply.headers


def test_without_logins_the_token_is_still_asked(stack: Stack) -> None:
    """SLUICE_AUTH=none: whoever reaches the port may, but no page of another site."""
    browser = AdminBrowser(stack.api.url)
    token = token_of(browser.get("/admin").text)
    assert browser.get("/admin/login").headers["Location"] == "/admin"
    assert refused(browser.post("/admin/albums", {"title": "x"}))
    assert refused(
        browser.post("/admin/albums", {"title": "x", "csrf_token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    )
    assert browser.post("/admin/albums", {"title": "x", "csrf_token": token}).status_code == 303
    assert Sluice(stack.api.url).post("/admin/albums", {"title": "x"}).status_code == 303
    script = {"Sec-Fetch-Mode": "cors", "Referer": "http://a.example/"}  # Node's fetch: no browser
    assert Sluice(stack.api.url).post("/admin/albums", {"title": "x"}, headers=script).status_code == 303
    assert browser.get("/admin", headers={"Host": "evil.example"}).status_code == 403
