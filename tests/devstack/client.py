"""A small HTTP client of the standard library: JSON calls, and an upload that streams and tells its progress."""

import http.client
import json
import mimetypes
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from devstack.errors import DevError

CHUNK = 256 * 1024
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SluiceClient:
    """Talks to the API of a running stack."""

    def __init__(self, api_url: str, api_key: str | None = None) -> None:
        self.api_url = api_url
        self.headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}

    def call(self, method: str, path: str, body: object = None, timeout: float = 75) -> Any:
        """One JSON request; a problem reply becomes an error that quotes it."""
        data = None if body is None else json.dumps(body).encode()
        content = {"Content-Type": "application/json"} if data else {}
        headers = self.headers | {"Accept": "application/json"} | content
        request = urllib.request.Request(self.api_url + path, data=data, headers=headers, method=method)
        try:
            with _opener.open(request, timeout=timeout) as response:
                return json.load(response)
        except urllib.error.HTTPError as refused:
            text = refused.read().decode(errors="replace")
            raise DevError(f"{method} {path}: HTTP {refused.code}: {text}") from None
        except (OSError, ValueError) as problem:
            raise DevError(f"{method} {self.api_url}{path}: {problem}") from None

    def presign(self, path: Path) -> Any:
        content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        body = {"filename": path.name, "content_type": content_type, "size": path.stat().st_size}
        return self.call("POST", "/files/presigned-upload", body)


def _form(fields: dict[str, str], filename: str, boundary: str) -> tuple[bytes, bytes]:
    """What precedes and follows the file in a multipart form; S3 wants the file as the last part."""
    head = ""
    for name, value in fields.items():
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    escaped = filename.replace("\\", "_").replace('"', "%22").replace("\r", "_").replace("\n", "_")
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n'
    head += f"Content-Type: {fields.get('Content-Type', 'application/octet-stream')}\r\n\r\n"
    return head.encode(), f"\r\n--{boundary}--\r\n".encode()


def upload(ticket: dict[str, Any], path: Path, progress: Callable[[int], None]) -> None:
    """Sends the file to the store as the ticket says, in constant memory."""
    boundary = secrets.token_hex(16)
    headers = dict(ticket["headers"])
    head, tail = b"", b""
    if ticket["method"] == "POST":
        head, tail = _form(ticket["form_fields"], path.name, boundary)
        headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
    headers["Content-Length"] = str(len(head) + path.stat().st_size + len(tail))

    def body() -> Iterator[bytes]:
        yield head
        sent = 0
        with open(path, "rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
                sent += len(chunk)
                progress(sent)
        yield tail

    url = urllib.parse.urlsplit(ticket["upload_url"])
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    link = kind(url.netloc, timeout=120)
    try:
        target = urllib.parse.urlunsplit(("", "", url.path, url.query, ""))
        link.request(ticket["method"], target, body=body(), headers=headers)
        answer = link.getresponse()
        text = answer.read().decode(errors="replace")
    except OSError as problem:
        raise DevError(f"upload of {path.name}: {problem}") from None
    finally:
        link.close()
    if answer.status not in (200, 201, 204):
        raise DevError(f"upload of {path.name}: the store answered {answer.status}: {text}")
