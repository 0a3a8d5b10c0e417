"""Clients that send a byte now and then, to hold connections: slowloris for heads, R.U.D.Y. for bodies."""

import contextlib
import selectors
import socket
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlsplit

EVERY_S = 1.0
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "
BODY = (
    b"POST /files/presigned-upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: 5000\r\n\r\n{"
)


@dataclass
class SlowClient:
    link: socket.socket
    answer: bytes = b""


@dataclass
class SlowClients:
    """Connected on entry; one thread drips for all of them until the server has ended each, or they are left."""

    api_url: str
    heads: int
    bodies: int
    ended: list[SlowClient] = field(default_factory=list)

    def __enter__(self) -> "SlowClients":
        self._over = threading.Event()
        self._selector = selectors.DefaultSelector()
        for number in range(self.heads + self.bodies):
            self._connect(HEAD if number < self.heads else BODY)
        self._thread = threading.Thread(target=self._drip, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(10)
        for key in list(self._selector.get_map().values()):
            key.data.link.close()
        self._selector.close()

    @property
    def open(self) -> int:
        return self.heads + self.bodies - len(self.ended)

    def _connect(self, start: bytes) -> None:
        address = urlsplit(self.api_url)
        link = socket.create_connection((address.hostname or "", address.port or 80), timeout=20)
        link.sendall(start)
        link.setblocking(False)
        self._selector.register(link, selectors.EVENT_READ, SlowClient(link))

    def _drip(self) -> None:
        due = time.monotonic() + EVERY_S
        while not self._over.is_set() and self._selector.get_map():
            for key, _ in self._selector.select(max(due - time.monotonic(), 0)):
                self._read(key.data)
            if time.monotonic() >= due:
                for key in list(self._selector.get_map().values()):
                    with contextlib.suppress(OSError):
                        key.data.link.send(b" ")
                due += EVERY_S

    def _read(self, client: SlowClient) -> None:
        try:
            piece = client.link.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        client.answer += piece
        if not piece:
            self._selector.unregister(client.link)
            client.link.close()
            self.ended.append(client)
