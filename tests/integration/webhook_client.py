"""What tests of webhooks share: settings with short waits, and the calls of the API."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sluice_client import Sluice, eventually
from webhook_receiver import Received

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
