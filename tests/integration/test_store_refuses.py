"""What a signed upload must not allow: the store itself refuses, and nothing is recorded."""

import base64
import hashlib
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from ledgers import PRESIGN_TTL_S, Ledgers
from sluice_client import Sluice, Ticket, eventually, send, sha256

# AccessDenied is a 403, but MinIO answers 400 when a header is missing from what was signed, or the other way round.
REFUSED = (400, 403)
DATA = b"the content that was announced\n"


def _of_its_own() -> bytes:
    """For uploads that succeed: once DATA is in the store, presigning it with its hash answers that it is known."""
    return DATA + uuid.uuid4().bytes


def _untouched(api: Sluice, ledgers: Any, ticket: Ticket) -> None:
    """No object, and the record waits as if nothing had happened."""
    assert ledgers.keys(ticket["object_key"]) == set()
    assert api.record(ticket["file_id"])["status"] == "PENDING"
    results = api.confirm(ticket["file_id"], len(DATA))["results"]
    assert (results[0]["status"], results[0]["code"]) == ("PENDING", "NOT_UPLOADED")


def _put(api: Sluice, **more: Any) -> Ticket:
    return api.presign("a.txt", content_type="text/plain", size=len(DATA), sha256=sha256(DATA), method="put", **more)


def test_put_of_another_length(api: Sluice, ledgers: Ledgers) -> None:
    ticket = api.presign("a.txt", content_type="text/plain", size=len(DATA), method="put")
    reply = send(
        ticket, DATA + b"x", headers={n: v for n, v in ticket["headers"].items() if n.lower() != "content-length"}
    )
    assert reply.status_code == 403, reply.text
    _untouched(api, ledgers, ticket)


def test_put_of_another_type(api: Sluice, ledgers: Ledgers) -> None:
    ticket = _put(api)
    changed = {
        name: "text/html" if name.lower() == "content-type" else value for name, value in ticket["headers"].items()
    }
    assert changed != ticket["headers"], "the content type is not among the headers to send"
    assert send(ticket, DATA, headers=changed).status_code == 403
    _untouched(api, ledgers, ticket)


def test_put_of_other_content_under_the_declared_checksum(api: Sluice, ledgers: Ledgers) -> None:
    ticket = _put(api)
    reply = send(ticket, DATA.replace(b"announced", b"swapped!!"))
    assert reply.status_code == 400, reply.text
    _untouched(api, ledgers, ticket)


def test_put_with_another_checksum_header(api: Sluice, ledgers: Ledgers) -> None:
    ticket = _put(api)
    other = DATA.replace(b"announced", b"swapped!!")
    checksum = base64.b64encode(hashlib.sha256(other).digest()).decode()
    changed = {n: checksum if n.lower() == "x-amz-checksum-sha256" else v for n, v in ticket["headers"].items()}
    assert changed != ticket["headers"], "the checksum is not among the headers to send"
    assert send(ticket, other, headers=changed).status_code == 403
    _untouched(api, ledgers, ticket)


def test_put_a_second_time(api: Sluice, ledgers: Ledgers) -> None:
    ticket, data = api.presign("a.txt", method="put"), _of_its_own()
    assert send(ticket, data).ok
    assert send(ticket, b"overwritten").status_code == 412
    assert api.synced(ticket["file_id"])["sha256"] == sha256(data)
    assert ledgers.s3.get_object(Bucket=ledgers.bucket, Key=ticket["object_key"])["Body"].read() == data


def test_put_without_the_header_that_forbids_overwriting(api: Sluice, ledgers: Ledgers) -> None:
    ticket = api.presign("a.txt", method="put")
    kept = {name: value for name, value in ticket["headers"].items() if name.lower() != "if-none-match"}
    assert kept != ticket["headers"]
    assert send(ticket, DATA, headers=kept).status_code in REFUSED
    _untouched(api, ledgers, ticket)


def _altered(ticket: Ticket) -> str:
    head, _, signature = ticket["upload_url"].rpartition("X-Amz-Signature=")
    return f"{head}X-Amz-Signature={'0' if signature[0] != '0' else '1'}{signature[1:]}"


@pytest.mark.parametrize(
    "change",
    [
        lambda ticket: {"url": _altered(ticket)},
        lambda ticket: {"url": ticket["upload_url"].replace("X-Amz-Expires=", "X-Amz-Expires=9")},
        lambda ticket: {"url": ticket["upload_url"].replace("?", "x?", 1)},
        lambda ticket: {"url": ticket["upload_url"] + "&x-id=PutObject"},
        lambda ticket: {"method": "DELETE"},
        lambda ticket: {"method": "GET"},
        lambda ticket: {"headers": ticket["headers"] | {"x-amz-meta-role": "admin"}},
    ],
    ids=["signature", "expiry", "other key", "extra parameter", "DELETE", "GET", "extra metadata"],
)
def test_put_url_is_good_for_nothing_else(
    api: Sluice, ledgers: Ledgers, change: Callable[[Ticket], dict[str, Any]]
) -> None:
    ticket = api.presign("a.txt", method="put")
    reply = send(ticket, DATA, **change(ticket))
    assert reply.status_code in REFUSED, reply.text
    _untouched(api, ledgers, ticket)


def test_post_too_large(api: Sluice, ledgers: Ledgers) -> None:
    ticket = api.presign("a.txt", size=len(DATA))
    reply = send(ticket, DATA + b"x")
    assert reply.status_code == 400, reply.text
    _untouched(api, ledgers, ticket)


def test_post_too_small(api: Sluice, ledgers: Ledgers) -> None:
    ticket = api.presign("a.txt", size=len(DATA))
    assert send(ticket, DATA[:-1]).status_code == 400
    _untouched(api, ledgers, ticket)


def _field(ticket: Ticket, name: str, value: str) -> dict[str, str]:
    """The form with one field replaced, whatever the case of its name."""
    fields = {key: value if key.lower() == name.lower() else old for key, old in ticket["form_fields"].items()}
    assert fields != ticket["form_fields"], f"{name} is not among the form fields"
    return fields


@pytest.mark.parametrize(
    ("name", "value"),
    [("Content-Type", "text/html"), ("key", "files/elsewhere"), ("x-amz-date", "20200101T000000Z"), ("policy", "e30=")],
)
def test_post_with_another_field(api: Sluice, ledgers: Ledgers, name: str, value: str) -> None:
    ticket = api.presign("a.txt", content_type="text/plain")
    assert send(ticket, DATA, fields=_field(ticket, name, value)).status_code in (400, 403)
    assert "files/elsewhere" not in ledgers.keys("files/elsewhere")
    _untouched(api, ledgers, ticket)


@pytest.mark.parametrize("extra", ["x-amz-meta-role", "acl", "success_action_redirect"])
def test_post_with_an_extra_field(api: Sluice, ledgers: Ledgers, extra: str) -> None:
    ticket = api.presign("a.txt")
    reply = send(ticket, DATA, fields=ticket["form_fields"] | {extra: "https://elsewhere.example"})
    assert reply.status_code in (400, 403), reply.text
    _untouched(api, ledgers, ticket)


def test_post_of_other_content_than_the_declared_hash(api: Sluice) -> None:
    """A store may check the checksum of a form, or not; then the processor finds it."""
    ticket = api.presign("a.txt", sha256=sha256(b"declared"))
    if send(ticket, b"different").ok:
        api.failed(ticket["file_id"], "HASH_MISMATCH")
    else:
        assert api.record(ticket["file_id"])["status"] == "PENDING"


def test_post_again_does_not_change_a_synced_record(api: Sluice) -> None:
    """If-None-Match does not exist for POST: the key is unguessable, and a later version never replaces the hash."""
    ticket, data = api.presign("a.txt"), _of_its_own()
    assert send(ticket, data).ok
    assert api.synced(ticket["file_id"])["sha256"] == sha256(data)
    send(ticket, b"overwritten by the holder of the form")
    api.confirm(ticket["file_id"], len(data))
    assert api.record(ticket["file_id"])["sha256"] == sha256(data)


def test_expired_upload(caller: Callable[..., Sluice], locked_ledgers: Ledgers) -> None:
    """The locked stack signs for seconds only."""
    api = caller("expiry")
    tickets = [api.presign("late.txt", method=method) for method in ("post", "put")]
    over = time.monotonic() + PRESIGN_TTL_S + 1.5  # the store counts in whole seconds
    eventually(lambda: time.monotonic() > over, "the signatures to expire")
    for ticket in tickets:
        assert send(ticket, DATA).status_code in (400, 403)
        _untouched(api, locked_ledgers, ticket)
