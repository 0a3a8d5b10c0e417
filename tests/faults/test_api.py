"""The API itself dies: not among the numbered faults, and part of the same promise."""

from case import Case


def test_api_killed_under_load(case: Case) -> None:
    """Clients whose request broke off send it again with the same Idempotency-Key; each gets one file."""

    def kill() -> None:
        case.stack.api.kill()
        case.stack.api.start()

    case.disturbed_uploads(80, kill, 3)
    case.ledger.check()


def test_api_stopped_under_load(case: Case) -> None:
    """SIGTERM: requests that are under way are answered, further ones refused; nothing is half done."""
    case.disturbed_uploads(80, case.stack.api.restart, 2)
    case.ledger.check()
