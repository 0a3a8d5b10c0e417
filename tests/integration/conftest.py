"""Real stacks for the tests: one open, one that demands keys. Sanitizer reports of any daemon fail the session."""

import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from batch_client import SETTINGS as BATCH_SETTINGS
from ledgers import ORIGIN, PRESIGN_TTL_S, UNREPORTED, Ledgers, make_key
from media_client import make_album
from sluice_client import Sluice, Ticket
from webhook_client import SETTINGS as WEBHOOK_SETTINGS
from webhook_client import certificate
from webhook_receiver import Receiver

from devstack.stack import Stack
from devstack.testing import run_stack

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack as `./dev up` makes it: SLUICE_AUTH=none, any origin."""
    yield from run_stack("open", SLUICE_LOG_FORMAT="json")


@pytest.fixture(scope="session")
def locked_stack() -> Iterator[Stack]:
    """A stack that demands keys, knows one origin, and has small limits."""
    yield from run_stack(
        "locked",
        SLUICE_AUTH="required",
        SLUICE_CORS_ORIGINS=ORIGIN,
        SLUICE_MAX_UPLOAD_BYTES=str(2 * MEBIBYTE),
        SLUICE_CACHE_MAX_BYTES=str(64 * 1024),
        SLUICE_PRESIGN_TTL_S=str(PRESIGN_TTL_S),
        SLUICE_REQUEST_TIMEOUT_S="2",
    )


@pytest.fixture(scope="session")
def batch_stack() -> Iterator[Stack]:
    """A stack of its own for batches, so that what they leave behind can be counted."""
    yield from run_stack("batch", **BATCH_SETTINGS)


@pytest.fixture(scope="session")
def books(batch_stack: Stack) -> Ledgers:
    """The batch stack's."""
    return Ledgers(batch_stack)


@pytest.fixture(scope="session")
def admin_key(batch_stack: Stack) -> str:
    return make_key(batch_stack, "batcher", "admin,upload,read")


@pytest.fixture
def admin(batch_stack: Stack, admin_key: str) -> Sluice:
    """An operator of the batch stack."""
    return Sluice(batch_stack.api.url, admin_key)


@pytest.fixture
def album(admin: Sluice) -> str:
    return make_album(admin)


@pytest.fixture
def api(stack: Stack) -> Sluice:
    """The one caller of the open stack."""
    return Sluice(stack.api.url)


@pytest.fixture(scope="session")
def ledgers(stack: Stack) -> Ledgers:
    """The open stack's."""
    return Ledgers(stack)


@pytest.fixture(scope="session")
def locked_ledgers(locked_stack: Stack) -> Ledgers:
    """The locked stack's."""
    return Ledgers(locked_stack)


@pytest.fixture
def unreported(api: Sluice, ledgers: Ledgers) -> Ticket:
    """A PENDING file whose object is in the bucket, without any event, and which the sweeper leaves alone."""
    ticket = api.presign("a b+ü.txt")
    ledgers.leave_to_events(ticket["file_id"])
    ledgers.put_unreported(ticket["object_key"], UNREPORTED)
    assert api.record(ticket["file_id"])["status"] == "PENDING"
    return ticket


@pytest.fixture
def subscribed(stack: Stack) -> None:
    """Only for a store that keeps subscriptions in buckets."""
    if not stack.store.notify_arns:
        pytest.skip(f"{stack.store.binary.title} keeps no subscriptions in buckets: it answers 501 to ?notification")


@pytest.fixture
def caller(locked_stack: Stack) -> Callable[..., Sluice]:
    """Makes callers of the locked stack, each with a key of its own."""

    def make(owner: str, scopes: str = "upload,read") -> Sluice:
        return Sluice(locked_stack.api.url, make_key(locked_stack, owner, scopes))

    return make


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One that the processor trusts, and one that it does not."""
    folder = tmp_path_factory.mktemp("tls")
    return certificate(folder, "trusted"), certificate(folder, "strange")


@pytest.fixture(scope="session")
def hooked(certificates: tuple[Path, Path]) -> Iterator[Stack]:
    """A stack that sends webhooks anywhere, with short waits."""
    trusted = str(certificates[0].with_suffix(".crt"))
    yield from run_stack(
        "webhooks", SLUICE_WEBHOOK_ALLOW_PRIVATE="true", SLUICE_WEBHOOK_CA_FILE=trusted, **WEBHOOK_SETTINGS
    )


@pytest.fixture(scope="session")
def guarded() -> Iterator[Stack]:
    """A stack that sends webhooks to public addresses only."""
    yield from run_stack("webhooks-guarded", **WEBHOOK_SETTINGS)


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    with Receiver().running() as running:
        yield running


@pytest.fixture
def hooked_api(hooked: Stack) -> Sluice:
    return Sluice(hooked.api.url)


@pytest.fixture
def hooked_ledgers(hooked: Stack) -> Ledgers:
    return Ledgers(hooked)


@pytest.fixture
def path(hooked_api: Sluice) -> Iterator[str]:
    """A path of this test's own; its endpoints end with the test, so that others do not wait for them."""
    own = f"/{uuid.uuid4().hex}"
    yield own
    for endpoint in hooked_api.get("/webhooks/endpoints?limit=200").json()["endpoints"]:
        if own in endpoint["url"]:
            hooked_api.request("DELETE", f"/webhooks/endpoints/{endpoint['endpoint_id']}")
