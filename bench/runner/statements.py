"""What single statements of Sluice cost inside Postgres, by pg_stat_statements, whoever sent them and how often."""

from dataclasses import dataclass

from runner.lab import Lab

# How the text of each begins (common/sql.def).
STATEMENTS = {
    "presign: insert": "INSERT INTO files (id, kind, owner_id, status,%",
    "status: get": "%WITH ORDINALITY AS i(id, n) LEFT JOIN files f%",
    "event: arrive": "WITH incoming AS (%",
    "claim": "WITH due AS (%",
    "settle": "WITH outcome AS (%",
}
READ = """
SELECT sum(calls), sum(rows), sum(total_exec_time), sum(shared_blks_hit + shared_blks_read)
FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = %s AND s.query LIKE %s AND s.rows > 0
"""


@dataclass(frozen=True)
class Cost:
    """Of one statement; milliseconds and blocks a row, because how many rows share a call depends on the load."""

    calls: int
    rows: int
    ms_per_row: float
    blocks_per_row: float


def switch_on(lab: Lab) -> None:
    """The library must be there when Postgres starts. The lab is wiped afterwards, and the setting with it."""
    with lab.database("postgres") as server:
        server.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    lab.stack.postgres.restart()
    with lab.database() as server:
        server.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def switch_off(lab: Lab) -> None:
    with lab.database() as server:
        server.execute("DROP EXTENSION pg_stat_statements")
    with lab.database("postgres") as server:
        server.execute("ALTER SYSTEM RESET shared_preload_libraries")
    lab.stack.postgres.restart()


def forget(lab: Lab) -> None:
    with lab.database() as server:
        server.execute("SELECT pg_stat_statements_reset()")


def costs(lab: Lab, database: str) -> dict[str, Cost]:
    """Those that ran since the last forget; one that finds nothing to do costs something too and is left out."""
    found = {}
    with lab.database() as server:
        for name, text in STATEMENTS.items():
            calls, rows, ms, blocks = server.execute(READ, (database, text)).fetchone() or (0, 0, 0, 0)
            if calls and rows:
                found[name] = Cost(int(calls), int(rows), float(ms) / int(rows), float(blocks) / int(rows))
    return found
