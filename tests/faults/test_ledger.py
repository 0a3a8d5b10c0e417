"""The comparison itself: a suite that finds nothing must be one that would have found something."""

import re
from collections.abc import Callable

import pytest
from case import Case
from uploads import Upload

Lie = Callable[[Case, Upload], object]


def _sql(text: str) -> Lie:
    return lambda case, upload: case.ledger.rows(text, *[upload.file_id] * text.count("%s"))


LIES: dict[str, tuple[Lie, str]] = {
    "announced twice": (
        _sql("INSERT INTO outbox (topic, file_id, owner_id) VALUES ('file.synced', %s, 'dev')"),
        "announced",
    ),
    "not announced": (_sql("DELETE FROM outbox WHERE file_id = %s AND topic = 'file.uploaded'"), "announced"),
    "processed twice": (
        _sql(
            "INSERT INTO processing_queue (file_id, original_filename, task, status)"
            " VALUES (%s, 'a', 'process', 'completed')"
        ),
        "queue rows",
    ),
    "wrong hash": (_sql("UPDATE files SET sha256 = sha256(sha256) WHERE id = %s"), "size or hash"),
    "wrong status": (_sql("UPDATE files SET status = 'FAILED' WHERE id = %s"), "expected SYNCED"),
    "lost record": (_sql("DELETE FROM files WHERE id = %s"), "no record"),
    "dead event": (_sql("INSERT INTO dead_events (raw, reason) VALUES ('x', 'a lie')"), "dead events"),
    "other object": (
        lambda case, upload: case.ledger.s3.put_object(Bucket=case.ledger.bucket, Key=upload.key, Body=b"other"),
        "the bucket holds|OBJECT_CHANGED",  # Sluice may have noticed it first
    ),
    "stray object": (
        lambda case, _: case.ledger.s3.put_object(Bucket=case.ledger.bucket, Key="stray/object", Body=b"stray"),
        "has no record",
    ),
    "wrong cache": (
        lambda case, upload: case.ledger.cache.set(f"file_content:{upload.file_id}", b"other"),
        "the cache holds",
    ),
    "left in the spool": (lambda case, _: (case.stack.spool / "left").touch(), "left in the spool"),
}


@pytest.mark.parametrize("lie", LIES)
def test_the_ledger_finds_a_lie(case: Case, lie: str) -> None:
    """One thing is made wrong by hand after a good upload; the comparison names it, and is content once it is right."""
    upload = case.clients.upload()
    case.ledger.check()
    tell, words = LIES[lie]
    tell(case, upload)
    try:
        problems = case.ledger.problems()
        assert any(re.search(words, text) for text in problems), problems
    finally:
        _undo(case, upload)
    assert [text for text in case.ledger.problems() if upload.file_id not in text and "dead events" not in text] == []


def _undo(case: Case, upload: Upload) -> None:
    """The later cases must not see it: the file goes with all that belongs to it."""
    (case.stack.spool / "left").unlink(missing_ok=True)
    case.ledger.cache.delete(f"file_content:{upload.file_id}")
    for key in ("stray/object", upload.key):
        case.ledger.s3.delete_object(Bucket=case.ledger.bucket, Key=key)
    for sql in ("DELETE FROM processing_queue WHERE file_id = %s", "DELETE FROM files WHERE id = %s"):
        case.ledger.rows(sql, upload.file_id)  # in the order of Sluice, which by its event may be doing the same now
    sql = "INSERT INTO outbox (topic, file_id, owner_id) VALUES ('file.deleted', %s, 'dev')"
    case.ledger.rows(sql, upload.file_id)  # so that late reports of its object are no dead events of anyone
