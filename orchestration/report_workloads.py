"""What a run prints about AI spend: training against inference, and where data leaves to."""

from __future__ import annotations

import duckdb
from rich.console import Console

from orchestration.tables import money, new_table

# Phases as lifecycle order has them; what nothing tells the phase of is a column like the others.
PHASES = (
    *("data_prep", "training", "validation", "inference", "retraining", "development"),
    "unknown",
)
COST_BY_PHASE = """
select billing_period, billing_currency, workload_phase, sum(effective_cost) as cost
from ownership.cost_by_workload_daily
where is_ai_spend
group by all
order by billing_currency desc, billing_period
"""

TOP_PATHS = """
select
    from_provider,
    transfer_class,
    to_place,
    coalesce(team, 'nobody') as sender,
    billing_currency,
    sum(egress_gigabytes) as gigabytes,
    sum(effective_cost) as cost
from egress.paths_daily
where is_egress
group by all
order by cost desc, from_provider, transfer_class
limit 5
"""


def print_workloads(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    """AI spend by lifecycle phase, month and currency; the five dearest paths of data."""
    costs: dict[tuple[str, str], dict[str, object]] = {}
    for month, currency, phase, cost in connection.execute(COST_BY_PHASE).fetchall():
        costs.setdefault((currency, month), {})[phase] = cost
    phases = new_table(
        "Training against inference: effective cost of AI by lifecycle phase",
        "month",
        *(phase for phase in PHASES if any(phase in row for row in costs.values())),
    )
    for (currency, month), row in costs.items():
        shown = (row.get(phase) for phase in PHASES if any(phase in r for r in costs.values()))
        phases.add_row(f"{month}, {currency}", *map(money, shown))
    if costs:
        console.print(phases)
    paths = connection.execute(TOP_PATHS).fetchall()
    if paths:
        table = new_table(
            "Where data leaves to: dearest paths of all months (docs/egress.md)",
            *("from", "class", "to", "sent by", "currency", "GB", "cost"),
        )
        for *path, currency, gigabytes, cost in paths:
            table.add_row(*map(str, path), currency, f"{gigabytes:,.0f}", money(cost))
        console.print(table)
