"""Objects in the bucket, with the records that Sluice or a peer has of them, and the events that the store sent."""

import http.client
import json
import os
import threading
import urllib.parse
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from devstack.client import SluiceClient
from devstack.errors import DevError
from runner.lab import Lab

THREADS = 8
BLOCK = 4 * 1024 * 1024
EVENTS_WITHIN_S = 60.0


@dataclass(frozen=True)
class Ticket:
    """Permission to PUT one object. Without Sluice there is no file behind it."""

    key: str
    url: str
    headers: dict[str, str]
    file_id: str | None = None


def _of_sluice(client: SluiceClient, number: int, size: int) -> Ticket:
    body = {"filename": f"object-{number}.bin", "size": size, "method": "put"}
    answer = client.call("POST", "/files/presigned-upload", body)
    return Ticket(answer["object_key"], answer["upload_url"], answer["headers"], answer["file_id"])


def _of_store(lab: Lab, s3: Any) -> Ticket:
    key = f"files/{uuid.uuid4()}"
    bucket = lab.stack.program_settings()["SLUICE_S3_BUCKET"]
    return Ticket(key, s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": key}), {})


def tickets(lab: Lab, count: int, size: int) -> list[Ticket]:
    """From the running api; from the store itself when Sluice takes no part."""
    if not lab.with_sluice:
        s3 = lab.s3
        return [_of_store(lab, s3) for _ in range(count)]
    client = SluiceClient(lab.stack.api.url)
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda number: _of_sluice(client, number, size), range(count)))


class Uploader:
    """PUTs over one kept connection a thread."""

    def __init__(self) -> None:
        self._local = threading.local()

    def _link(self, address: str) -> http.client.HTTPConnection:
        if not hasattr(self._local, "link"):
            self._local.link = http.client.HTTPConnection(address, timeout=300)
        return self._local.link

    def put(self, ticket: Ticket, body: bytes | Iterator[bytes], size: int) -> None:
        url = urllib.parse.urlsplit(ticket.url)
        link = self._link(url.netloc)
        headers = ticket.headers | {"Content-Length": str(size)}
        link.request("PUT", urllib.parse.urlunsplit(("", "", url.path, url.query, "")), body=body, headers=headers)
        answer = link.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise DevError(f"PUT of {ticket.key}: the store answered {answer.status}: {text.decode(errors='replace')}")


def put_all(these: list[Ticket], size: int) -> None:
    """Each object has other bytes, or deduplication would have something to do."""
    uploader = Uploader()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda ticket: uploader.put(ticket, os.urandom(size), size), these))


def put_large(ticket: Ticket, size: int) -> None:
    """Streams a repeated random block."""
    block = os.urandom(BLOCK)

    def blocks() -> Iterator[bytes]:
        for start in range(0, size, BLOCK):
            yield block[: min(BLOCK, size - start)]

    Uploader().put(ticket, blocks(), size)


def _key_of(event: bytes) -> str:
    """MinIO's access format: [{"Event": [record], …}]."""
    return urllib.parse.unquote_plus(json.loads(event)[0]["Event"][0]["s3"]["object"]["key"])


@dataclass(frozen=True)
class Events:
    """What the store pushed: everything, as Sluice is wired, and the first of each object, which is what peers get."""

    every: list[bytes]
    first: list[bytes]


def take_events(lab: Lab, these: list[Ticket]) -> Events:
    """Takes the notifications of these objects off the list, once every target has reported all of them. The store may
    repeat one: their number alone does not tell that none will come later."""
    queue, store, expected = lab.queue, lab.stack.store, len(these) * len(lab.stack.store.notify_arns)

    def have_come() -> bool:
        return int(queue.llen(lab.events_list)) >= expected and not store.has_undelivered_events()

    lab.wait_for(f"{expected} events", have_come, EVENTS_WITHIN_S)
    every = queue.lrange(lab.events_list, 0, -1)
    queue.delete(lab.events_list)
    first: dict[str, bytes] = {}
    for event in every:
        first.setdefault(_key_of(event), event)
    missing = {ticket.key for ticket in these} - first.keys()
    if missing:
        raise DevError(f"no event for {len(missing)} objects, e.g. {missing.pop()}")
    return Events(list(every), list(first.values()))
