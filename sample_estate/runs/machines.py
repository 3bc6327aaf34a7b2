"""Machines of the AWS bill as their runs need them: hour by hour, with what the bill says of them.

Read from the delivered files and by the bill's own columns, so that what is planted about money
owes nothing to the warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from sample_estate.engine import FACTS, literal

# Money of an hour: invoiced, and amortised. Enterprise discounts are in the net columns.
_HOURS = """
    create or replace table machine_costs as
    with lines as (
        select
            line_item_resource_id as instance_id,
            product_instance_type as instance_type,
            cast(line_item_usage_start_date as timestamp) as hour_start,
            line_item_line_item_type as line_type,
            line_item_usage_type as usage_type,
            cast(line_item_usage_amount as double) as amount,
            cast(line_item_net_unblended_cost as double) as net,
            cast(savings_plan_net_savings_plan_effective_cost as double) as planned,
            cast(reservation_net_effective_cost as double) as reserved
        from {bill}
        where line_item_resource_id like 'i-%' and product_instance_type is not null
    )
    select
        instance_id,
        any_value(lines.instance_type) as instance_type,
        hour_start,
        bool_or(usage_type like '%SpotUsage%') as is_spot,
        any_value(cast(facts.accelerator_count as int)) as accelerators,
        least(sum(amount) filter (line_type <> 'SavingsPlanNegation'), 1) as billed_hours,
        sum(case when line_type in ('SavingsPlanCoveredUsage', 'SavingsPlanNegation') then 0
            else net end) as billed_cost,
        sum(case line_type when 'SavingsPlanNegation' then 0
            when 'SavingsPlanCoveredUsage' then planned when 'DiscountedUsage' then reserved
            else net end) as effective_cost
    from lines
    left join read_csv({facts}, all_varchar = true) as facts
        on lines.instance_type = facts.instance_type
    group by instance_id, hour_start"""

# Hours that follow each other without a gap; the last hour of the bill ends no machine's life.
_WINDOWS = """
    with placed as (
        select *, hour_start - to_hours(row_number() over (
            partition by instance_id order by hour_start)) as island
        from machine_costs
    )
    select
        instance_id, any_value(instance_type), bool_or(is_spot), min(hour_start),
        max(hour_start) + interval 1 hour,
        max(hour_start) < (select max(hour_start) from machine_costs)
            and max(hour_start) = (select max(hour_start) from machine_costs as every
                where every.instance_id = placed.instance_id)
    from placed
    group by instance_id, island
    order by 4, 1"""


@dataclass
class Window:
    """An uninterrupted life of a machine; `free_from` is where the next run may begin."""

    instance_id: str
    instance_type: str
    is_spot: bool
    start: datetime
    end: datetime
    is_taken: bool

    def __post_init__(self) -> None:
        self.free_from = self.start


def newest_files(root: Path) -> str:
    """A reader of the newest assembly of each month of the bill."""
    bill = root / "exports" / "aws_main"
    found = sorted(bill.rglob("*.parquet")) or sorted(bill.rglob("*.csv*"))
    reader = "read_parquet" if found[0].suffix == ".parquet" else "read_csv"
    # Assemblies of a month lie in folders that begin with their time; the last one counts.
    newest = {file.parents[1]: file.parent for file in found}
    files = ", ".join(literal(file) for file in found if file.parent in newest.values())
    return f"{reader}([{files}], union_by_name = true)"


def read_bill(con: duckdb.DuckDBPyConnection, root: Path) -> list[Window]:
    """Load the table machine_costs of the newest assemblies; the lives of their machines."""
    facts = literal(FACTS / "aws_instances.csv")
    con.execute(_HOURS.format(bill=newest_files(root), facts=facts))
    return [Window(*row) for row in con.execute(_WINDOWS).fetchall()]
