"""Google Cloud's part of the estate: planted totals are the sums of its files, shape by shape."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import duckdb
import pytest

from tests.one_provider import deliver_alone

ROWS = 4_000
ROW = """
    select
        billing_account_id as account, service, sku, project, labels, system_labels, currency,
        cast(cast(cost as varchar) as decimal(38, 16)) as cost, cost_type, invoice, seller_name,
        adjustment_info, consumption_model, subscription, price, location,
        cast(usage_start_time as varchar) as usage_start_time,
        cast(export_time as varchar) as export_time,
        list_transform(credits, lambda c: {
            'type': c.type, 'amount': cast(cast(c.amount as varchar) as decimal(38, 16))
        }) as credits,
        filename
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("gcp")
    exports = deliver_alone("gcp", root, ROWS)
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    for name, reader in (
        (
            "gcp_main",
            "read_json('{}', format = 'newline_delimited', filename = true, "
            "maximum_depth = -1, sample_size = -1)",
        ),
        ("gcp_lab", "read_parquet('{}', filename = true)"),
    ):
        suffix = "jsonl.gz" if "json" in reader else "parquet"
        files = reader.format(root / "exports" / name / "*" / f"*.{suffix}")
        con.execute(f"create view {name} as {ROW} from {files}")
    con.execute("create view bill as from gcp_main union all by name from gcp_lab")
    return {export.name: export for export in exports}, con


def test_planted_billed_cost_is_the_sum_of_the_files(written):
    exports, con = written
    for name, export in exports.items():
        found = dict(
            con.execute(
                f"""
                select
                    substr(invoice.month, 1, 4) || '-' || substr(invoice.month, 5),
                    sum(cost + coalesce(list_sum([c.amount for c in credits]), 0))
                from {name} group by 1
                """
            ).fetchall()
        )
        planted: dict[str, Decimal] = defaultdict(Decimal)
        for total in export.totals:
            planted[total.month] += total.billed_cost
        assert planted == found


def test_planted_effective_cost_is_the_billed_cost(written):
    """Nothing is paid upfront: what commitments move around comes out even in each month."""
    exports, _ = written
    for export in exports.values():
        gaps: dict[str, Decimal] = defaultdict(Decimal)
        for total in export.totals:
            gaps[total.month] += total.billed_cost - total.effective_cost
        assert set(gaps.values()) == {0}


def test_the_size_is_what_was_asked_for(written):
    exports, con = written
    counted = con.execute("select count(*) from bill").fetchone()
    assert counted == (sum(export.rows for export in exports.values()),)
    assert abs(sum(export.rows for export in exports.values()) - ROWS) < ROWS / 3


def test_fees_less_their_offset_leave_what_is_idle(written):
    _, con = written
    assert con.execute(
        """
        select count(*) from (
            select usage_start_time,
                sum(cost) filter (consumption_model.applied_subscription_instance_id is not null),
                -sum(list_sum([c.amount for c in credits if c.type = 'FEE_UTILIZATION_OFFSET']))
            from gcp_main group by 1
        ) as hours (hour, used, offset_amount)
        where used is distinct from offset_amount and used is not null
        """
    ).fetchone() == (0,)


def test_late_rows_and_corrections_are_on_the_next_invoice(written):
    _, con = written
    late = con.execute(
        """
        select count(*) filter (adjustment_info.id is null), count(*) filter (
            adjustment_info.type = 'PRICE_CORRECTION' and cost < 0)
        from bill
        where strptime(invoice.month, '%Y%m') + interval 7 hour
            > cast(replace(usage_start_time, ' UTC', '') as timestamp)
        """
    ).fetchone()
    assert late[0] > 0 and late[1] == 2


def test_some_rows_come_with_the_files_of_the_month_after(written):
    _, con = written
    (count,) = con.execute(
        """
        select count(*) from gcp_main
        where replace(split_part(filename, '/', -2), '-', '') > invoice.month
            and cost_type = 'regular'
        """
    ).fetchone()
    assert count > 0


def test_the_open_month_has_no_tax_yet(written):
    _, con = written
    found = con.execute(
        "select distinct invoice.month from bill where cost_type = 'tax' order by 1"
    ).fetchall()
    assert found == [("202605",), ("202606",)]


def test_the_same_seed_writes_the_same_files(tmp_path):
    trees = []
    for folder in ("one", "two"):
        deliver_alone("gcp", tmp_path / folder, 1_000)
        trees.append(
            {
                path.relative_to(tmp_path / folder): path.read_bytes()
                for path in (tmp_path / folder / "exports").rglob("billing-*")
            }
        )
    assert trees[0] == trees[1]
