"""Plausible records in any number: what a service holds that has run for 300 days."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg import sql

from runner.lab import Lab

SESSIONS = 2
OWNER = "bench"

# Every third file is the owner's whom the load comes from, the others have a thousand owners. One in 10,000 waits for
# its object, which the sweeper need not look for during the run.
FILES = """
INSERT INTO files (id, kind, owner_id, status, external_id, filename, content_type, detected_type, expected_size, size,
  sha256, bucket, object_key, etag, upload_method, attempts, error_code, sweep_at, uploaded_at, synced_at, expires_at,
  created_at, updated_at)
SELECT id, 'file', CASE WHEN g % 3 = 0 THEN {owner} ELSE 'owner-' || g % 1000 END, status, 'order-' || g % {orders},
  name, 'image/jpeg', 'image/jpeg', size, size, CASE WHEN status = 'SYNCED' THEN decode(h || h, 'hex') END, {bucket},
  'files/' || id || '/' || name, h, 'POST', 1, CASE WHEN status = 'FAILED' THEN 'DECODE_FAILED' END,
  now() + interval '1 day', t, CASE WHEN status = 'SYNCED' THEN t END, t + interval '15 minutes', t, t
FROM (
  SELECT g, t, h, 'IMG_' || g % 10000 || '.jpg' AS name, 20000 + g * 7919 % 4000000 AS size,
    (lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || '7' || left(h, 3) || '8' || substr(h, 4, 15)
      )::uuid AS id,
    CASE WHEN g % 10000 = 1 THEN 'PENDING' WHEN g % 100 = 2 THEN 'FAILED' WHEN g % 50 = 3 THEN 'EXPIRED'
      ELSE 'SYNCED' END AS status
  FROM (SELECT g, md5(g::text) AS h, now() - interval '300 days' * (1 - g::float8 / {rows}) AS t
    FROM generate_series({first}::bigint, {last}) AS s(g)) AS numbered) AS made
"""

# Work that is done is kept for a while.
QUEUE = """
INSERT INTO processing_queue (file_id, original_filename, task, status, attempts, created_at, updated_at)
SELECT id, filename, 'process', 'completed', 1, created_at, updated_at FROM files
WHERE status = 'SYNCED' ORDER BY id DESC LIMIT {rows} / 10
"""

PLAIN_INDEXES = """
SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' AND i.tablename = ANY (%s)
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)
"""


def _session(lab: Lab, database: str) -> psycopg.Connection:
    """Nothing here needs to survive a crash, and what is measured later does not depend on it."""
    session = lab.database(database)
    session.execute("SET synchronous_commit = off")
    session.execute("SET maintenance_work_mem = '512MB'")
    return session


def _insert_files(lab: Lab, database: str, rows: int) -> None:
    def part(number: int) -> None:
        first, last = rows * number // SESSIONS + 1, rows * (number + 1) // SESSIONS
        values = {"first": first, "last": last, "rows": rows, "orders": max(rows // 3, 1), "owner": OWNER}
        values["bucket"] = lab.stack.program_settings()["SLUICE_S3_BUCKET"]
        with _session(lab, database) as session:
            session.execute(sql.SQL(FILES).format(**{name: sql.Literal(value) for name, value in values.items()}))

    with ThreadPoolExecutor(SESSIONS) as pool:
        list(pool.map(part, range(SESSIONS)))


def fill(lab: Lab, database: str, rows: int) -> None:
    """Into the migrated, empty tables; plain indexes are made afterwards, all at once, which is much faster."""
    with _session(lab, database) as session:
        indexes = session.execute(PLAIN_INDEXES, (["files", "processing_queue"],)).fetchall()
        for name, _ in indexes:
            session.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        _insert_files(lab, database, rows)
        session.execute(sql.SQL(QUEUE).format(rows=sql.Literal(rows)))
        for _, definition in indexes:
            session.execute(definition)
        session.execute("VACUUM (ANALYZE) files, processing_queue")


def sample_ids(lab: Lab, database: str, count: int) -> list[str]:
    """Ids of the owner's files from all over the table."""
    query = "SELECT id::text FROM files TABLESAMPLE BERNOULLI (%s) WHERE owner_id = %s AND status = 'SYNCED' LIMIT %s"
    with lab.database(database) as session:
        row = session.execute("SELECT greatest(reltuples, 1) FROM pg_class WHERE relname = 'files'").fetchone()
        share = min(100.0, 100.0 * count * 3.1 / float(row[0] if row else 1))
        return [found for (found,) in session.execute(query, (share, OWNER, count))]


def copy_records(lab: Lab, source: str, target: str, file_ids: list[str]) -> None:
    """The same PENDING files in another database."""
    read = "COPY (SELECT * FROM files WHERE id = ANY (%s::uuid[])) TO STDOUT"
    with lab.database(source) as there, lab.database(target) as here:
        with there.cursor() as out, out.copy(read, (file_ids,)) as rows:
            content = b"".join(bytes(block) for block in rows)
        with here.cursor() as into, into.copy("COPY files FROM STDIN") as sink:
            sink.write(content)
