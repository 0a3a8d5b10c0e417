"""Events by an SQS queue, and by nothing else: the bucket has no subscription, and the sweeper stays away.

The server is moto's. The tests put what S3 would put into the queue, and the reader reaches it through a gate.
"""

import json
import signal
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from ledgers import Ledgers
from sluice_client import Sluice, Ticket, eventually, send
from sqs_gate import Passed, SqsGate

from devstack.ports import free_port
from devstack.process import Process
from devstack.sqs import Sqs
from devstack.stack import Stack
from devstack.store import REGION
from devstack.testing import run_stack

ACCOUNT = "123456789012"
QUEUE = "uploads"
ACCESS_KEY = "sqs-access-key"
SECRET_KEY = "sqs-secret-key"
VISIBILITY_S = 3
BATCH = 10  # of SQS' own


@dataclass
class World:
    """All that takes part."""

    stack: Stack
    server: Sqs
    gate: SqsGate
    api: Sluice
    ledgers: Ledgers

    @property
    def sqs(self) -> Any:
        """Somebody else's client of the server."""
        return boto3.client(
            "sqs",
            endpoint_url=self.server.url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(proxies={}),
        )

    def create_queue(self) -> None:
        self.sqs.create_queue(QueueName=QUEUE)

    def tell(self, *bodies: str) -> None:
        """What S3 does."""
        sqs = self.sqs
        for first in range(0, len(bodies), BATCH):
            entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies[first : first + BATCH])]
            assert not sqs.send_message_batch(QueueUrl=self.queue_url, Entries=entries).get("Failed")

    @property
    def queue_url(self) -> str:
        return f"{self.server.url}/{ACCOUNT}/{QUEUE}"

    def left(self) -> int:
        """Messages that wait, or that somebody has and has not deleted."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        reply = self.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)
        return sum(int(reply["Attributes"][name]) for name in names)

    def all_deleted(self) -> None:
        eventually(lambda: self.left() == 0, "every message is deleted")

    def uploaded(self, data: bytes = b"an object\n") -> Ticket:
        """A PENDING file whose object is in the bucket."""
        ticket = self.api.presign("a b+ü.txt", method="put")
        assert send(ticket, data).ok
        return ticket

    def event(self, key: str, name: str = "ObjectCreated:Put", size: int = 10) -> str:
        """As S3 writes it."""
        return json.dumps({"Records": [self.record(key, name, size)]})

    def record(self, key: str, name: str = "ObjectCreated:Put", size: int = 10) -> dict[str, Any]:
        return {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": REGION,
            "eventTime": "2026-01-01T00:00:00.000Z",
            "eventName": name,
            "s3": {
                "s3SchemaVersion": "1.0",
                "bucket": {"name": self.ledgers.bucket},
                "object": {"key": quote(key, safe="/"), "size": size},
            },
        }

    def metric(self, result: str) -> float:
        text = requests.get(f"{self.stack.processor.url}/metrics", timeout=10).text
        wanted = f'sluice_sqs_messages_total{{result="{result}"}} '
        return float(next(line for line in text.splitlines() if line.startswith(wanted)).rpartition(" ")[2])


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    port = free_port(set())
    settings = {
        "SLUICE_SQS_QUEUE_URL": f"http://127.0.0.1:{port}/{ACCOUNT}/{QUEUE}",
        "SLUICE_SQS_ACCESS_KEY": ACCESS_KEY,
        "SLUICE_SQS_SECRET_KEY": SECRET_KEY,
        "SLUICE_SQS_VISIBILITY_S": str(VISIBILITY_S),
        "SLUICE_S3_NOTIFY_ARNS": "",
        "SLUICE_SWEEP_AGE_S": "3600",
        "SLUICE_LOG_FORMAT": "json",
    }
    for stack in run_stack("sqs", **settings):
        if not stack.store.notify_arns:
            pytest.skip(f"{stack.store.binary.title} reports to the API, whatever the bucket says")
        server = Sqs(stack.state)
        server.start()
        gate = SqsGate(port, server.port)
        made = World(stack, server, gate, Sluice(stack.api.url), Ledgers(stack))
        made.create_queue()
        try:
            yield made
        finally:
            gate.close()
            server.stop()


def test_an_event_in_the_queue_moves_the_file(world: World) -> None:
    ticket = world.uploaded()
    assert world.api.record(ticket["file_id"])["status"] == "PENDING"
    world.tell(world.event(ticket["object_key"]))
    world.api.synced(ticket["file_id"])
    world.all_deleted()


@pytest.mark.parametrize("form", ["SNS", "EventBridge"])
def test_shapes(world: World, form: str) -> None:
    ticket = world.uploaded()
    key = ticket["object_key"]
    bodies = {
        "SNS": {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:x", "Message": world.event(key)},
        "EventBridge": {
            "version": "0",
            "detail-type": "Object Created",
            "source": "aws.s3",
            "time": "2026-01-01T00:00:00Z",
            "detail": {"bucket": {"name": world.ledgers.bucket}, "object": {"key": key, "size": 10, "etag": "abc"}},
        },
    }
    world.tell(json.dumps(bodies[form]))
    world.api.synced(ticket["file_id"])
    world.all_deleted()


def test_what_s3_says_when_it_is_set_up_is_of_no_interest(world: World) -> None:
    known = world.ledgers.newest_dead_event()
    world.tell(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": world.ledgers.bucket}))
    world.all_deleted()
    assert world.ledgers.dead_events(b"TestEvent", since=known) == []


def test_the_same_event_many_times_has_one_effect(world: World) -> None:
    ticket = world.uploaded()
    event = world.event(ticket["object_key"])
    world.tell(*[event] * 25)
    world.api.synced(ticket["file_id"])
    world.all_deleted()
    topics = world.ledgers.rows("SELECT topic FROM outbox WHERE file_id = %s ORDER BY id", ticket["file_id"])
    assert topics == [("file.uploaded",), ("file.synced",)]


def test_a_removed_object_takes_its_record_along(world: World) -> None:
    ticket = world.uploaded()
    world.tell(world.event(ticket["object_key"]))
    world.api.synced(ticket["file_id"])
    world.ledgers.s3.delete_object(Bucket=world.ledgers.bucket, Key=ticket["object_key"])
    world.tell(world.event(ticket["object_key"], "ObjectRemoved:Delete"))
    eventually(lambda: world.api.get(f"/files/{ticket['file_id']}").status_code == 404, "the record is gone")


@pytest.mark.parametrize(
    "body", ["not json {}", '{{"mark":"{}"}}', '{{"Records":[{{"mark":"{}"}}]}}', '[["{}"]]', "\ufffd{}", "{}" * 5000]
)
def test_what_is_no_event_is_kept_and_deleted(world: World, body: str) -> None:
    mark = uuid.uuid4().hex
    ticket = world.uploaded()
    world.tell(body.format(*[mark] * 5000), world.event(ticket["object_key"]))
    reasons = eventually(lambda: world.ledgers.dead_events(mark.encode()), "dead event")
    assert len(reasons) == 1
    assert reasons[0].strip()
    world.api.synced(ticket["file_id"])
    world.all_deleted()


def test_a_hundred_uploads_at_once(world: World) -> None:
    """Single messages, and messages with many records."""
    tickets = [world.uploaded() for _ in range(100)]
    keys = [ticket["object_key"] for ticket in tickets]
    world.tell(*[world.event(key) for key in keys[:50]])
    world.tell(json.dumps({"Records": [world.record(key) for key in keys[50:]]}))
    for ticket in tickets:
        world.api.synced(ticket["file_id"])
    world.all_deleted()


def test_the_server_goes_and_comes_back(world: World) -> None:
    """It forgets its queue with that, so that at first there is none."""
    world.server.kill()
    ticket = world.uploaded()
    world.server.start()
    eventually(lambda: _is_refused(world.gate), "the reader asks for a queue that does not exist")
    world.create_queue()
    world.tell(world.event(ticket["object_key"]))
    world.api.synced(ticket["file_id"])
    world.all_deleted()


def _is_refused(gate: SqsGate) -> bool:
    known = len(gate.passed)
    eventually(lambda: len(gate.passed) > known, "the reader tries again")
    return True


def test_a_deletion_that_fails_is_tried_again(world: World) -> None:
    deleted = world.metric("deleted")
    known = len(world.gate.passed)
    world.gate.answers["DeleteMessageBatch"] = (500, b"{}")
    ticket = world.uploaded()
    try:
        world.tell(world.event(ticket["object_key"]))
        world.api.synced(ticket["file_id"])
        eventually(lambda: _count(world.gate.passed[known:], "DeleteMessageBatch") >= 2, "tries to delete")
    finally:
        world.gate.answers.clear()
    world.all_deleted()
    assert world.metric("deleted") > deleted


def _count(passed: list[Passed], action: str) -> int:
    return sum(request.action == action for request in passed)


def test_killed_between_commit_and_deletion(world: World) -> None:
    """The record has moved, the message is still the queue's: it comes again, and has no second effect."""
    world.gate.hold("DeleteMessageBatch")
    try:
        ticket = world.uploaded()
        world.tell(world.event(ticket["object_key"]))
        assert world.gate.held.wait(60), "nothing was to be deleted"
        for process in reversed(Process.of(world.stack.processor.pid).tree()):
            process.signal(signal.SIGKILL)
        eventually(lambda: not world.stack.processor.alive(), "the processor is gone")
    finally:
        world.gate.release()
    assert world.left() == 1
    world.stack.processor.start()
    world.api.synced(ticket["file_id"])
    world.all_deleted()
    topics = world.ledgers.rows("SELECT topic FROM outbox WHERE file_id = %s ORDER BY id", ticket["file_id"])
    assert topics == [("file.uploaded",), ("file.synced",)]


def test_killed_while_it_holds_messages(world: World) -> None:
    """Nothing is deleted that had no effect."""
    world.stack.processor.pause()
    tickets = [world.uploaded() for _ in range(20)]
    world.tell(*[world.event(ticket["object_key"]) for ticket in tickets])
    world.stack.processor.resume()
    for process in reversed(Process.of(world.stack.processor.pid).tree()):
        process.signal(signal.SIGKILL)
    eventually(lambda: not world.stack.processor.alive(), "the processor is gone")
    world.stack.processor.start()
    for ticket in tickets:
        world.api.synced(ticket["file_id"])
    world.all_deleted()


def test_a_stop_does_not_wait_for_messages(world: World) -> None:
    """A receive waits 20 s for them."""
    known = len(world.gate.passed)
    eventually(lambda: _count(world.gate.passed[known:], "ReceiveMessage") > 0 or world.left() == 0, "it waits")
    started = time.monotonic()
    world.stack.processor.stop()
    took = time.monotonic() - started
    world.stack.processor.start()
    assert took < 10, f"{took:.1f} s"


def test_requests_are_signed_for_the_queue(world: World) -> None:
    """botocore, which made no part of it, comes to the same signature."""
    eventually(lambda: {"ReceiveMessage", "DeleteMessageBatch", "GetQueueAttributes"} <= {
        request.action for request in world.gate.passed}, "one of each")  # fmt: skip
    for action in ("ReceiveMessage", "DeleteMessageBatch", "GetQueueAttributes"):
        request = next(request for request in world.gate.passed if request.action == action)
        headers = {name.lower(): value for name, value in request.headers.items()}
        sent = headers["authorization"]
        signed = sent.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        assert signed == ["content-type", "host", "x-amz-date", "x-amz-target"]
        again = AWSRequest("POST", f"http://{headers['host']}/", {name: headers[name] for name in signed}, request.body)
        again.context["timestamp"] = headers["x-amz-date"]
        signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "sqs", REGION)
        text = signer.string_to_sign(again, signer.canonical_request(again))
        assert sent.endswith(f"Signature={signer.signature(text, again)}")


def test_the_doctor_looks_at_the_queue(world: World) -> None:
    report = json.loads(world.stack.cli.run("doctor", "--json", check=False).stdout)
    found = {check["name"]: check for check in report["checks"]}
    assert found["sqs queue"]["result"] == "ok", found["sqs queue"]
