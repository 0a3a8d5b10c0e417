"""An SQS-compatible server: moto's, with the service's rules (receipts, visibility, long polls); all in memory."""

from devstack.service import Service, http_ok
from devstack.state import StackState
from devstack.venv import test_python


class Sqs(Service):
    """Not part of a stack: a test starts and stops it. Its queues are gone when it ends."""

    def __init__(self, state: StackState) -> None:
        super().__init__("sqs", state)

    def command(self) -> list[str]:
        return [str(test_python()), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def is_ready(self) -> bool:
        return http_ok(f"{self.url}/moto-api/")
