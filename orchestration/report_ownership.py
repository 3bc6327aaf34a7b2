"""What a run prints about owners: whose cost it is, and how much of it is known by whom."""

from __future__ import annotations

import duckdb
from rich.console import Console

from orchestration.tables import money, new_table, share

# Whoever bears the cost once shared costs are shared; what nobody bears is named by its class.
COST_BY_TEAM = """
select *
from (
    select
        coalesce(team, 'nobody: ' || coalesce(owner_class, 'unknown')) as bearer,
        billing_currency,
        sum(effective_cost) filter (line_type = 'direct') as direct,
        sum(effective_cost) filter (line_type = 'shared') as shared,
        sum(effective_cost) filter (line_type = 'unused_commitment') as unused_commitments,
        sum(effective_cost) filter (line_type in ('tax', 'credit')) as tax_and_credits,
        sum(effective_cost) as total
    from ownership.statement_monthly
    group by 1, 2
)
where total <> 0
order by billing_currency desc, bearer like 'nobody: %', total desc, bearer
"""

# Sums of one currency each, by who says whose it is, in the order in which that counts.
COVERAGE = """
select
    billing_currency,
    case when is_ai_spend then 'AI' else 'other' end as spend,
    sum(total_effective_cost) as total,
    sum(covered_effective_cost) / nullif(sum(taggable_effective_cost), 0) as known,
    sum(bill_tag_effective_cost) / nullif(sum(taggable_effective_cost), 0) as bill_tag,
    sum(inventory_tag_effective_cost) / nullif(sum(taggable_effective_cost), 0) as inventory_tag,
    sum(parent_effective_cost) / nullif(sum(taggable_effective_cost), 0) as parent,
    sum(virtual_tag_effective_cost + default_owner_effective_cost)
    / nullif(sum(taggable_effective_cost), 0) as rule,
    sum(conflict_effective_cost + unknown_value_effective_cost)
    / nullif(sum(taggable_effective_cost), 0) as contradicted,
    sum(untagged_effective_cost) / nullif(sum(taggable_effective_cost), 0) as untagged
from ownership.tag_coverage_daily
where governed_key = 'team'
group by all
order by billing_currency desc, spend
"""


def print_ownership(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    """Cost by team with shared costs shared, and where its owners are known from."""
    costs = new_table(
        "Whose cost is it? Effective cost of all months, shared costs shared (docs/statements.md)",
        *("team", "currency", "direct", "shared", "unused commit.", "tax, credits", "total"),
    )
    currency = None
    for bearer, in_currency, *amounts in connection.execute(COST_BY_TEAM).fetchall():
        if currency not in (None, in_currency):
            costs.add_section()
        currency = in_currency
        costs.add_row(bearer, currency, *map(money, amounts))
    console.print(costs)
    coverage = new_table(
        "Who says so? Share of the effective cost that can carry a tag (docs/coverage.md)",
        *("spend", "effective cost", "team known", "bill", "inventory", "parent", "rule"),
        *("contradicted", "untagged"),
    )
    for in_currency, spend, total, *shares in connection.execute(COVERAGE).fetchall():
        coverage.add_row(f"{spend}, {in_currency}", money(total), *map(share, shares))
    console.print(coverage)
