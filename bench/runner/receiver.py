"""A receiver of webhooks in a process of its own: it says yes to everything and counts what it has not seen before."""

import asyncio
import multiprocessing
import re
import signal
import time
from types import TracebackType
from typing import Any

from devstack.ports import free_port

YES = b"HTTP/1.1 204 No Content\r\n\r\n"
LENGTH, EVENT = re.compile(rb"(?i)\r\ncontent-length: *(\d+)"), re.compile(rb"(?i)\r\nwebhook-id: *([^\r]+)")


class _Connection(asyncio.Protocol):
    """Requests one after the other, kept alive."""

    def __init__(self, note: "_Note") -> None:
        self._note, self._content = note, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._content += data
        while (end := self._content.find(b"\r\n\r\n")) >= 0:
            head = self._content[:end]
            length, event = LENGTH.search(head), EVENT.search(head)
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self._content) < whole:
                return
            self._content = self._content[whole:]
            self._note(event.group(1) if event else b"")
            self._transport.write(YES)


class _Note:
    """Counts into memory that the runner shares."""

    def __init__(self, count: Any, last: Any) -> None:
        self._count, self._last, self._seen = count, last, set[bytes]()

    def __call__(self, event: bytes) -> None:
        if event not in self._seen:
            self._seen.add(event)
            self._last.value = time.monotonic()
            self._count.value += 1


class Receiver:
    """Listens while it is entered. Events are told apart by webhook-id."""

    def __init__(self) -> None:
        self._port = free_port(set())
        self._count = multiprocessing.Value("q", 0)
        self._last = multiprocessing.Value("d", 0.0)
        self._listening = multiprocessing.Event()
        self._process = multiprocessing.Process(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hook"

    @property
    def count(self) -> int:
        """Events so far, each once."""
        return int(self._count.value)

    @property
    def last(self) -> float:
        """When the latest of them came, as time.monotonic()."""
        return float(self._last.value)

    def _serve(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # not what the runner does
        note = _Note(self._count, self._last)

        async def listen() -> None:
            server = await asyncio.get_running_loop().create_server(lambda: _Connection(note), "127.0.0.1", self._port)
            self._listening.set()
            await server.serve_forever()

        asyncio.run(listen())

    def __enter__(self) -> "Receiver":
        self._process.start()
        self._listening.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.join()
