"""The oldest DuckDB that is promised, 1.2.0, opens every published table and view.

It gets an environment of its own, installed from the package index, because one process can hold
one DuckDB only.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

OLDEST = "duckdb==1.2.0"
READ_EVERYTHING = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
names = connection.execute(
    "select table_schema, table_name from information_schema.tables"
).fetchall()
for schema, name in names:
    connection.execute(f'select * from "{schema}"."{name}" limit 5').fetchall()
total = connection.execute("select sum(BilledCost) from focus_export.cost_and_usage").fetchone()[0]
print(duckdb.__version__, len(names), total)
"""


@pytest.fixture(scope="module")
def old_python(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("oldest") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    installed = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--only-binary", ":all:", OLDEST],
        capture_output=True,
        text=True,
    )
    if installed.returncode:
        pytest.skip(f"{OLDEST} cannot be installed here: {installed.stderr.strip()[-200:]}")
    return python


def test_duckdb_1_2_reads_all_that_is_published(whole_home, old_python):
    path = whole_home.home / "published" / "ai_finops.duckdb"
    done = subprocess.run(
        [old_python, "-c", READ_EVERYTHING, str(path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    version, names, total = done.stdout.split()
    assert version == "1.2.0"
    assert int(names) > 10
    assert float(total) > 0
