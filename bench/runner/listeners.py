"""Many clients of event streams on real connections, read by one thread that only counts."""

import contextlib
import selectors
import socket
import threading
import urllib.parse
from types import TracebackType

from devstack.errors import DevError

CHUNK = 256 * 1024
CONNECT_WITHIN_S = 30.0
LOOK_S = 0.2


class Listener:
    """One open stream, and how often a word has come on it."""

    def __init__(self, url: str, path: str, word: bytes) -> None:
        address = urllib.parse.urlsplit(url)
        self.word, self.count, self.has_ended, self._tail = word, 0, False, b""
        self.socket = socket.create_connection((address.hostname, address.port or 80), CONNECT_WITHIN_S)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        self.head = self._read_head()

    def _read_head(self) -> str:
        """Up to the first blank line; what follows counts already."""
        content = b""
        while b"\r\n\r\n" not in content:
            part = self.socket.recv(CHUNK)
            if not part:
                break
            content += part
        head, _, rest = content.partition(b"\r\n\r\n")
        self.take(rest)
        return head.decode("latin-1")

    @property
    def status(self) -> int:
        """Of HTTP; 0 when nothing came."""
        return int(self.head.split()[1]) if self.head else 0

    def take(self, content: bytes) -> None:
        """Words that are cut in two are found, too."""
        content = self._tail + content
        self.count += content.count(self.word)
        self._tail = content[max(0, len(content) - len(self.word) + 1) :]

    def close(self) -> None:
        self.socket.close()


class Listeners:
    """Holds the streams open while it is entered, and reads them."""

    def __init__(self, url: str, paths: list[str], word: bytes) -> None:
        self._url, self._paths, self._word = url, paths, word
        self._stopping = threading.Event()
        self.all: list[Listener] = []

    def __enter__(self) -> "Listeners":
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._read, daemon=True)
        try:
            for path in self._paths:
                self.all.append(Listener(self._url, path, self._word))
                if self.all[-1].status != 200:
                    raise DevError(f"GET {path}: {self.all[-1].head.splitlines()[:1]}")
        except BaseException:
            self._close()
            raise
        for one in self.all:
            one.socket.setblocking(False)
            self._selector.register(one.socket, selectors.EVENT_READ, one)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._close()

    def _close(self) -> None:
        for one in self.all:
            one.close()
        self._selector.close()

    def _read(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._selector.select(LOOK_S):
                self._read_one(key.data)

    def _read_one(self, one: Listener) -> None:
        content = b""
        with contextlib.suppress(ConnectionError):
            content = one.socket.recv(CHUNK)
        one.take(content)
        if not content:
            one.has_ended = True
            self._selector.unregister(one.socket)

    @property
    def ended(self) -> int:
        """Streams that the other side has closed."""
        return sum(one.has_ended for one in self.all)
