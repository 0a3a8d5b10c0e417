"""Every statement of sql.def against a database that `sluice migrate` made."""

import ast
import re
import subprocess

import pytest
from ledgers import Ledgers

from devstack.paths import ROOT


def statements() -> dict[str, tuple[int, str]]:
    """Name → (parameters, text), as the C preprocessor sees the table."""
    program = '#define SQL(name, parameters, text) @name@ parameters @ text\n#include "common/sql.def"\n'
    done = subprocess.run(
        ["cc", "-E", "-P", "-x", "c", "-I", str(ROOT), "-"], input=program, check=True, capture_output=True, text=True
    )
    found = {}
    for entry in re.finditer(r"@(\w+)@ (\d+) @((?:\s*\"(?:\\.|[^\"\\])*\")+)", done.stdout):
        found[entry.group(1)] = (int(entry.group(2)), ast.literal_eval(f"({entry.group(3).strip()})"))
    return found


STATEMENTS = statements()


def test_the_table_was_read() -> None:
    assert "FILE_ARRIVE" in STATEMENTS
    assert "MIGRATION_RECORD" in STATEMENTS


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_it_can_be_prepared_with_as_many_parameters_as_the_table_says(ledgers: Ledgers, name: str) -> None:
    parameters, text = STATEMENTS[name]
    with ledgers.database.cursor() as cursor:
        cursor.execute(f'PREPARE "test_{name}" AS {text}'.encode())
        cursor.execute(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = %s", [f"test_{name}"]
        )
        row = cursor.fetchone()
        cursor.execute(f'DEALLOCATE "test_{name}"'.encode())
    assert row is not None
    assert row[0] == parameters
