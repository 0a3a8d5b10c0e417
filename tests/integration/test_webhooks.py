"""Webhooks: what became of files goes to a real receiver (webhook_receiver.py), which verifies it with a library
that nobody here wrote; receivers that fail in every way."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sluice_client import Sluice, eventually, problem, send
from standardwebhooks.webhooks import WebhookVerificationError
from webhook_client import RETRY_S, act, first, log, shown, subscribe, topics
from webhook_receiver import Receiver, answers, hang, huge_body, in_turn, slow_body

from devstack.stack import Stack


def test_each_event_comes_signed_and_in_order(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(hooked_api, receiver.url(path))
    files = [hooked_api.upload(b"data %d" % number)["file_id"] for number in range(10)]
    for file_id in files:
        assert hooked_api.request("DELETE", f"/files/{file_id}").status_code == 204
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
    eventually(lambda: {row["status"] for row in log(hooked_api, endpoint)} == {"delivered"}, "the log")


def test_the_payload_is_the_record_without_signed_urls(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    subscribe(hooked_api, receiver.url(path), events=["file.synced"])
    file_id = hooked_api.upload(b"a payload", "Größe 1+2 😀.csv", external_id="mine")["file_id"]
    event = first(lambda: receiver.accepted(path), "the event").event
    record = hooked_api.record(file_id)
    assert (event["type"], event["data"]["status"]) == ("file.synced", "SYNCED")
    assert record.pop("download_url")
    for name, value in record.items():
        assert event["data"][name] == value, name
    assert "download_url" not in event["data"]
    assert datetime.fromisoformat(event["timestamp"]) <= datetime.now(UTC)


def test_only_subscribed_events_come(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    subscribe(hooked_api, receiver.url(path), events=["file.failed", "file.deleted"])
    ticket = hooked_api.presign("a.txt", method="put")
    assert send(ticket, b"").ok
    hooked_api.failed(ticket["file_id"], "EMPTY_OBJECT")
    eventually(lambda: receiver.accepted(path), "the first")
    hooked_api.request("DELETE", f"/files/{ticket['file_id']}")
    eventually(lambda: len(receiver.accepted(path)) >= 2, "both events")
    assert topics(receiver.at(path)) == ["file.failed", "file.deleted"]
    assert receiver.at(path)[0].event["data"]["error"]["code"] == "EMPTY_OBJECT"
    assert receiver.at(path)[1].event["data"]["object_key"] == ticket["object_key"]


def test_a_failure_is_tried_again_with_the_same_id(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = in_turn(answers(500), answers(404), answers(302, Location="/elsewhere"), answers(204))
    endpoint = subscribe(hooked_api, receiver.url(path), events=["file.synced"])
    file_id = hooked_api.upload(b"again")["file_id"]
    eventually(lambda: receiver.accepted(path), "a yes")
    got = receiver.at(path)
    assert [one.answered for one in got] == [500, 404, 302, 204]
    assert len({one.id for one in got}) == 1
    assert len({one.body for one in got}) == 1
    row = first(lambda: log(hooked_api, endpoint, "delivered"), "the log")
    assert (row["file_id"], row["attempts"], row["http_status"]) == (file_id, 4, 204)
    assert not receiver.at("/elsewhere")
    assert shown(hooked_api, endpoint)["failures"] == 0


def test_a_files_later_event_waits_for_the_earlier_one(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = in_turn(*[answers(503)] * 4, answers(200))
    subscribe(hooked_api, receiver.url(path))
    hooked_api.upload(b"in order")
    eventually(lambda: len(receiver.accepted(path)) == 2, "both events")
    assert topics(receiver.at(path)) == ["file.uploaded"] * 5 + ["file.synced"]


def test_retry_after_is_honoured(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = in_turn(answers(429, Retry_After="2"), answers(200))
    subscribe(hooked_api, receiver.url(path), events=["file.synced"])
    hooked_api.upload(b"later")
    eventually(lambda: receiver.accepted(path), "a yes")
    before, after = receiver.at(path)
    assert after.at - before.at >= 1.9


def test_it_is_given_up_and_can_be_replayed(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = answers(500)
    endpoint = subscribe(hooked_api, receiver.url(path), events=["file.synced"])
    hooked_api.upload(b"given up")
    row = first(lambda: log(hooked_api, endpoint, "failed"), "given up", RETRY_S + 20)
    assert (row["http_status"], row["response"], row["next_at"]) == (500, "{}", None)
    receiver.behaviours[path] = answers(200)
    act(hooked_api, endpoint, "enable")
    reply = hooked_api.post(f"/webhooks/deliveries/{row['delivery_id']}/replay")
    assert reply.status_code == 202, reply.text
    eventually(lambda: receiver.accepted(path), "a yes")
    assert receiver.at(path)[-1].id == receiver.at(path)[0].id == row["event_id"]
    assert first(lambda: log(hooked_api, endpoint, "delivered"), "the log")["delivery_id"] == row["delivery_id"]


def test_410_disables_the_endpoint(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = answers(503)
    endpoint = subscribe(hooked_api, receiver.url(path))
    hooked_api.upload(b"gone")
    eventually(lambda: len(log(hooked_api, endpoint)) == 2, "two that wait")
    receiver.behaviours[path] = answers(410)
    eventually(lambda: not shown(hooked_api, endpoint)["enabled"], "disabled")
    assert shown(hooked_api, endpoint)["disabled_reason"] == "gone"
    assert [row["status"] for row in log(hooked_api, endpoint)] == ["pending", "failed"]
    problem(hooked_api.post(f"/webhooks/endpoints/{endpoint['endpoint_id']}/test"), 409, "CONFLICT")
    receiver.behaviours[path] = answers(200)
    act(hooked_api, endpoint, "enable")
    eventually(lambda: topics(receiver.accepted(path)) == ["file.synced"], "what was waiting")


def test_an_endpoint_that_only_fails_is_disabled(
    hooked: Stack, hooked_api: Sluice, receiver: Receiver, path: str
) -> None:
    receiver.behaviours[path] = answers(500)
    endpoint = subscribe(hooked_api, receiver.url(path))
    hooked_api.upload(b"fails")
    act(hooked_api, endpoint, "test", 202)
    eventually(lambda: hooked_api.upload(b"more") and not shown(hooked_api, endpoint)["enabled"], "disabled", 60)
    assert shown(hooked_api, endpoint)["disabled_reason"] == "failing"
    lines = [json.loads(line) for line in (hooked.log_dir / "processor.log").read_text().splitlines() if "{" in line]
    told = [line for line in lines if line.get("event") == "webhook_endpoint_disabled"]
    assert endpoint["endpoint_id"] in {line["endpoint_id"] for line in told}


@pytest.mark.parametrize("behaviour", [hang, slow_body], ids=["silence", "slow body"])
def test_a_slow_receiver_runs_into_the_timeout(
    hooked_api: Sluice, receiver: Receiver, path: str, behaviour: Any
) -> None:
    receiver.behaviours[path] = in_turn(behaviour, answers(200))
    endpoint = subscribe(hooked_api, receiver.url(path), events=["file.synced"])
    hooked_api.upload(b"slow")
    row = first(lambda: [row for row in log(hooked_api, endpoint) if row["error"]], "the time-out")
    assert "timed out" in row["error"]
    eventually(lambda: receiver.accepted(path), "a yes")


def test_a_huge_answer_is_a_yes_all_the_same(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path] = huge_body
    endpoint = subscribe(hooked_api, receiver.url(path), events=["file.synced"])
    hooked_api.upload(b"huge")
    row = first(lambda: log(hooked_api, endpoint, "delivered"), "delivered")
    assert row["attempts"] == 1
    assert row["response"] == "x" * 1024


def test_a_dead_receiver_does_not_hold_up_the_others(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    receiver.behaviours[path + "/dead"] = hang
    for number in range(20):
        subscribe(hooked_api, receiver.url(path + "/dead") + f"?{number}")
        receiver.behaviours[path + f"/dead?{number}"] = hang
    subscribe(hooked_api, receiver.url(path))
    files = [hooked_api.upload(b"fast %d" % number)["file_id"] for number in range(10)]
    eventually(lambda: len(receiver.accepted(path)) == 20, "everything at the one that lives", 10)
    assert {one.file_id for one in receiver.accepted(path)} == set(files)


def test_what_a_disabled_endpoint_missed_can_be_replayed(hooked_api: Sluice, receiver: Receiver, path: str) -> None:
    endpoint = subscribe(hooked_api, receiver.url(path), events=["file.synced"])
    start = datetime.now(UTC)
    assert act(hooked_api, endpoint, "disable")["disabled_reason"] == "asked"
    missed = hooked_api.upload(b"missed")["file_id"]
    assert act(hooked_api, endpoint, "enable")["enabled"]
    seen = hooked_api.upload(b"seen")["file_id"]
    eventually(lambda: receiver.accepted(path), "the later one")
    assert [one.file_id for one in receiver.at(path)] == [seen]
    since = start.isoformat()
    reply = hooked_api.post(f"/webhooks/endpoints/{endpoint['endpoint_id']}/replay", params={"since": since})
    assert reply.status_code == 202, reply.text
    answer = reply.json()
    assert (answer["found"], answer["queued"], answer["next_since"]) == (2, 2, None)
    eventually(lambda: len(receiver.accepted(path)) == 3, "both again")
    assert sorted(one.file_id for one in receiver.at(path)[1:]) == sorted([missed, seen])
