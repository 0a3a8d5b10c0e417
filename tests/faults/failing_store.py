"""A store that refuses every request with one status and one S3 error, or those for one object only."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Notes what it is asked in `asked`."""

    protocol_version = "HTTP/1.1"
    status = 503
    code = "SlowDown"
    key: str | None = None  # only requests for this object are refused; the others go on to the upstream
    query: str | None = None  # only those whose query has this
    times: int | None = None  # only so many of them
    upstream = ""
    asked: list[str]

    def answer(self) -> None:
        path, _, query = self.path.partition("?")
        self.asked.append(f"{self.command} {path}")
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))  # else it would be the next request
        meant = (self.key is None or path.endswith(self.key)) and (self.query is None or self.query in query)
        if meant and self.times != 0:
            if self.times is not None:
                type(self).times = self.times - 1
            body = f'<?xml version="1.0"?><Error><Code>{self.code}</Code><Message>as told</Message></Error>'.encode()
            self._reply(self.status, [("Content-Type", "application/xml")], body)
        else:
            self._forward(sent)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

    def _forward(self, sent: bytes) -> None:
        """As it came, Host included, which is signed."""
        connection = http.client.HTTPConnection(self.upstream, timeout=30)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(sent)
        reply = connection.getresponse()
        hop = ("content-length", "transfer-encoding", "connection")
        headers = [(name, value) for name, value in reply.getheaders() if name.lower() not in hop]
        self._reply(reply.status, headers, reply.read(), reply.getheader("Content-Length"))
        connection.close()

    def _reply(self, status: int, headers: list[tuple[str, str]], body: bytes, length: str | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing: what was asked is in the list."""


@contextmanager
def failing_store(
    status: int,
    code: str,
    key: str | None = None,
    upstream: str = "",
    query: str | None = None,
    times: int | None = None,
) -> Iterator[tuple[str, list[str]]]:
    """Yields its address and the list of what it was asked. With a key only that object fails, with a query only what
    has it, with times only so many; the rest is asked of the upstream (host:port)."""
    asked: list[str] = []
    kind = type(
        "Told",
        (Handler,),
        {
            "status": status,
            "code": code,
            "key": key,
            "query": query,
            "times": times,
            "upstream": upstream,
            "asked": asked,
        },
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
