"""A receiver of webhooks: a real HTTP server that verifies what comes with the standardwebhooks library, and answers
as it is told to, path by path."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from ml_service import Server
from standardwebhooks import Webhook

from devstack.ports import free_port

Record = dict[str, Any]


@dataclass
class Received:
    """One request, verified or not."""

    path: str
    id: str
    headers: dict[str, str]
    body: bytes
    at: float
    answered: int = 0

    @property
    def event(self) -> Record:
        return dict(json.loads(self.body))

    @property
    def file_id(self) -> str:
        return str(self.event["data"].get("file_id"))

    def verified(self, secret: str) -> Record:
        """Raises when neither signature is of this secret."""
        return dict(Webhook(secret).verify(self.body, self.headers))


class Handler(BaseHTTPRequestHandler):
    """POST only."""

    protocol_version = "HTTP/1.1"
    receiver: "Receiver"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        got = Received(self.path, headers["webhook-id"], headers, body, time.monotonic())
        with self.receiver.lock:
            self.receiver.received.append(got)
        with suppress(OSError):  # who waited too long has left
            self.receiver.behaviour(self.path)(self, got)

    def answer(self, got: Received, status: int, body: bytes = b"{}", **headers: str) -> None:
        got.answered = status
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing: what came is in the list."""


Behaviour = Callable[[Handler, Received], None]


def answers(status: int, **headers: str) -> Behaviour:
    return lambda handler, got: handler.answer(got, status, **headers)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Each once, then the last one for ever."""
    left = list(behaviours)

    def behave(handler: Handler, got: Received) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler, got)

    return behave


def hang(handler: Handler, _got: Received) -> None:
    """No answer until the receiver ends."""
    handler.close_connection = True
    handler.receiver.released.wait(60)


def slow_body(handler: Handler, _got: Received) -> None:
    """A yes whose body never ends."""
    handler.close_connection = True
    handler.send_response_only(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.receiver.released.wait(0.1):
        handler.wfile.write(b"x")


def huge_body(handler: Handler, got: Received) -> None:
    """A yes with a body of a hundred megabytes."""
    handler.close_connection = True
    got.answered = 200
    handler.send_response_only(200)
    handler.send_header("Content-Length", str(100_000_000))
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x" * 1_000_000)


@dataclass
class Receiver:
    """Keeps its port while it is down. Paths without a behaviour answer 200."""

    port: int = field(default_factory=lambda: free_port(set()))
    certificate: str = ""  # PEM file with the key: https
    received: list[Received] = field(default_factory=list)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http{'s' if self.certificate else ''}://{host}:{self.port}{path}"

    def behaviour(self, path: str) -> Behaviour:
        return self.behaviours.get(path, answers(200))

    def at(self, path: str) -> list[Received]:
        with self.lock:
            return [got for got in self.received if got.path == path]

    def accepted(self, path: str) -> list[Received]:
        return [got for got in self.at(path) if 200 <= got.answered < 300]

    @contextmanager
    def running(self) -> Iterator["Receiver"]:
        """The receiver, up."""
        handler = type("BoundHandler", (Handler,), {"receiver": self})
        server = Server(("127.0.0.1", self.port), handler)
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.released.clear()
        thread.start()
        try:
            yield self
        finally:
            self.released.set()
            server.stop()
            thread.join()
