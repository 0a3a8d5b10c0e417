"""Tokens, rate limits, and what keys may upload, on an API beside the locked stack's."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from ledgers import make_key
from sluice_client import Sluice, eventually, problem, send
from token_maker import AUDIENCE, ISSUER, SECRET, KeyRing, base64url, by_hand, claims

from devstack.daemons import Api
from devstack.stack import Stack


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    ring = KeyRing(tmp_path_factory.mktemp("identity") / "jwks.json")
    ring.publish("r1", "e1")
    return ring


@pytest.fixture(scope="module")
def token_api(locked_stack: Stack, ring: KeyRing) -> Iterator[Api]:
    api = locked_stack.add_api(
        2,
        SLUICE_JWT_JWKS_FILE=str(ring.path),
        SLUICE_JWT_SECRET=SECRET,
        SLUICE_JWT_AUDIENCE=AUDIENCE,
        SLUICE_JWT_ISSUER=ISSUER,
        SLUICE_JWT_LEEWAY_S="5",
    )
    api.start()
    yield api
    api.stop()


@pytest.fixture(scope="module")
def limited_api(locked_stack: Stack) -> Iterator[Api]:
    """Six requests a minute, three at once: one comes back in ten seconds. Who calls it is its proxy."""
    settings = {"SLUICE_RATE_LIMIT": "6", "SLUICE_RATE_BURST": "3", "SLUICE_TRUSTED_PROXIES": "127.0.0.0/8, 10.0.0.1"}
    api = locked_stack.add_api(3, SLUICE_JWT_SECRET=SECRET, **settings)
    api.start()
    yield api
    api.stop()


def refused(api: Api, token: str) -> str:
    """The error_description of RFC 6750, which is also the problem's detail."""
    reply = Sluice(api.url, token).get("/files")
    body = problem(reply, 401, "UNAUTHORIZED")
    challenge = reply.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="sluice", error="invalid_token", error_description="')
    assert body["detail"] in challenge
    return str(body["detail"])


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "r1"), ("ES256", "e1"), ("HS256", None), ("HS256", "other")])
def test_a_good_token_is_its_owner(token_api: Api, ring: KeyRing, algorithm: str, kid: str | None) -> None:
    owner = f"subject {uuid.uuid4()}"
    caller = Sluice(token_api.url, ring.token(algorithm, kid, sub=owner))
    assert caller.upload(b"by a token")["owner_id"] == owner
    stranger = Sluice(token_api.url, ring.token(algorithm, kid, sub=f"subject {uuid.uuid4()}"))
    assert stranger.get("/files").json()["files"] == []


def test_a_token_needs_no_key_id_where_one_key_fits(token_api: Api, ring: KeyRing) -> None:
    for algorithm in ("RS256", "ES256"):
        assert Sluice(token_api.url, ring.token(algorithm, None)).get("/files").status_code == 200


def test_keys_work_beside_tokens(token_api: Api, locked_stack: Stack) -> None:
    key = make_key(locked_stack, "keyholder", "read")
    assert Sluice(token_api.url, key).get("/files").status_code == 200


def test_the_first_api_takes_no_tokens(locked_stack: Stack, ring: KeyRing) -> None:
    refused(locked_stack.api, ring.token("HS256", None))


def test_a_token_has_the_scopes_it_says(token_api: Api, ring: KeyRing) -> None:
    caller = Sluice(token_api.url, ring.token("HS256", None, scope="openid read profile"))
    assert caller.get("/files").status_code == 200
    reply = caller.post("/files/presigned-upload", {"filename": "a.txt"})
    problem(reply, 403, "FORBIDDEN")
    assert 'error="insufficient_scope"' in reply.headers["WWW-Authenticate"]
    assert reply.headers["WWW-Authenticate"].endswith('scope="upload"')
    for scope in (None, "", "reads", "READ", "read,upload"):
        problem(Sluice(token_api.url, ring.token("HS256", None, scope=scope)).get("/files"), 403, "FORBIDDEN")


def test_no_token_is_no_error_of_a_token(token_api: Api) -> None:
    reply = Sluice(token_api.url).get("/files")
    problem(reply, 401, "UNAUTHORIZED")
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="sluice"'


NOW = int(time.time())
TIMES: list[tuple[dict[str, Any], str]] = [
    ({"exp": NOW - 60}, "expired"),
    ({"exp": 0}, "expired"),
    ({"exp": None}, "no end"),
    ({"exp": str(NOW + 600)}, "exp is no time"),
    ({"exp": -1}, "exp is no time"),
    ({"exp": 1e400}, ""),
    ({"nbf": NOW + 3600}, "not valid yet"),
    ({"nbf": "now"}, "nbf is no time"),
    ({"iat": NOW + 3600}, "not valid yet"),
    ({"aud": "another"}, "audience"),
    ({"aud": None}, "audience"),
    ({"aud": ["another"]}, "audience"),
    ({"aud": {AUDIENCE: 1}}, "audience"),
    ({"iss": "https://evil.example"}, "issuer"),
    ({"iss": None}, "issuer"),
    ({"iss": [ISSUER]}, "issuer"),
    ({"sub": None}, "subject"),
    ({"sub": ""}, "subject"),
    ({"sub": 7}, "subject"),
    ({"sub": ["alice"]}, "subject"),
    ({"sub": "a\nb"}, "subject"),
    ({"sub": "a\u0000b"}, ""),
    ({"sub": "x" * 256}, "subject"),
    ({"scope": ["read"]}, "scope"),
]


@pytest.mark.parametrize(("changes", "reason"), TIMES, ids=[str(changes)[:40] for changes, _ in TIMES])
def test_claims_that_do_not_hold(token_api: Api, changes: dict[str, Any], reason: str) -> None:
    assert reason in refused(token_api, by_hand({"alg": "HS256", "typ": "JWT"}, claims(**changes)))


def test_an_audience_among_others(token_api: Api, ring: KeyRing) -> None:
    token = ring.token("RS256", "r1", aud=["https://other.example", AUDIENCE], exp=time.time() + 60.5)
    assert Sluice(token_api.url, token).get("/files").status_code == 200


def test_leeway_is_small(token_api: Api, ring: KeyRing) -> None:
    ahead = ring.token("HS256", None, nbf=int(time.time()) + 3, iat=int(time.time()) + 3)
    assert Sluice(token_api.url, ahead).get("/files").status_code == 200


def test_a_token_ends_while_it_is_in_use(token_api: Api, ring: KeyRing) -> None:
    """What is remembered of a token ends with it."""
    caller = Sluice(token_api.url, ring.token("HS256", None, exp=int(time.time()) - 3))
    assert caller.get("/files").status_code == 200  # by the leeway
    eventually(lambda: caller.get("/files").status_code == 401, "the token ends", 8)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "none ", "", "HS257", "hs256", "HS512", "PS256"])
def test_algorithms_that_are_not_taken(token_api: Api, algorithm: str) -> None:
    assert "algorithm" in refused(token_api, by_hand({"alg": algorithm}, claims()))


def test_unsigned_tokens(token_api: Api) -> None:
    unsigned = jwt.encode(claims(), None, algorithm="none")
    refused(token_api, unsigned)
    refused(token_api, unsigned + "AAAA")
    header, body, _ = by_hand({"alg": "HS256"}, claims()).split(".")
    for wrong in (f"{header}.{body}.", f"{header}.{body}", f"{header}..", f"{header}.{body}.AAAA.AAAA"):
        refused(token_api, wrong)


@pytest.mark.parametrize("kid", ["r1", None, "e1"])
def test_the_public_key_is_no_secret(token_api: Api, ring: KeyRing, kid: str | None) -> None:
    """The confusion of RS256 with HS256: the algorithm is the key's, not the token's."""
    header = {"alg": "HS256"} | ({} if kid is None else {"kid": kid})
    for secret in (ring.public_pem(), ring.public_pem().strip(), ring.path.read_bytes()):
        refused(token_api, by_hand(header, claims(), secret))


def test_keys_of_another(token_api: Api, ring: KeyRing, tmp_path: Path) -> None:
    stranger = KeyRing(tmp_path / "other.json")
    refused(token_api, stranger.token("RS256", "r1"))
    refused(token_api, stranger.token("ES256", "e1"))
    refused(token_api, ring.token("RS256", "e1"))
    refused(token_api, ring.token("ES256", "r1"))
    refused(token_api, ring.token("RS512", "r1"))
    refused(token_api, by_hand({"alg": "HS256"}, claims(), b"another secret of thirty-two byte"))


@pytest.mark.parametrize(
    "kid", ["../../../../etc/passwd", "/dev/null", "r1\u0000", "' OR 1=1 --", "r1/../r1", "x" * 500]
)
def test_a_key_id_is_a_name_only(token_api: Api, ring: KeyRing, kid: str) -> None:
    refused(token_api, ring.token("RS256", kid))
    refused(token_api, by_hand({"alg": "HS256", "kid": kid}, claims(), b""))


def test_keys_in_the_token_are_not_looked_at(token_api: Api, tmp_path: Path) -> None:
    stranger = KeyRing(tmp_path / "other.json")
    stranger.publish("r1")
    header = {"jwk": stranger._public("r1"), "jku": "http://127.0.0.1:1/", "x5u": "http://127.0.0.1:1/"}
    refused(token_api, jwt.encode(claims(), stranger.rsa, algorithm="RS256", headers=header))


@pytest.mark.parametrize(
    "token",
    [
        by_hand('{"alg":"HS256"}', '{"sub":"a","sub":"alice","exp":9999999999}'),
        by_hand('{"alg":"HS256","alg":"HS256"}', claims()),
        by_hand('{"alg":"HS256","crit":["exp"]}', claims()),
        by_hand({"alg": "HS256", "typ": "logout+jwt"}, claims()),
        by_hand({"alg": "HS256"}, "[]"),
        by_hand({"alg": "HS256"}, claims(more="x" * 7000)),
        base64url(b'{"alg":"dir","enc":"A128GCM"}') + ".AAAA.AAAA.AAAA.AAAA",
        base64url(b'{"alg":"HS256"}') + ".AAAAA.AAAAA",  # no length that base64url has
        "." * 3000,
        "a.b.c",
    ],
)
def test_malformed_tokens(token_api: Api, token: str) -> None:
    refused(token_api, token)


def test_keys_are_rotated_without_a_restart(token_api: Api, ring: KeyRing) -> None:
    new = Sluice(token_api.url, ring.token("RS256", "r2"))
    assert new.get("/files").status_code == 401
    ring.publish("r1", "e1", "r2")
    eventually(lambda: new.get("/files").status_code == 200, "the new key is known", 5)
    gone = Sluice(token_api.url, ring.token("RS256", "r2", sub="somebody else"))
    ring.publish("r1", "e1")
    eventually(lambda: gone.get("/files").status_code == 401, "the old key is forgotten", 10)
    eventually(lambda: new.get("/files").status_code == 401, "also for tokens that were in use", 10)


def test_tokens_are_in_no_log(token_api: Api, locked_stack: Stack, ring: KeyRing) -> None:
    good, bad = ring.token("HS256", None), by_hand({"alg": "HS256"}, claims(), b"x")
    assert Sluice(token_api.url, good).get("/files").status_code == 200
    refused(token_api, bad)
    refused(token_api, "sluice_" + "k" * 43)
    logs = "".join(path.read_text(errors="replace") for path in locked_stack.log_dir.glob("*.log"))
    assert "/files" in logs
    for part in (*good.split("."), *bad.split("."), "k" * 43):
        assert part not in logs


def test_settings_that_hold_no_key_are_refused(locked_stack: Stack, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    for settings, word in (
        ({"SLUICE_JWT_SECRET": "short"}, "SLUICE_JWT_SECRET"),
        ({"SLUICE_JWT_JWKS_FILE": str(broken)}, "SLUICE_JWT_JWKS_FILE"),
        ({"SLUICE_JWT_JWKS_FILE": str(tmp_path / "nothing")}, "SLUICE_JWT_JWKS_FILE"),
        ({"SLUICE_FILE_TYPES": "pictures"}, "SLUICE_FILE_TYPES"),
    ):
        api = locked_stack.add_api(9, **settings)
        with pytest.raises(Exception, match=word):
            api.start()


def test_a_rate_limit(limited_api: Api, locked_stack: Stack) -> None:
    caller = Sluice(limited_api.url, make_key(locked_stack, "hasty", "read"))
    for left in (2, 1, 0):
        reply = caller.get("/files")
        assert (reply.status_code, reply.headers["X-RateLimit-Remaining"]) == (200, str(left))
        assert reply.headers["X-RateLimit-Limit"] == "3"
        assert (2 - left) * 10 < int(reply.headers["X-RateLimit-Reset"]) <= (3 - left) * 10
    reply = caller.get("/files")
    problem(reply, 429, "RATE_LIMITED")
    assert 1 <= int(reply.headers["Retry-After"]) <= 10
    other = Sluice(limited_api.url, make_key(locked_stack, "hasty", "read"))
    assert other.get("/files").status_code == 200
    assert caller.get("/healthz").status_code == 200
    time.sleep(int(reply.headers["Retry-After"]))
    assert caller.get("/files").status_code == 200


def test_a_key_may_have_a_limit_of_its_own(limited_api: Api, locked_stack: Stack) -> None:
    free = Sluice(limited_api.url, make_key(locked_stack, "free", "read", "--rate-limit", "0"))
    for _ in range(10):
        reply = free.get("/files")
        assert reply.status_code == 200
        assert "X-RateLimit-Limit" not in reply.headers
    slow = Sluice(locked_stack.api.url, make_key(locked_stack, "slow", "read", "--rate-limit", "2"))
    assert [slow.get("/files").status_code for _ in range(3)] == [200, 200, 429]


def test_subjects_of_tokens_have_limits(limited_api: Api) -> None:
    """Whatever token they come with."""

    def send_one(sub: str) -> int:
        token = by_hand({"alg": "HS256"}, claims(sub=sub, jti=str(uuid.uuid4())))
        return Sluice(limited_api.url, token).get("/files").status_code

    assert [send_one("many tokens") for _ in range(4)] == [200, 200, 200, 429]
    assert send_one("another subject") == 200


def test_guessing_is_slowed_down(limited_api: Api, locked_stack: Stack) -> None:
    def guess() -> int:
        return Sluice(limited_api.url, "sluice_" + uuid.uuid4().hex + "x" * 11).get("/files").status_code

    assert [guess() for _ in range(5)] == [401, 401, 401, 429, 429]
    problem(Sluice(limited_api.url).get("/files"), 429, "RATE_LIMITED")
    holder = Sluice(limited_api.url, make_key(locked_stack, "neighbour", "read"))
    assert holder.get("/files").status_code == 200  # from the same address


def test_behind_a_trusted_proxy_clients_are_told_apart(limited_api: Api) -> None:
    def guess(forwarded: str) -> int:
        key = "sluice_" + uuid.uuid4().hex + "x" * 11
        return Sluice(limited_api.url, key).get("/files", headers={"X-Forwarded-For": forwarded}).status_code

    assert [guess("198.51.100.1") for _ in range(4)] == [401, 401, 401, 429]
    assert guess("203.0.113.1, 198.51.100.1, 10.0.0.1") == 429, "what the client itself wrote is not read"
    assert guess("198.51.100.1, 203.0.113.1") == 401


def test_without_a_trusted_proxy_nobody_is_believed(locked_stack: Stack) -> None:
    api = locked_stack.add_api(6, SLUICE_RATE_LIMIT="6", SLUICE_RATE_BURST="3")
    api.start()
    keys = [f"sluice_{uuid.uuid4().hex}{'x' * 11}" for _ in range(4)]
    heads = [{"X-Forwarded-For": f"198.51.100.{number}"} for number in range(4)]
    codes = [
        Sluice(api.url, key).get("/files", headers=head).status_code for key, head in zip(keys, heads, strict=True)
    ]
    api.stop()
    assert codes == [401, 401, 401, 429]


def test_a_key_may_be_for_some_types_and_sizes(locked_stack: Stack) -> None:
    limits = ("--types", "image/*, application/pdf", "--max-bytes", "1KiB")
    caller = Sluice(locked_stack.api.url, make_key(locked_stack, "narrow", "upload,read", *limits))
    post = lambda **fields: caller.post("/files/presigned-upload", {"filename": "a", **fields})  # noqa: E731
    assert post(content_type="image/png", size=1024).status_code == 201
    assert post(content_type="application/pdf; version=1.7", size=10).status_code == 201
    problem(post(content_type="text/plain", size=10), 415, "UNSUPPORTED_TYPE")
    problem(post(size=10), 415, "UNSUPPORTED_TYPE")
    problem(post(content_type="image/png", size=1025), 413, "FILE_TOO_LARGE")
    usage = caller.get("/usage").json()
    assert (usage["types"], usage["max_file_bytes"]) == ("image/*, application/pdf", 1024)
    ticket = post(content_type="image/png").json()  # the form holds to it when no size was declared
    assert send(ticket, b"x" * 1025).status_code in (400, 403, 413)
    asset = caller.request("POST", "/api/v1/assets", files={"file": ("a.txt", b"text", "text/plain")})
    problem(asset, 415, "UNSUPPORTED_TYPE")
    large = caller.request("POST", "/api/v1/assets", files={"file": ("a.png", b"x" * 2000, "image/png")})
    problem(large, 413, "FILE_TOO_LARGE")


@pytest.mark.parametrize(
    "options",
    [
        ("--types", "pictures"),
        ("--types", ""),
        ("--max-bytes", "0"),
        ("--max-bytes", "many"),
        ("--rate-limit", "-1"),
        ("--rate-limit", "x"),
    ],
)
def test_limits_of_keys_are_checked(locked_stack: Stack, options: tuple[str, str]) -> None:
    done = locked_stack.cli.run("key", "create", "--owner", "o", "--scopes", "read", *options, check=False)
    assert done.returncode == 2
    assert options[0] in done.stderr


def test_key_list_tells_limits(locked_stack: Stack) -> None:
    make_key(locked_stack, "listed", "read", "--rate-limit", "7", "--max-bytes", "5MiB", "--types", "image/*")
    lines = [line for line in locked_stack.cli.run("key", "list").stdout.splitlines() if " listed " in line]
    assert "7 requests a minute, files of 5242880 bytes, image/*" in lines[0]
