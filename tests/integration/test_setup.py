"""`sluice setup` on a real store: what it sets, and what it says of what it cannot set."""

import subprocess

import botocore.exceptions
import pytest
from ledgers import Ledgers

from devstack.daemons import Cli
from devstack.stack import Stack


def setup(stack: Stack, **changes: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Exit status, and for each step its result and what it says, which is one line."""
    settings = stack.program_settings() | changes
    cli = Cli(stack.cli.program, stack.cli.log_path, lambda: settings)
    done: subprocess.CompletedProcess[str] = cli.run("setup", check=False)
    assert settings["SLUICE_S3_SECRET_KEY"] not in done.stdout + done.stderr
    steps = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    return done.returncode, {name: (result, text) for name, result, text in steps}


def test_again_changes_nothing(stack: Stack, ledgers: Ledgers) -> None:
    status, steps = setup(stack)
    assert (status, steps["bucket"]) == (0, ("ok", f"{ledgers.bucket} exists"))
    result, text = steps["notifications"]
    if stack.store.notify_arns:
        assert (result, text) == ("ok", f"{len(stack.store.notify_arns)} targets, already subscribed")
    else:
        assert result == "skipped"
        assert "no subscriptions in buckets" in text
        assert "POST /events/s3" in text


def test_origins(stack: Stack, ledgers: Ledgers) -> None:
    _, steps = setup(stack, SLUICE_CORS_ORIGINS="https://a.example,https://b.example")
    result, text = steps["cors"]
    try:
        if stack.store.keeps_cors:
            assert (result, text) == ("ok", "2 origins allowed")
            rules = ledgers.s3.get_bucket_cors(Bucket=ledgers.bucket)["CORSRules"]
            assert [rule["AllowedOrigins"] for rule in rules] == [["https://a.example", "https://b.example"]]
        else:
            assert result == "skipped"
            assert "MINIO_API_CORS_ALLOW_ORIGIN=https://a.example,https://b.example" in text
    finally:
        assert setup(stack)[0] == 0


def test_new_bucket(stack: Stack, ledgers: Ledgers) -> None:
    bucket = "made-by-setup"
    with pytest.raises(botocore.exceptions.ClientError):
        ledgers.s3.head_bucket(Bucket=bucket)
    try:
        status, steps = setup(stack, SLUICE_S3_BUCKET=bucket)
        assert (status, steps["bucket"]) == (0, ("ok", f"{bucket} created"))
        ledgers.s3.head_bucket(Bucket=bucket)
    finally:
        ledgers.s3.delete_bucket(Bucket=bucket)


def test_unknown_access_key(stack: Stack) -> None:
    """Also where the answer is a 404, which is not taken for a missing bucket."""
    status, steps = setup(stack, SLUICE_S3_ACCESS_KEY="nobody")
    assert (status, list(steps)) == (1, ["bucket"])
    result, text = steps["bucket"]
    assert result == "failed"
    assert stack.store.unknown_key_code in text
    assert "set SLUICE_S3_ACCESS_KEY to a key of this store" in text


def test_wrong_secret(stack: Stack) -> None:
    status, steps = setup(stack, SLUICE_S3_SECRET_KEY="another-secret-of-somebody")
    result, text = steps["bucket"]
    assert (status, result) == (1, "failed")
    assert "SignatureDoesNotMatch" in text
    assert "set SLUICE_S3_SECRET_KEY" in text


def test_target_that_the_store_does_not_have(stack: Stack, ledgers: Ledgers) -> None:
    before = ledgers.subscriptions()
    status, steps = setup(stack, SLUICE_S3_NOTIFY_ARNS="arn:minio:sqs::NOBODY:redis")
    result, text = steps["notifications"]
    assert (status, result) == (1, "failed")
    remedy = "must be a target that the store is configured with"
    assert (remedy if stack.store.notify_arns else "unset SLUICE_S3_NOTIFY_ARNS") in text
    assert ledgers.subscriptions() == before


def test_store_that_is_not_there(stack: Stack) -> None:
    status, steps = setup(stack, SLUICE_S3_ENDPOINT="http://127.0.0.1:1")
    result, text = steps["bucket"]
    assert (status, result) == (1, "failed")
    assert "check SLUICE_S3_ENDPOINT and that the store runs" in text
