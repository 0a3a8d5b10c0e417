"""A door between the processor and its SQS server: what passes is written down, and may be held up or refused."""

import http.client
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOP_HEADERS = ("connection", "transfer-encoding", "content-length", "server", "date")


@dataclass
class Passed:
    """A request as it came."""

    action: str
    headers: dict[str, str]
    body: bytes


class SqsGate(ThreadingHTTPServer):
    """Forwards to a server on loopback."""

    daemon_threads = True

    def __init__(self, port: int, upstream: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.upstream = upstream
        self.passed: list[Passed] = []
        self.held = threading.Event()  # a request of the held action has come
        self.held_action = ""
        self.answers: dict[str, tuple[int, bytes]] = {}  # by action, instead of the server's
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def hold(self, action: str) -> None:
        """From now on requests of this action get no answer, and the server none of them."""
        self.held.clear()
        self.held_action = action

    def release(self) -> None:
        """Those that are held break off; later ones pass."""
        self.held_action = ""

    def close(self) -> None:
        """Nobody listens any more."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: SqsGate
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        gate = self.server
        action = self.headers.get("x-amz-target", "").rpartition(".")[2]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        gate.passed.append(Passed(action, dict(self.headers.items()), body))
        if action == gate.held_action:
            gate.held.set()
            self.connection.settimeout(0.1)
            while gate.held_action == action and not self._is_gone():
                pass
            self.close_connection = True
        elif action in gate.answers:
            self._answer(*gate.answers[action], {"Content-Type": "application/x-amz-json-1.0"})
        else:
            self._forward(body)

    def _is_gone(self) -> bool:
        try:
            return self.connection.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    def _forward(self, body: bytes) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=40)
        try:
            upstream.request("POST", self.path, body, dict(self.headers.items()))
            reply = upstream.getresponse()
            self._answer(reply.status, reply.read(), dict(reply.getheaders()))
        except OSError:
            self.close_connection = True
        finally:
            upstream.close()

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in HOP_HEADERS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: pytest's output is for results."""
