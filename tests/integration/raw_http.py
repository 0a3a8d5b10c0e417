"""Requests that no sane client sends, byte by byte."""

import contextlib
import re
import socket
from urllib.parse import urlsplit


class RawReply:
    """What came back on the wire."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.head, _, self.body = data.partition(b"\r\n\r\n")

    @property
    def status(self) -> int:
        """The status of the first reply, 0 when the connection was closed without one."""
        return int(self.data.split(b" ", 2)[1]) if self.data.startswith(b"HTTP/1.") else 0

    @property
    def replies(self) -> int:
        """How many replies there are: a smuggled request would have one of its own."""
        return len(re.findall(rb"HTTP/1\.1 \d{3} ", self.data))


def connect(api_url: str, timeout: float = 20) -> socket.socket:
    """A connection to the API."""
    address = urlsplit(api_url)
    return socket.create_connection((address.hostname or "", address.port or 80), timeout=timeout)


def read_all(link: socket.socket) -> RawReply:
    """Everything until the server closes or nothing more comes."""
    data = b""
    try:
        while chunk := link.recv(65536):
            data += chunk
    except (TimeoutError, ConnectionError):
        pass
    return RawReply(data)


def exchange(api_url: str, request: bytes, timeout: float = 20) -> RawReply:
    """Sends these bytes and reads what comes back; an early answer is no error."""
    with connect(api_url, timeout) as link:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            link.sendall(request)
        return read_all(link)
