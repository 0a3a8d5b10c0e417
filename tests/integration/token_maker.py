"""Tokens as an identity provider makes them, by PyJWT, and as nobody should."""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

SECRET = "a secret that only the tests know, 42"
AUDIENCE = "sluice-tests"
ISSUER = "https://id.example"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    """Those of a good token; a change to None takes one away."""
    now = int(time.time())
    usual = {"sub": "alice", "exp": now + 300, "iat": now, "aud": AUDIENCE, "iss": ISSUER, "scope": "upload read"}
    return {name: value for name, value in (usual | changes).items() if value is not None}


def by_hand(header: dict[str, Any] | str, body: dict[str, Any] | str, secret: bytes = SECRET.encode()) -> str:
    """What PyJWT refuses to make: any header and any claims, signed with HMAC."""
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, body)]
    message = ".".join(base64url(part.encode()) for part in parts)
    return f"{message}.{base64url(hmac.new(secret, message.encode(), hashlib.sha256).digest())}"


class KeyRing:
    """The keys of an identity provider, and the file that it publishes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())

    def publish(self, *kids: str) -> None:
        """The public keys under these names: r… is RSA, e… is on P-256."""
        keys = [self._public(kid) for kid in kids]
        self.path.write_text(json.dumps({"keys": keys}))

    def _public(self, kid: str) -> dict[str, Any]:
        of_rsa = kid.startswith("r")
        text = RSAAlgorithm.to_jwk(self.rsa.public_key()) if of_rsa else ECAlgorithm.to_jwk(self.ec.public_key())
        fields = {name: value for name, value in json.loads(text).items() if name != "key_ops"}
        return fields | {"kid": kid, "use": "sig"}

    def token(self, algorithm: str, kid: str | None, **changes: Any) -> str:
        key: Any = {"RS256": self.rsa, "RS512": self.rsa, "ES256": self.ec}.get(algorithm, SECRET)
        headers = {} if kid is None else {"kid": kid}
        return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)

    def public_pem(self) -> bytes:
        return self.rsa.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
