"""The yardstick: raw DuckDB statements over the delivered files, in a process of their own."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb

from benchmarks.measure import say

SQL = Path(__file__).with_name("raw_cur2_to_focus.sql")

COSTS = {
    "cost_bill": "bill_cost",
    "sp_effective": "savings_plan_savings_plan_effective_cost",
    "ri_effective": "reservation_effective_cost",
    "list_cost": "pricing_public_on_demand_cost",
}
TIMES = {
    "timestamp_billing_start": "bill_billing_period_start_date",
    "timestamp_billing_end": "bill_billing_period_end_date",
    "timestamp_usage_start": "line_item_usage_start_date",
    "timestamp_usage_end": "line_item_usage_end_date",
}


def convert(files: list[str], target: Path, as_text: bool) -> None:
    """Write the 65 FOCUS columns of CUR 2.0 files to a table; ``as_text``: values are all text.

    For csv.gz the statement first writes the Parquet that landing keeps as well, so that both
    sides do the same amount of writing.
    """
    connection = duckdb.connect(
        str(target), config={"storage_compatibility_version": "v1.2.0", "memory_limit": "3GB"}
    )
    connection.execute("set preserve_insertion_order = false; set TimeZone = 'UTC'")
    started = time.monotonic()
    source = files
    if as_text:
        parquet = str(target.with_suffix(".parquet"))
        connection.execute("set preserve_insertion_order = true")
        connection.execute(
            f"copy (select * from read_csv({files!r}, all_varchar = true, header = true, "
            f"delim = ',', quote = '\"', escape = '\"')) to '{parquet}' (compression zstd)"
        )
        connection.execute("set preserve_insertion_order = false")
        source = [parquet]
    connection.execute(_statement(source, as_text))
    connection.execute("checkpoint")
    seconds = time.monotonic() - started
    rows = connection.execute("select count(*) from cost_and_usage").fetchone()[0]
    say(seconds=seconds, rows=rows)


def _statement(files: list[str], as_text: bool) -> str:
    def decimal(column: str, scale: int) -> str:
        # Doubles go through their shortest text, as the product does: the same bill as CSV and as
        # Parquet has to give the same cents.
        text = f"nullif({column}, '')" if as_text else f"cast({column} as varchar)"
        return f"cast({text} as decimal(38, {scale}))"

    def mapped(column: str) -> str:
        return f"cast(cast({column} as json) as map(varchar, varchar))" if as_text else column

    names = {name: decimal(column, 16) for name, column in COSTS.items()}
    names |= {
        name: f"cast({column} as timestamp)" if as_text else column
        for name, column in TIMES.items()
    }
    total = decimal("savings_plan_total_commitment_to_date", 16)
    used = decimal("savings_plan_used_commitment", 16)
    upfront = decimal("reservation_unused_amortized_upfront_fee_for_billing_period", 16)
    recurring = decimal("reservation_unused_recurring_fee", 16)
    return SQL.read_text().format(
        **names,
        source=f"read_parquet({files!r}, union_by_name = true)",
        cost="",
        net_cost="coalesce(line_item_net_unblended_cost, line_item_unblended_cost)",
        sp_unused=f"{total} - {used}",
        ri_unused=f"{upfront} + {recurring}",
        usage_amount=decimal("line_item_usage_amount", 12),
        unblended_rate="cast(nullif(line_item_unblended_rate, '') as decimal(38, 18))",
        list_rate="cast(nullif(pricing_public_on_demand_rate, '') as decimal(38, 18))",
        product_name=f"{mapped('product')}['product_name']",
        tags=(
            "map_from_entries(list_transform(map_entries("
            + mapped("resource_tags")
            + "), lambda entry: {'key': regexp_replace(entry.key, '^user[_:]', ''), "
            "'value': entry.value}))"
        ),
    )


if __name__ == "__main__":
    convert(sys.argv[3:], Path(sys.argv[1]), sys.argv[2] == "text")
