"""Fault 36: a host's clock is ten minutes off."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from case import Case

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def _shifted(offset: str) -> dict[str, str]:
    """libfaketime before everything else; the monotonic clock is a host's own and stays."""
    assert LIBRARIES, "libfaketime is not installed; ./dev test installs it"
    return {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def _clock_error(case: Case, daemon: str, since: int) -> float:
    """How far the times in its log are from ours, in seconds."""
    with open(case.stack.log_dir / f"{daemon}.log", "rb") as log:
        log.seek(since)
        times = [json.loads(line)["time"] for line in log if line.startswith(b"{")]
    return (datetime.fromisoformat(times[-1]) - datetime.now(UTC)).total_seconds()


@pytest.mark.parametrize("offset", ["+10m", "-10m"])
@pytest.mark.parametrize("daemon", ["api", "processor"])
def test_clock_off_by_ten_minutes(case: Case, daemon: str, offset: str) -> None:
    """Fault 36: signed URLs of such an API work (their lifetime is longer than the error), leases and sweeps go by the
    database's clock, and nothing expires early."""
    service = {"api": case.stack.api, "processor": case.stack.processor}[daemon]
    changes = _shifted(offset)
    changes["ASAN_OPTIONS"] = f"{service.extra_environment.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0"
    with case.stack.configured(service, **changes):
        since = case.stack.log_end(daemon)
        service.start()
        case.clients.upload_many(16)
        case.ledger.check()
        error = _clock_error(case, daemon, since)
        assert abs(error) > 500 and (error > 0) == (offset[0] == "+"), f"the clock was not off: {error} s"
