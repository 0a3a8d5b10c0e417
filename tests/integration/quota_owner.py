"""An owner of the locked stack whose usage is compared with what its files come to."""

import uuid
from typing import Any

import requests
from ledgers import Ledgers, make_key
from sluice_client import Sluice

from devstack.stack import Stack

LIMIT = 2 * 1024 * 1024  # SLUICE_MAX_UPLOAD_BYTES of the locked stack


class Owner:
    """An owner with a key, and perhaps a quota."""

    def __init__(self, stack: Stack, ledgers: Ledgers, **quota: int) -> None:
        self.stack = stack
        self.ledgers = ledgers
        self.name = f"quota-{uuid.uuid4()}"
        self.key = make_key(stack, self.name, "upload,read")
        self.api = Sluice(stack.api.url, self.key)
        if quota:
            self.set(**quota)

    def set(self, **quota: int) -> None:
        options = [f"--{name.replace('_', '-')}={value}" for name, value in quota.items()]
        self.stack.cli.run("owner", "set", self.name, *options)

    def usage(self) -> tuple[int, int]:
        """Bytes and pending uploads, which are also what the files come to."""
        reply = self.api.get("/usage")
        assert reply.status_code == 200, reply.text
        bytes_, pending = reply.json()["bytes"], reply.json()["pending"]
        sql = "SELECT coalesce(sum(sluice_charge(f)), 0)::bigint FROM files f WHERE owner_id = %s"
        assert bytes_ == self.ledgers.value(sql, self.name)
        return bytes_, pending

    def uses(self, bytes_: int, pending: int = 0) -> None:
        assert self.usage() == (bytes_, pending)

    def files(self) -> int:
        return int(self.ledgers.value("SELECT count(*) FROM files WHERE owner_id = %s", self.name))

    def post(self, **fields: Any) -> requests.Response:
        return self.api.post("/files/presigned-upload", {"filename": "a.txt", **fields})
