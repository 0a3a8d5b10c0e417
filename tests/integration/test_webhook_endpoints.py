"""Webhook endpoints: who may make them, where they may lead, their secrets, their log, and the command line."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ledgers import Ledgers
from sluice_client import Sluice, eventually, problem
from standardwebhooks.webhooks import WebhookVerificationError
from webhook_client import ROTATION_S, Record, act, first, log, shown, subscribe
from webhook_receiver import Receiver

from devstack.stack import Stack


def test_rotation_signs_with_both_for_a_time(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(hooked_api, receiver.url(path))
    old = endpoint["secret"]
    new = act(hooked_api, endpoint, "rotate")["secret"]
    assert new != old
    act(hooked_api, endpoint, "test", 202)
    both = first(lambda: receiver.accepted(path), "the example")
    assert both.event["type"] == "webhook.test"
    assert both.verified(old) == both.verified(new)
    assert len(both.headers["webhook-signature"].split(" ")) == 2
    eventually(lambda: shown(hooked_api, endpoint)["old_secret_until"] is None, "the old secret's end", ROTATION_S + 10)
    act(hooked_api, endpoint, "test", 202)
    eventually(lambda: len(receiver.accepted(path)) == 2, "another example")
    single = receiver.at(path)[1]
    single.verified(new)
    with pytest.raises(WebhookVerificationError):
        single.verified(old)


def test_secrets_are_shown_once_and_stored_sealed(
    hooked_api: Sluice, hooked_ledgers: Ledgers, receiver: Receiver, path: str
) -> None:
    endpoint = subscribe(hooked_api, receiver.url(path), description="mine")
    assert endpoint["secret"].startswith("whsec_")
    assert "secret" not in shown(hooked_api, endpoint)
    stored = hooked_ledgers.value("SELECT secret FROM webhook_endpoints WHERE id = %s", endpoint["endpoint_id"])
    assert stored.startswith("sealed1:")
    assert endpoint["secret"].removeprefix("whsec_") not in stored


def test_an_endpoint_can_be_changed_and_deleted(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(hooked_api, receiver.url(path + "/old"), events=["file.failed"])
    where = f"/webhooks/endpoints/{endpoint['endpoint_id']}"
    changes = {"url": receiver.url(path), "events": [], "description": "now all"}
    reply = hooked_api.request("PATCH", where, json=changes)
    assert reply.status_code == 200, reply.text
    assert {name: reply.json()[name] for name in changes} == changes
    hooked_api.upload(b"changed")
    eventually(lambda: len(receiver.accepted(path)) == 2, "both events")
    assert hooked_api.request("DELETE", where).status_code == 204
    problem(hooked_api.get(where), 404, "NOT_FOUND")
    assert not log(hooked_api, endpoint)
    hooked_api.upload(b"deleted")
    assert len(receiver.at(path)) == 2


def test_the_log_has_pages(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(hooked_api, receiver.url(path))
    for _ in range(5):
        act(hooked_api, endpoint, "test", 202)
    eventually(lambda: len(log(hooked_api, endpoint, "delivered")) == 5, "five in the log")
    found: list[str] = []
    query: Record = {"endpoint": endpoint["endpoint_id"], "limit": 2}
    while query:
        page = hooked_api.get("/webhooks/deliveries", params=query).json()
        found += [row["delivery_id"] for row in page["deliveries"]]
        query = query | {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert len(found) == len(set(found)) == 5
    assert found == sorted(found, reverse=True)


def test_https_is_verified(hooked_api: Sluice, certificates: tuple[Path, Path], path: str) -> None:
    trusted, strange = certificates
    with Receiver(certificate=str(trusted)).running() as good, Receiver(certificate=str(strange)).running() as bad:
        good_endpoint = subscribe(hooked_api, good.url(path, "localhost"))
        bad_endpoint = subscribe(hooked_api, bad.url(path, "localhost"))
        wrong_name = subscribe(hooked_api, good.url(path + "/name", "127.0.0.1"))
        for endpoint in (good_endpoint, bad_endpoint, wrong_name):
            act(hooked_api, endpoint, "test", 202)
        eventually(lambda: good.accepted(path), "the one that is trusted")
        good.at(path)[0].verified(good_endpoint["secret"])
        for endpoint in (bad_endpoint, wrong_name):
            row = first(lambda e=endpoint: [row for row in log(hooked_api, e) if row["error"]], "an error")  # type: ignore[misc]
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


def test_too_many_endpoints_and_bad_ones_are_refused(guarded: Stack, hooked_api: Sluice) -> None:
    strict = Sluice(guarded.api.url)
    for url in ("ftp://example.com/", "https://user:secret@example.com/", "https://example.com:22/", "x" * 3000):
        problem(strict.post("/webhooks/endpoints", {"url": url}), 422, "VALIDATION_FAILED")
    problem(hooked_api.post("/webhooks/endpoints", {"url": "https://example.com/", "events": ["no.such"]}), 422)


def test_another_owners_endpoint_is_not_there(caller: Callable[..., Sluice]) -> None:
    mine, other = caller("webhooks-mine", "admin"), caller("webhooks-other", "admin")
    endpoint = subscribe(mine, "https://example.com/hook")
    act(mine, endpoint, "disable")
    where = f"/webhooks/endpoints/{endpoint['endpoint_id']}"
    for method, path in (
        *[
            ("POST", where + action)
            for action in ("/enable", "/disable", "/rotate", "/test", "/replay?since=2026-01-01T00:00:00Z")
        ],
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


def test_the_command_line(hooked: Stack, hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    def run(*words: str) -> str:
        return str(hooked.cli.run("webhook", *words).stdout)

    added = json.loads(run("add", receiver.url(path), "--owner", "dev", "--events", "file.synced", "--json"))
    endpoint_id = added["endpoint_id"]
    listed = [json.loads(line) for line in run("list", "--json").splitlines()]
    assert [one["events"] for one in listed if one["endpoint_id"] == endpoint_id] == [["file.synced"]]
    assert endpoint_id in run("list", "--owner", "dev")
    start = datetime.now(UTC)
    file_id = hooked_api.upload(b"by command")["file_id"]
    got = first(lambda: receiver.accepted(path), "the event")
    assert got.verified(added["secret"])["data"]["file_id"] == file_id
    row = json.loads(
        eventually(lambda: run("deliveries", "--endpoint", endpoint_id, "--status", "delivered", "--json"), "the log")
    )
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
