"""What the drop-in clients send, as a program without them would: over requests, to any base address."""

import base64
import hashlib
from typing import Any
from urllib.parse import quote

import requests

Answer = dict[str, Any]

PART = 5 * 1024 * 1024


def form(answer: Answer, data: bytes, **fields: str) -> requests.Response:
    """Uploads by the form of /s3/params, as Uppy and Shrine do."""
    session = requests.Session()
    session.trust_env = False
    body = answer["fields"] | fields
    return session.post(answer["url"], data=body, files={"file": ("name", data)}, headers=answer["headers"], timeout=60)


def put(url: str, data: bytes, headers: dict[str, str] | None = None) -> requests.Response:
    """One PUT to the store."""
    session = requests.Session()
    session.trust_env = False
    return session.put(url, data=data, headers=headers, timeout=120)


class Signers:
    """The routes below one base address: the API's own, or that of a token."""

    def __init__(self, base: str, key: str | None = None) -> None:
        self.base = base
        self.http = requests.Session()
        self.http.trust_env = False
        if key is not None:
            self.http.headers["Authorization"] = f"Bearer {key}"

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Asserts what holds of each of their answers: it is JSON, and errors are in Companion's words, too."""
        reply = self.http.request(method, self.base + path, timeout=75, **options)
        assert reply.headers["Content-Type"] in ("application/json", "application/problem+json"), reply.headers
        assert reply.status_code != 204
        body = reply.json()
        if reply.status_code >= 400:
            assert body["error"] and body["error"] == body["message"], body
            assert body["status"] == reply.status_code
            assert body["code"] == body["code"].upper()
        return reply

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, body: object) -> requests.Response:
        return self.request("POST", path, json=body)

    def ok(self, reply: requests.Response, status: int = 200) -> Any:
        """The JSON of a reply that must be good."""
        assert reply.status_code == status, (reply.status_code, reply.text)
        return reply.json()

    def params(self, filename: str = "a.txt", **query: str) -> Answer:
        return dict(self.ok(self.get("/s3/params", params={"filename": filename} | query)))

    def create(self, filename: str = "big.bin", **fields: Any) -> "Parts":
        body = {"filename": filename, "type": "application/octet-stream"} | fields
        return Parts(self, self.ok(self.post("/s3/multipart", body)))

    def sign(self, **body: Any) -> Answer:
        return dict(self.ok(self.post("/s3/sign", body)))

    def blob(self, data: bytes, filename: str = "a.txt", **fields: Any) -> requests.Response:
        blob = {"filename": filename, "byte_size": len(data), "checksum": md5(data), "content_type": "text/plain"}
        return self.post("/rails/active_storage/direct_uploads", {"blob": blob | fields})


class Parts:
    """A multipart upload by Companion's routes."""

    def __init__(self, signers: Signers, answer: Answer) -> None:
        self.signers = signers
        self.key, self.upload_id, self.file_id = answer["key"], answer["uploadId"], answer["file_id"]

    def path(self, suffix: str = "", **query: str) -> str:
        words = "&".join(f"{name}={quote(value, safe='')}" for name, value in ({"key": self.key} | query).items())
        return f"/s3/multipart/{quote(self.upload_id, safe='')}{suffix}?{words}"

    def signed(self, number: int) -> str:
        return str(self.signers.ok(self.signers.get(self.path(f"/{number}")))["url"])

    def upload(self, number: int, data: bytes, headers: dict[str, str] | None = None) -> str:
        """The part's ETag, as the store has it: quoted."""
        reply = put(self.signed(number), data, headers)
        assert reply.ok, reply.text
        return reply.headers["ETag"]

    def listed(self) -> list[Answer]:
        return list(self.signers.ok(self.signers.get(self.path())))

    def complete(self, etags: dict[int, str]) -> requests.Response:
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in etags.items()]
        return self.signers.post(self.path("/complete"), {"parts": parts})

    def abort(self) -> requests.Response:
        return self.signers.request("DELETE", self.path())


def md5(data: bytes) -> str:
    """As ActiveStorage declares it."""
    return base64.b64encode(hashlib.md5(data).digest()).decode()
