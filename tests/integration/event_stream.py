"""A client of event streams that knows only the standard: lines, `event`, `id`, `data`, `retry`, comments."""

import contextlib
import http.client
import json
import queue
import socket
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

DEADLINE_S = 60.0


@dataclass
class Event:
    """One dispatched event, and the position after it."""

    name: str
    data: dict[str, Any]
    last_id: str
    seconds: float


class EventStream:
    """An open stream; a thread reads it. `with EventStream(url, headers) as stream: stream.next()`."""

    def __init__(self, url: str, headers: dict[str, str] | None = None, last_id: str | None = None) -> None:
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.netloc, timeout=2 * DEADLINE_S)
        connection.connect()
        self._socket: socket.socket = connection.sock
        connection.request(
            "GET", address.path, headers=dict(headers or {}) | ({"Last-Event-ID": last_id} if last_id else {})
        )
        self.reply = connection.getresponse()
        self.last_id = last_id or ""
        self.retry_ms: int | None = None
        self.comments = 0
        self.ended = threading.Event()
        self._events: queue.Queue[Event] = queue.Queue()
        self._begun = threading.Event()
        if self.reply.status == 200:
            threading.Thread(target=self._read, daemon=True).start()
            assert self._begun.wait(DEADLINE_S), "the stream does not begin"

    def _read(self) -> None:
        fields: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError, AttributeError):  # the end, by whichever side
            while raw := self.reply.readline():
                line = raw.decode().rstrip("\n")
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                else:
                    self._dispatch(fields)
                    fields = {}
        self.ended.set()

    def _dispatch(self, fields: dict[str, str]) -> None:
        self.last_id = fields.get("id", self.last_id)
        self.retry_ms = int(fields["retry"]) if "retry" in fields else self.retry_ms
        if "data" in fields:
            event = Event(fields["event"], json.loads(fields["data"]), self.last_id, time.monotonic())
            self._events.put(event)
        if "id" in fields:
            self._begun.set()

    def next(self, seconds: float = DEADLINE_S) -> Event:
        """The next event."""
        try:
            return self._events.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"no event within {seconds} s") from None

    def until(self, status: str) -> list[str]:
        """The statuses up to this one."""
        seen: list[str] = []
        while not seen or seen[-1] != status:
            seen.append(self.next().data["status"])
        return seen

    def nothing_more(self, seconds: float = 0.3) -> None:
        """No further event comes for a while."""
        try:
            event = self._events.get(timeout=seconds)
        except queue.Empty:
            return
        raise AssertionError(f"one too many: {event}")

    def close(self) -> None:
        """Leaves; the thread notices."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.reply.close()

    def __enter__(self) -> "EventStream":
        assert self.reply.status == 200, self.reply.read()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
