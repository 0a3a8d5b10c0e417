"""Photos of a batch that end and that are deleted at the same time do not wait for each other in a circle."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from ledgers import Ledgers

MAKE = (
    "INSERT INTO albums (album_id, owner_id, title) VALUES (%(album)s, 'locks', 'Locks')",
    """INSERT INTO batches (batch_id, album_id, owner_id, state, total)
    VALUES (%(batch)s, %(album)s, 'locks', 'running', 3)""",
    """INSERT INTO files (id, kind, owner_id, status, filename, bucket, object_key, upload_method, album_id, sweep_at,
      expires_at)
    SELECT id, 'media', 'locks', 'SYNCING', 'a.jpg', 'locks', 'albums/locks/' || id, 'BATCH', %(album)s, now(), now()
    FROM unnest(%(files)s::uuid[]) AS f(id)""",
    """INSERT INTO processing_queue (file_id, original_filename, task, status, run_at, lease_token, lease_until,
      batch_id)
    SELECT id, 'a.jpg', 'process', CASE WHEN n = 1 THEN 'processing' ELSE 'pending' END,
      CASE WHEN n = 1 THEN now() ELSE 'infinity' END, gen_random_uuid(), now() + interval '1 hour', %(batch)s
    FROM unnest(%(files)s::uuid[]) WITH ORDINALITY AS f(id, n)""",
)
ROW = "SELECT status, run_at = 'infinity' FROM processing_queue WHERE file_id = %s"


@pytest.fixture
def photos(ledgers: Ledgers) -> Iterator[list[str]]:
    """The first is being processed, the other two wait for it."""
    album, batch, files = str(uuid.uuid4()), str(uuid.uuid4()), sorted(str(uuid.uuid4()) for _ in range(3))
    with psycopg.connect(ledgers.database_url, autocommit=True) as session:
        for statement in MAKE:
            session.execute(statement.encode(), {"album": album, "batch": batch, "files": files})
        yield files
        session.execute("DELETE FROM files WHERE id = ANY (%s::uuid[])", [files])
        session.execute("DELETE FROM albums WHERE album_id = %s", [album])


def test_a_photo_ends_while_the_next_one_is_being_deleted(ledgers: Ledgers, photos: list[str]) -> None:
    ended, deleted, last = photos
    with psycopg.connect(ledgers.database_url) as deleter, psycopg.connect(ledgers.database_url) as worker:
        deleter.execute("SELECT FROM processing_queue WHERE file_id = %s FOR UPDATE", [deleted])
        worker.execute("SET statement_timeout = '5s'")
        worker.execute("UPDATE processing_queue SET status = 'completed' WHERE file_id = %s", [ended])
        worker.commit()
        deleter.execute("DELETE FROM processing_queue WHERE file_id = %s", [deleted])
        deleter.commit()
    assert ledgers.rows(ROW, last) == [("pending", False)]
