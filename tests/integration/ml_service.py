"""A service with the interface of Immich's machine-learning service, for want of a CLIP model that could run here.

`POST /predict` takes the form that the real one documents (a part `entries` that names task, type and model, and a part
`image` or `text`) and refuses any other with its statuses; the answer's `clip` is a string that holds a JSON array. The
vectors are deterministic and mean something: a picture's is its mean colour, a text's the colours that it names.
"""

import contextlib
import email.parser
import email.policy
import io
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

from devstack.ports import free_port

MODEL = "ViT-B-32__openai"
COLOURS = {"red": (1.0, 0.0, 0.0), "green": (0.0, 1.0, 0.0), "blue": (0.0, 0.0, 1.0), "yellow": (1.0, 1.0, 0.0)}


@dataclass
class Asked:
    """One request to /predict."""

    type: str
    model: str
    text: str | None = None
    image: bytes = b""


def of_text(text: str) -> list[float]:
    """Length 4, not 1: the client has to bring it to length 1."""
    named = [colour for name, colour in COLOURS.items() if name in text.split()]
    mixed = [sum(parts) * 4.0 for parts in zip(*named, strict=True)] if named else [0.0, 0.0, 0.0]
    return [*mixed, 0.0 if named else 1.0]


def of_image(data: bytes) -> list[float]:
    image = Image.open(io.BytesIO(data)).convert("RGB").resize((1, 1), Image.Resampling.BOX)
    return [*(part / 255.0 for part in image.getpixel((0, 0))), 0.0]  # type: ignore[union-attr]


class Handler(BaseHTTPRequestHandler):
    """Answers as the service is told to."""

    protocol_version = "HTTP/1.1"
    service: "MlService"

    def do_GET(self) -> None:
        """GET /ping."""
        self._reply(200 if self.path == "/ping" else 404, b"pong", "text/plain")

    def do_POST(self) -> None:
        """POST /predict."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/predict":
            self._reply(404, b"{}")
            return
        form = self._form(body)
        asked = self._asked(form)
        if asked is None:
            self._reply(422, b'{"detail":"Invalid request format."}')
            return
        self.service.asked.append(asked)
        self.service.answer(self, asked)

    def _form(self, body: bytes) -> dict[str, bytes]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        parts: dict[str, bytes] = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            parts[str(name)] = part.get_payload(decode=True)  # type: ignore[assignment]
        return parts

    def _asked(self, form: dict[str, bytes]) -> Asked | None:
        try:
            entries: dict[str, dict[str, dict[str, Any]]] = json.loads(form["entries"])
            ((kind, entry),) = entries["clip"].items()
            asked = Asked(kind, entry["modelName"])
        except (KeyError, ValueError, AttributeError):
            return None
        if kind == "visual" and "image" in form:
            asked.image = form["image"]
            return asked
        if kind == "textual" and "text" in form:
            asked.text = form["text"].decode()
            return asked
        return None

    def vector(self, numbers: list[float]) -> None:
        self._reply(200, json.dumps({"clip": json.dumps(numbers)}).encode())

    def _reply(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        with contextlib.suppress(OSError):  # who waited too long has left
            self.send_response_only(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing: what was asked is in the list."""


class Server(ThreadingHTTPServer):
    """Its connections end with it, as those of a process do."""

    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.connections: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.append(request)
        super().process_request(request, client_address)

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@dataclass
class MlService:
    """Keeps its port while it is down."""

    port: int = field(default_factory=lambda: free_port(set()))
    fault: str = ""  # what is wrong with answers for pictures: "", hang, garbage, number, dimension, error
    asked: list[Asked] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)  # ends what hangs

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, handler: Handler, asked: Asked) -> None:
        """One answer to /predict."""
        if asked.text is not None:
            handler.vector(of_text(asked.text))
            return
        if self.fault == "hang":
            self.released.wait(60)
        numbers = of_image(asked.image)
        if self.fault == "garbage":
            handler._reply(200, b'{"clip":"no array"}')
        elif self.fault == "number":
            handler._reply(200, b'{"clip":"[1e999,1,0,0]"}')
        elif self.fault == "error":
            handler._reply(500, b'{"detail":"Failed to load model"}')
        else:
            handler.vector([*numbers, 0.5] if self.fault == "dimension" else numbers)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The service, up."""
        handler = type("BoundHandler", (Handler,), {"service": self})
        server = Server(("127.0.0.1", self.port), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.released.clear()
        thread.start()
        try:
            yield
        finally:
            self.released.set()
            server.stop()
            thread.join()

    @contextmanager
    def faulty(self, fault: str) -> Iterator[None]:
        """The service, up, with something wrong."""
        self.fault = fault
        try:
            with self.running():
                yield
        finally:
            self.fault = ""

    def images(self) -> list[bytes]:
        return [asked.image for asked in self.asked if asked.type == "visual"]

    def texts(self) -> list[str]:
        return [asked.text for asked in self.asked if asked.text is not None]
