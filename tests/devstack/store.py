"""What a stack needs of an object store; each kind is a subclass, and says in which ways it differs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devstack.go_program import GoProgram
from devstack.service import Service
from devstack.state import StackState

REGION = "us-east-1"
BUCKET = "uploads"
EVENT_LIST = "sluice:events"


@dataclass(frozen=True)
class Receivers:
    """Where a store can report its objects to. Asked for when it starts, since a port may change until then."""

    redis_address: Callable[[], str]  # host:port of the queue's Redis
    events_url: Callable[[], str]  # POST /events/s3 of the API, with its key


class Store(Service):
    """An S3-compatible store that reports its objects to Sluice."""

    binary: GoProgram
    reports_to = "redis"  # the service that must listen before this one starts: "redis" or "api"
    notify_arns: tuple[
        str, ...
    ] = ()  # targets that `sluice setup` subscribes; () when the store knows no subscriptions
    reports_forms = True  # whether the event of a form upload names its object
    keeps_cors = False  # whether `sluice setup` can allow origins in the bucket
    unknown_key_code = "InvalidAccessKeyId"  # what it answers to an access key that it does not know
    settings: dict[str, str] = {}  # noqa: RUF012 - what it asks of Sluice's own settings

    def __init__(self, state: StackState, receivers: Receivers) -> None:
        super().__init__(self.binary.name, state)
        self.program_name = self.binary.name
        self.receivers = receivers
        self._program: Path | None = None

    @property
    def access_key(self) -> str:
        return f"sluice{self.state.secret('s3_access_key', 6)}"

    @property
    def secret_key(self) -> str:
        return self.state.secret("s3_secret_key")

    @property
    def program(self) -> Path:
        if self._program is None:
            self._program = self.binary.find()
        return self._program

    def binary_ready(self) -> None:
        """Finds or builds the program; may take minutes, so it happens before anything is started."""
        _ = self.program

    def prepare(self) -> None:
        self.binary_ready()

    def has_undelivered_events(self) -> bool:
        """Whether it keeps events that it will still send."""
        return False

    def place(self, bucket: str, key: str, data: bytes) -> bool:
        """Makes an object behind the store's back, so that no event tells of it; False when there is no such way."""
        return False
