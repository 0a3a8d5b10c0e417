"""Webhooks: what became of files goes to real receivers (webhook_receiver.py), which verify it with a library that nobody
here wrote."""

import json
import subprocess
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgers import Ledgers
from sluice_client import Sluice, eventually, problem, send
from standardwebhooks.webhooks import WebhookVerificationError
from webhook_receiver import Received, Receiver, answers, hang, huge_body, in_turn, slow_body

from devstack.stack import Stack
from devstack.testing import run_stack

Record = dict[str, Any]
ROTATION_S = 2
RETRY_S = 3
DISABLE_AFTER_S = 6
SETTINGS = {
    "SLUICE_WEBHOOK_ALLOW_HTTP": "true",
    "SLUICE_WEBHOOK_MASTER_KEY": "the key of this test",
    "SLUICE_WEBHOOK_TIMEOUT_S": "1",
    "SLUICE_WEBHOOK_RETRY_BASE_MS": "100",
    "SLUICE_WEBHOOK_RETRY_MAX_MS": "400",
    "SLUICE_WEBHOOK_PAUSE_MAX_MS": "200",
    "SLUICE_WEBHOOK_RETRY_S": str(RETRY_S),
    "SLUICE_WEBHOOK_DISABLE_AFTER_S": str(DISABLE_AFTER_S),
    "SLUICE_WEBHOOK_ROTATION_S": str(ROTATION_S),
    "SLUICE_WEBHOOK_ENDPOINTS_MAX": "1000",
    "SLUICE_POLL_MS": "100",
    "SLUICE_LOG_FORMAT": "json",
}


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate for localhost with its key, in one file."""
    openssl(
        folder,
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=DNS:localhost", "-keyout", f"{name}.key", "-out", f"{name}.crt"),
    )
    both = folder / f"{name}.pem"
    both.write_bytes((folder / f"{name}.crt").read_bytes() + (folder / f"{name}.key").read_bytes())
    return both


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One that the processor trusts, and one that it does not."""
    folder = tmp_path_factory.mktemp("tls")
    return certificate(folder, "trusted"), certificate(folder, "strange")


@pytest.fixture(scope="module")
def hooked(certificates: tuple[Path, Path]) -> Iterator[Stack]:
    """A stack that sends webhooks anywhere, with short waits."""
    trusted = str(certificates[0].with_suffix(".crt"))
    yield from run_stack(
        "webhooks", SLUICE_WEBHOOK_ALLOW_PRIVATE="true", SLUICE_WEBHOOK_CA_FILE=trusted, **SETTINGS
    )


@pytest.fixture(scope="module")
def guarded() -> Iterator[Stack]:
    """A stack that sends webhooks to public addresses only."""
    yield from run_stack("webhooks-guarded", **SETTINGS)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver().running() as running:
        yield running


@pytest.fixture
def client(hooked: Stack) -> Sluice:
    return Sluice(hooked.api.url)


@pytest.fixture
def books(hooked: Stack) -> Ledgers:
    return Ledgers(hooked)


@pytest.fixture
def path(client: Sluice) -> Iterator[str]:
    """A path of this test's own; its endpoints end with the test, so that others do not wait for them."""
    own = f"/{uuid.uuid4().hex}"
    yield own
    for endpoint in client.get("/webhooks/endpoints?limit=200").json()["endpoints"]:
        if own in endpoint["url"]:
            client.request("DELETE", f"/webhooks/endpoints/{endpoint['endpoint_id']}")


def subscribe(client: Sluice, url: str, **fields: Any) -> Record:
    reply = client.post("/webhooks/endpoints", {"url": url, **fields})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


def act(client: Sluice, endpoint: Record, action: str, status: int = 200) -> Record:
    reply = client.post(f"/webhooks/endpoints/{endpoint['endpoint_id']}/{action}")
    assert reply.status_code == status, reply.text
    return dict(reply.json())


def shown(client: Sluice, endpoint: Record) -> Record:
    reply = client.get(f"/webhooks/endpoints/{endpoint['endpoint_id']}")
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def log(client: Sluice, endpoint: Record, status: str = "") -> list[Record]:
    query = {"endpoint": endpoint["endpoint_id"], "limit": 200} | ({"status": status} if status else {})
    reply = client.get("/webhooks/deliveries", params=query)
    assert reply.status_code == 200, reply.text
    return list(reply.json()["deliveries"])


def first(probe: Callable[[], list[Any]], what: str, seconds: float = 30) -> Any:
    return eventually(probe, what, seconds)[0]


def topics(got: list[Received]) -> list[str]:
    return [one.event["type"] for one in got]


def test_each_event_comes_signed_and_in_order(client: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(client, receiver.url(path))
    files = [client.upload(b"data %d" % number)["file_id"] for number in range(10)]
    for file_id in files:
        assert client.request("DELETE", f"/files/{file_id}").status_code == 204
    eventually(lambda: len(receiver.accepted(path)) >= 30, "three events of each file")
    got = receiver.at(path)
    assert len({one.id for one in got}) == 30
    for file_id in files:
        own = [one for one in got if one.file_id == file_id]
        assert topics(own) == ["file.uploaded", "file.synced", "file.deleted"]
    for one in got:
        assert one.verified(endpoint["secret"])["type"].startswith("file.")
        assert one.headers["content-type"] == "application/json"
        assert abs(int(one.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    with pytest.raises(WebhookVerificationError):
        got[0].verified("whsec_" + "A" * 32)
    assert {row["status"] for row in log(client, endpoint)} == {"delivered"}


def test_the_payload_is_the_record_without_signed_urls(client: Sluice, receiver: Receiver, path: str) -> None:
    subscribe(client, receiver.url(path), events=["file.synced"])
    file_id = client.upload(b"a payload", "Größe 1+2 😀.csv", external_id="mine")["file_id"]
    event = first(lambda: receiver.accepted(path), "the event").event
    record = client.record(file_id)
    assert (event["type"], event["data"]["status"]) == ("file.synced", "SYNCED")
    assert record.pop("download_url")
    for name, value in record.items():
        assert event["data"][name] == value, name
    assert "download_url" not in event["data"]
    assert datetime.fromisoformat(event["timestamp"]) <= datetime.now(UTC)


def test_only_subscribed_events_come(client: Sluice, receiver: Receiver, path: str) -> None:
    subscribe(client, receiver.url(path), events=["file.failed", "file.deleted"])
    ticket = client.presign("a.txt", sha256="0" * 64)
    assert send(ticket, b"other bytes").ok
    client.failed(ticket["file_id"], "HASH_MISMATCH")
    client.request("DELETE", f"/files/{ticket['file_id']}")
    eventually(lambda: len(receiver.accepted(path)) >= 2, "both events")
    assert topics(receiver.at(path)) == ["file.failed", "file.deleted"]
    assert receiver.at(path)[0].event["data"]["error"]["code"] == "HASH_MISMATCH"
    assert receiver.at(path)[1].event["data"]["object_key"] == ticket["object_key"]


def test_a_failure_is_tried_again_with_the_same_id(client: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = in_turn(answers(500), answers(404), answers(302, Location="/elsewhere"), answers(204))
    endpoint = subscribe(client, receiver.url(path), events=["file.synced"])
    file_id = client.upload(b"again")["file_id"]
    eventually(lambda: receiver.accepted(path), "a yes")
    got = receiver.at(path)
    assert [one.answered for one in got] == [500, 404, 302, 204]
    assert len({one.id for one in got}) == 1
    assert len({one.body for one in got}) == 1
    row = first(lambda: log(client, endpoint, "delivered"), "the log")
    assert (row["file_id"], row["attempts"], row["http_status"]) == (file_id, 4, 204)
    assert not receiver.at("/elsewhere")
    assert shown(client, endpoint)["failures"] == 0


def test_a_files_later_event_waits_for_the_earlier_one(client: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = in_turn(*[answers(503)] * 4, answers(200))
    subscribe(client, receiver.url(path))
    client.upload(b"in order")
    eventually(lambda: len(receiver.accepted(path)) == 2, "both events")
    assert topics(receiver.at(path)) == ["file.uploaded"] * 5 + ["file.synced"]


def test_retry_after_is_honoured(client: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = in_turn(answers(429, Retry_After="2"), answers(200))
    subscribe(client, receiver.url(path), events=["file.synced"])
    client.upload(b"later")
    eventually(lambda: receiver.accepted(path), "a yes")
    before, after = receiver.at(path)
    assert after.at - before.at >= 1.9


def test_it_is_given_up_and_can_be_replayed(client: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = answers(500)
    endpoint = subscribe(client, receiver.url(path), events=["file.synced"])
    client.upload(b"given up")
    row = first(lambda: log(client, endpoint, "failed"), "given up", RETRY_S + 20)
    assert (row["http_status"], row["response"], row["next_at"]) == (500, "{}", None)
    receiver.behaviours[path] = answers(200)
    act(client, endpoint, "enable")
    reply = client.post(f"/webhooks/deliveries/{row['delivery_id']}/replay")
    assert reply.status_code == 202, reply.text
    eventually(lambda: receiver.accepted(path), "a yes")
    assert receiver.at(path)[-1].id == receiver.at(path)[0].id == row["event_id"]
    assert first(lambda: log(client, endpoint, "delivered"), "the log")["delivery_id"] == row["delivery_id"]


def test_410_disables_the_endpoint(client: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = answers(410)
    endpoint = subscribe(client, receiver.url(path))
    client.upload(b"gone")
    eventually(lambda: not shown(client, endpoint)["enabled"], "disabled")
    assert shown(client, endpoint)["disabled_reason"] == "gone"
    assert len(receiver.at(path)) == 1
    problem(client.post(f"/webhooks/endpoints/{endpoint['endpoint_id']}/test"), 409, "CONFLICT")
    receiver.behaviours[path] = answers(200)
    act(client, endpoint, "enable")
    eventually(lambda: "file.synced" in topics(receiver.accepted(path)), "what was waiting")


def test_an_endpoint_that_only_fails_is_disabled(
    hooked: Stack, client: Sluice, receiver: Receiver, path: str
) -> None:
    receiver.behaviours[path] = answers(500)
    endpoint = subscribe(client, receiver.url(path))
    client.upload(b"fails")
    act(client, endpoint, "test", 202)
    eventually(lambda: client.upload(b"more") and not shown(client, endpoint)["enabled"], "disabled", 60)
    assert shown(client, endpoint)["disabled_reason"] == "failing"
    lines = [json.loads(line) for line in (hooked.log_dir / "processor.log").read_text().splitlines() if "{" in line]
    told = [line for line in lines if line.get("event") == "webhook_endpoint_disabled"]
    assert endpoint["endpoint_id"] in {line["endpoint_id"] for line in told}


@pytest.mark.parametrize("behaviour", [hang, slow_body], ids=["silence", "slow body"])
def test_a_slow_receiver_runs_into_the_timeout(
    client: Sluice, receiver: Receiver, path: str, behaviour: Any
) -> None:
    receiver.behaviours[path] = in_turn(behaviour, answers(200))
    endpoint = subscribe(client, receiver.url(path), events=["file.synced"])
    client.upload(b"slow")
    row = first(lambda: [row for row in log(client, endpoint) if row["error"]], "the time-out")
    assert "timed out" in row["error"]
    eventually(lambda: receiver.accepted(path), "a yes")


def test_a_huge_answer_is_a_yes_all_the_same(client: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = huge_body
    endpoint = subscribe(client, receiver.url(path), events=["file.synced"])
    client.upload(b"huge")
    row = first(lambda: log(client, endpoint, "delivered"), "delivered")
    assert row["attempts"] == 1
    assert row["response"] == "x" * 1024


def test_a_dead_receiver_does_not_hold_up_the_others(client: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path + "/dead"] = hang
    for number in range(20):
        subscribe(client, receiver.url(path + "/dead") + f"?{number}")
        receiver.behaviours[path + f"/dead?{number}"] = hang
    subscribe(client, receiver.url(path))
    files = [client.upload(b"fast %d" % number)["file_id"] for number in range(10)]
    eventually(lambda: len(receiver.accepted(path)) == 20, "everything at the one that lives", 10)
    assert {one.file_id for one in receiver.accepted(path)} == set(files)


def test_rotation_signs_with_both_for_a_time(client: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(client, receiver.url(path))
    old = endpoint["secret"]
    new = act(client, endpoint, "rotate")["secret"]
    assert new != old
    act(client, endpoint, "test", 202)
    both = first(lambda: receiver.accepted(path), "the example")
    assert both.event["type"] == "webhook.test"
    assert both.verified(old) == both.verified(new)
    assert len(both.headers["webhook-signature"].split(" ")) == 2
    eventually(lambda: shown(client, endpoint)["old_secret_until"] is None, "the old secret's end", ROTATION_S + 10)
    act(client, endpoint, "test", 202)
    eventually(lambda: len(receiver.accepted(path)) == 2, "another example")
    single = receiver.at(path)[1]
    single.verified(new)
    with pytest.raises(WebhookVerificationError):
        single.verified(old)


def test_secrets_are_shown_once_and_stored_sealed(client: Sluice, books: Ledgers, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(client, receiver.url(path), description="mine")
    assert endpoint["secret"].startswith("whsec_")
    assert "secret" not in shown(client, endpoint)
    stored = books.value("SELECT secret FROM webhook_endpoints WHERE id = %s", endpoint["endpoint_id"])
    assert stored.startswith("sealed1:")
    assert endpoint["secret"].removeprefix("whsec_") not in stored


def test_what_a_disabled_endpoint_missed_can_be_replayed(client: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(client, receiver.url(path), events=["file.synced"])
    start = datetime.now(UTC)
    assert act(client, endpoint, "disable")["disabled_reason"] == "asked"
    missed = client.upload(b"missed")["file_id"]
    assert act(client, endpoint, "enable")["enabled"]
    seen = client.upload(b"seen")["file_id"]
    eventually(lambda: receiver.accepted(path), "the later one")
    assert [one.file_id for one in receiver.at(path)] == [seen]
    since = (start - timedelta(seconds=1)).isoformat()
    reply = client.post(f"/webhooks/endpoints/{endpoint['endpoint_id']}/replay", params={"since": since})
    assert reply.status_code == 202, reply.text
    answer = reply.json()
    assert (answer["found"], answer["queued"], answer["next_since"]) == (2, 2, None)
    eventually(lambda: len(receiver.accepted(path)) == 3, "both again")
    assert sorted(one.file_id for one in receiver.at(path)[1:]) == sorted([missed, seen])


def test_an_endpoint_can_be_changed_and_deleted(client: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(client, receiver.url(path + "/old"), events=["file.failed"])
    where = f"/webhooks/endpoints/{endpoint['endpoint_id']}"
    changes = {"url": receiver.url(path), "events": [], "description": "now all"}
    reply = client.request("PATCH", where, json=changes)
    assert reply.status_code == 200, reply.text
    assert {name: reply.json()[name] for name in changes} == changes
    client.upload(b"changed")
    eventually(lambda: len(receiver.accepted(path)) == 2, "both events")
    assert client.request("DELETE", where).status_code == 204
    problem(client.get(where), 404, "NOT_FOUND")
    assert not log(client, endpoint)
    client.upload(b"deleted")
    assert len(receiver.at(path)) == 2


def test_the_log_has_pages(client: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(client, receiver.url(path))
    for _ in range(5):
        act(client, endpoint, "test", 202)
    eventually(lambda: len(log(client, endpoint, "delivered")) == 5, "five in the log")
    found: list[str] = []
    query: Record = {"endpoint": endpoint["endpoint_id"], "limit": 2}
    while query:
        page = client.get("/webhooks/deliveries", params=query).json()
        found += [row["delivery_id"] for row in page["deliveries"]]
        query = query | {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert len(found) == len(set(found)) == 5
    assert found == sorted(found, reverse=True)


def test_https_is_verified(client: Sluice, certificates: tuple[Path, Path], path: str) -> None:
    trusted, strange = certificates
    with Receiver(certificate=str(trusted)).running() as good, Receiver(certificate=str(strange)).running() as bad:
        good_endpoint = subscribe(client, good.url(path, "localhost"))
        bad_endpoint = subscribe(client, bad.url(path, "localhost"))
        wrong_name = subscribe(client, good.url(path + "/name", "127.0.0.1"))
        for endpoint in (good_endpoint, bad_endpoint, wrong_name):
            act(client, endpoint, "test", 202)
        eventually(lambda: good.accepted(path), "the one that is trusted")
        good.at(path)[0].verified(good_endpoint["secret"])
        for endpoint in (bad_endpoint, wrong_name):
            row = first(lambda e=endpoint: [row for row in log(client, e) if row["error"]], "an error")  # type: ignore[misc]
            assert "SSL" in row["error"] or "certificate" in row["error"]
        assert not bad.received
        assert not good.at(path + "/name")


def test_private_addresses_are_refused_whatever_their_name(guarded: Stack, receiver: Receiver) -> None:
    client = Sluice(guarded.api.url)
    for host in ("127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "2130706433"):
        reply = client.post("/webhooks/endpoints", {"url": f"http://{host}:{receiver.port}/x"})
        assert [one["field"] for one in problem(reply, 422, "VALIDATION_FAILED")["errors"]] == ["url"]
    endpoint = subscribe(client, receiver.url("/guarded", "localhost"))
    act(client, endpoint, "test", 202)
    row = first(lambda: [row for row in log(client, endpoint) if row["error"]], "an error")
    assert "not a public one" in row["error"]
    assert row["http_status"] is None
    assert not receiver.at("/guarded")


def test_too_many_endpoints_and_bad_ones_are_refused(guarded: Stack, client: Sluice) -> None:
    strict = Sluice(guarded.api.url)
    for url in ("ftp://example.com/", "https://user:secret@example.com/", "https://example.com:22/", "x" * 3000):
        problem(strict.post("/webhooks/endpoints", {"url": url}), 422, "VALIDATION_FAILED")
    problem(client.post("/webhooks/endpoints", {"url": "https://example.com/", "events": ["no.such"]}), 422)


def test_another_owners_endpoint_is_not_there(caller: Callable[..., Sluice]) -> None:
    mine, other = caller("webhooks-mine", "admin"), caller("webhooks-other", "admin")
    endpoint = subscribe(mine, "https://example.com/hook")
    act(mine, endpoint, "disable")
    where = f"/webhooks/endpoints/{endpoint['endpoint_id']}"
    for method, path in (
        *[("POST", where + action) for action in ("/enable", "/disable", "/rotate", "/test", "/replay?since=2026-01-01T00:00:00Z")],
        *[("GET", where), ("DELETE", where)],
    ):
        problem(other.request(method, path), 404, "NOT_FOUND")
    problem(other.request("PATCH", where, json={"description": "stolen"}), 404, "NOT_FOUND")
    assert other.get("/webhooks/endpoints").json()["endpoints"] == []
    assert other.get(f"/webhooks/deliveries?endpoint={endpoint['endpoint_id']}").json()["deliveries"] == []
    assert [one["endpoint_id"] for one in mine.get("/webhooks/endpoints").json()["endpoints"]] == [
        endpoint["endpoint_id"]
    ]


def test_webhooks_need_the_scope_admin(caller: Callable[..., Sluice]) -> None:
    weak = caller("webhooks-weak", "upload,read")
    problem(weak.post("/webhooks/endpoints", {"url": "https://example.com/"}), 403, "FORBIDDEN")
    problem(weak.get("/webhooks/deliveries"), 403, "FORBIDDEN")


def test_the_command_line(hooked: Stack, client: Sluice, receiver: Receiver, path: str) -> None:
    def run(*words: str) -> str:
        return str(hooked.cli.run("webhook", *words).stdout)

    added = json.loads(run("add", receiver.url(path), "--owner", "dev", "--events", "file.synced", "--json"))
    endpoint_id = added["endpoint_id"]
    listed = [json.loads(line) for line in run("list", "--json").splitlines()]
    assert [one["events"] for one in listed if one["endpoint_id"] == endpoint_id] == [["file.synced"]]
    assert endpoint_id in run("list", "--owner", "dev")
    start = datetime.now(UTC) - timedelta(seconds=1)
    file_id = client.upload(b"by command")["file_id"]
    got = first(lambda: receiver.accepted(path), "the event")
    assert got.verified(added["secret"])["data"]["file_id"] == file_id
    row = json.loads(eventually(lambda: run("deliveries", "--endpoint", endpoint_id, "--status", "delivered", "--json"), "the log"))
    assert "queued" in run("replay", row["delivery_id"])
    eventually(lambda: len(receiver.accepted(path)) == 2, "the replay")
    assert run("replay", "--endpoint", endpoint_id, "--since", start.isoformat()).startswith("1 queued")
    eventually(lambda: len(receiver.accepted(path)) == 3, "the second replay")
    secret = json.loads(run("rotate", endpoint_id, "--json"))["secret"]
    assert "queued" in run("test", endpoint_id)
    eventually(lambda: len(receiver.accepted(path)) == 4, "the example")
    receiver.at(path)[-1].verified(secret)
    assert "disabled" in run("disable", endpoint_id)
    assert "disabled (asked)" in run("list")
    assert "enabled" in run("enable", endpoint_id)
    assert "removed" in run("remove", endpoint_id)
    assert endpoint_id not in run("list")
