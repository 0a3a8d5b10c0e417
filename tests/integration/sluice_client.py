"""A small client of the API for tests: what a program of a user would do, over requests."""

import hashlib
import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests

Ticket = dict[str, Any]
Record = dict[str, Any]
Result = TypeVar("Result")

DEADLINE_S = 60.0
FINAL = ("SYNCED", "FAILED", "EXPIRED")

# A name with everything that breaks naive encoders: umlaut, space, plus, emoji.
ODD_NAME = "Größe 1+2 😀.csv"


def sha256(data: bytes) -> str:
    """As the contract writes a hash: lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def eventually(probe: Callable[[], Result], what: str, seconds: float = DEADLINE_S) -> Result:
    """Polls until the probe yields something true, and returns that; never sleeps longer than it must."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s (last: {found!r})"
        time.sleep(0.02)


class Sluice:
    """One caller of the API: its address and, if it has one, its key."""

    def __init__(self, api_url: str, key: str | None = None) -> None:
        self.api_url = api_url
        self.http = requests.Session()
        self.http.trust_env = False
        if key is not None:
            self.http.headers["Authorization"] = f"Bearer {key}"

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """The bare reply; redirects are not followed, so that a test sees what the API said."""
        options.setdefault("timeout", 75)
        return self.http.request(method, self.api_url + path, allow_redirects=False, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> requests.Response:
        return self.request("POST", path, json=body, **options)

    def presign(self, filename: str = "a.txt", headers: dict[str, str] | None = None, **fields: Any) -> Ticket:
        reply = self.post("/files/presigned-upload", {"filename": filename, **fields}, headers=headers)
        assert reply.status_code == 201, reply.text
        return dict(reply.json())

    def record(self, file_id: str) -> Record:
        reply = self.get(f"/files/{file_id}")
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def confirm(self, file_id: str, size: int) -> Record:
        reply = self.post("/files/confirm-uploads", {"file_id": file_id, "file_size": size})
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def finished(self, file_id: str) -> Record:
        """The record once its status is final, by the API's own waiting."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            reply = self.get(f"/files/{file_id}?wait=10")
            assert reply.status_code == 200, reply.text
            record: Record = reply.json()
            if record["status"] in FINAL:
                return record
            assert time.monotonic() < deadline, f"still not final: {record}"

    def synced(self, file_id: str) -> Record:
        record = self.finished(file_id)
        assert record["status"] == "SYNCED", record
        return record

    def failed(self, file_id: str, code: str) -> Record:
        record = self.finished(file_id)
        assert (record["status"], (record.get("error") or {}).get("code")) == ("FAILED", code), record
        return record

    def upload(self, data: bytes, filename: str = "a.txt", confirm: bool = True, **fields: Any) -> Record:
        """The whole way of one file, up to SYNCED."""
        ticket = self.presign(filename, **fields)
        assert send(ticket, data).ok
        if confirm:
            self.confirm(ticket["file_id"], len(data))
        return self.synced(ticket["file_id"])


def send(ticket: Ticket, data: bytes, **changes: Any) -> requests.Response:
    """Uploads to the store as the ticket says; `changes` replace url, headers, fields or method to try what it
    should refuse."""
    url = changes.get("url", ticket["upload_url"])
    headers = changes.get("headers", ticket["headers"])
    session = requests.Session()
    session.trust_env = False
    if ticket["method"] == "POST":
        fields = changes.get("fields", ticket["form_fields"])
        return session.post(url, data=fields, files={"file": ("name", data)}, headers=headers, timeout=60)
    return session.request(changes.get("method", "PUT"), url, data=data, headers=headers, timeout=60)


def problem(reply: requests.Response, status: int, code: str | None = None) -> Record:
    """Asserts a whole problem+json reply (RFC 9457) and returns it."""
    assert reply.status_code == status, (reply.status_code, reply.text)
    assert reply.headers["Content-Type"].split(";")[0] == "application/problem+json"
    body: Record = reply.json()
    for name in ("type", "title", "status", "code", "request_id"):
        assert name in body, body
    assert body["status"] == status
    assert body["code"] == body["code"].upper()
    assert body["request_id"] == reply.headers["X-Request-Id"]
    assert code is None or body["code"] == code, body
    return body
