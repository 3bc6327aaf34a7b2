"""The published file stands alone: BI tools get that one file, nothing private, nothing raw."""

from __future__ import annotations

import shutil

from tests.warehouse.warehouse import published

SCHEMAS = {
    *("egress", "focus", "focus_export", "gpu", "inference", "ownership", "quality", "rates"),
    "training",
}


def relations(connection) -> list[tuple[str, str]]:
    return connection.execute(
        """
        select schema_name, table_name from duckdb_tables() where database_name = 'ai_finops'
        union all
        select schema_name, view_name from duckdb_views()
        where database_name = 'ai_finops' and not internal
        order by all
        """
    ).fetchall()


def test_every_table_and_view_opens_with_nothing_else_there(whole_home, tmp_path):
    alone = shutil.copy(whole_home.home / "published" / "ai_finops.duckdb", tmp_path)
    with published(alone) as connection:
        names = relations(connection)
        assert {schema for schema, _ in names} == SCHEMAS
        for schema, name in names:
            connection.execute(f'select * from "{schema}"."{name}"').fetchmany(5)


def test_old_readers_can_open_it(whole_home):
    """What DuckDB 2.0 writes by default, readers before it refuse; v1.2.0 opens everywhere."""
    with published(whole_home.home / "published" / "ai_finops.duckdb") as connection:
        tags = connection.execute(
            "select tags from duckdb_databases() where database_name = 'ai_finops'"
        ).fetchone()[0]
    assert tags["storage_version"].startswith("v1.2.0"), tags


def test_every_public_table_says_what_it_holds(whole_home):
    with published(whole_home.home / "published" / "ai_finops.duckdb") as connection:
        silent = connection.execute(
            """
            select schema_name || '.' || table_name from duckdb_tables()
            where database_name = 'ai_finops' and coalesce(comment, '') = ''
            union all
            select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()
            where database_name = 'ai_finops' and not internal and coalesce(comment, '') = ''
                and schema_name || '.' || table_name in (
                    select schema_name || '.' || table_name from duckdb_tables()
                )
            """
        ).fetchall()
    assert silent == []
