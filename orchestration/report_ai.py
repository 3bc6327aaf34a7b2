"""What a run prints about accelerators, runs and tokens: idle, wasted, and what a unit cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import duckdb
from rich.console import Console

from orchestration.tables import money, new_table, share

# Layers of the same hours: together they are what the bill counts. Work for runs of no use is taken
# out of work.
ACCELERATORS = """
with layers as (
    unpivot (
        select
            billing_currency,
            provider,
            used_cost - useless_cost as used,
            useless_cost as useless,
            idle_held_cost as idle_held,
            idle_free_cost as idle_free,
            unallocated_cost as unallocated,
            unknown_cost as unknown
        from gpu.accelerator_hours
    )
    on used, useless, idle_held, idle_free, unallocated, unknown into name layer value cost
)
pivot layers
on layer in ('used', 'useless', 'idle_held', 'idle_free', 'unallocated', 'unknown')
using sum(cost)
group by billing_currency, provider
order by billing_currency desc, provider
"""
LAYERS = ("used", "useless", "idle_held", "idle_free", "unallocated", "unknown")

WASTE = """
select
    billing_currency,
    waste_class,
    count(*) as runs,
    sum(wasted_accelerator_hours) as accelerator_hours,
    sum(wasted_effective_cost) as cost
from training.waste
where billing_currency is not null
group by all
order by billing_currency desc, cost desc
"""

EXPERIMENTS = """
with steps as (
    select runs.experiment_name, epochs.billing_currency,
        sum(epochs.effective_cost) / nullif(sum(epochs.steps), 0) as cost_per_step
    from training.epochs as epochs
    inner join training.runs as runs using (source_name, run_id, billing_currency)
    group by all
)
select
    experiment_name,
    billing_currency,
    runs,
    effective_cost,
    effective_cost / nullif(runs - unknown_cost_runs, 0) as cost_per_run,
    cost_per_step,
    coalesce(wasted_effective_cost, 0) as wasted
from training.experiments
left join steps using (experiment_name, billing_currency)
where experiment_name is not null and effective_cost is not null
order by effective_cost desc
limit 6
"""

TOKENS = """
select
    model,
    billing_currency,
    sum(tokens) / 1e6 as million_tokens,
    sum(effective_cost) as cost,
    sum(effective_cost) filter (token_class = 'input')
        / nullif(sum(tokens) filter (token_class = 'input'), 0) * 1e6 as input_price,
    sum(effective_cost) filter (token_class = 'output')
        / nullif(sum(tokens) filter (token_class = 'output'), 0) * 1e6 as output_price,
    sum(cache_saving) as cache_saving
from inference.token_costs_daily
where tokens > 0 and token_class <> 'training'
group by all
order by cost desc, model
limit 8
"""

# Of models of which something tells requests or tokens; others are in the table with NULL.
SERVING = """
select
    serving_kind,
    model,
    billing_currency,
    sum(effective_cost) as cost,
    1000 * sum(effective_cost) filter (requests > 0) / sum(requests) as per_1000_requests,
    1e6 * sum(effective_cost) filter (tokens > 0) / sum(tokens) as per_million,
    1e6 * sum(used_cost) filter (tokens > 0) / sum(tokens) as used_per_million
from inference.unit_costs_daily
where model is not null and (requests > 0 or tokens > 0)
group by serving_kind, model, billing_currency
qualify row_number() over (partition by serving_kind order by sum(effective_cost) desc, model) <= 3
order by serving_kind desc, cost desc, model
"""

GATEWAY = """
select
    provider,
    main_cause,
    billing_currency,
    count(*) as days_of_models,
    sum(gateway_cost) as gateway_cost,
    sum(billed_cost) as billed_cost,
    sum(difference) as difference,
    sum(unexplained) as unexplained
from inference.gateway_variance_daily
where main_cause <> 'none'
group by all
order by abs(sum(difference)) desc, provider, main_cause
"""

RATES = """
with savings as (
    select billing_currency, sum(list_cost) as list_cost,
        1 - sum(effective_cost) / nullif(sum(list_cost), 0) as savings_rate
    from rates.savings_monthly group by all
),
used as (
    select billing_currency, sum(used_cost) / nullif(sum(committed_cost), 0) as utilisation
    from rates.commitments_daily group by all
),
unused as (
    select billing_currency, sum(unused_cost) as unused, sum(accelerator_unused_cost) as of_gpus
    from rates.unused_capacity group by all
)
select billing_currency, list_cost, savings_rate, utilisation, unused, of_gpus
from savings left join used using (billing_currency) left join unused using (billing_currency)
order by billing_currency desc
"""


def print_ai(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    """What accelerators did, runs of no use, dearest experiments and models, gateway and bill."""

    def show(
        query: str, title: str, columns: tuple[str, ...], line: Callable[..., tuple[str, ...]]
    ) -> None:
        rows = connection.execute(query).fetchall()
        if rows:
            table = new_table(title, *columns)
            for row in rows:
                table.add_row(*line(*row))
            console.print(table)

    show(
        ACCELERATORS,
        "Accelerators: effective cost by what they did (docs/gpu.md)",
        ("provider", *LAYERS, "idle, at least"),
        # A state in which nobody saw anything is no amount of nought.
        lambda currency, provider, *costs: (
            f"{provider}, {currency}",
            *(money(cost or None) for cost in costs),
            _idle_share(costs),
        ),
    )
    show(
        RATES,
        "Commitments: what they saved, and what was paid for nothing (docs/rates.md)",
        ("currency", "at list prices", "savings rate", "used of commitments", "paid and unused",
         "of accelerators"),
        lambda currency, listed, rate, used, *unused: (
            currency, money(listed), share(rate), share(used), *map(money, unused)
        ),
    )  # fmt: skip
    show(
        WASTE,
        "Runs of no use: effective cost by why (docs/training.md)",
        ("class", "runs", "accelerator-hours", "currency", "cost"),
        lambda currency, reason, runs, hours, cost: (
            reason, count(runs), count(hours), currency, money(cost)
        ),
    )  # fmt: skip
    show(
        EXPERIMENTS,
        "Dearest experiments (docs/training.md)",
        ("experiment", "runs", "currency", "cost", "per run", "per epoch or step", "wasted"),
        lambda name, currency, runs, *costs: (name, count(runs), currency, *map(money, costs)),
    )
    show(
        TOKENS,
        "Tokens: dearest models, whoever sells them (docs/inference.md)",
        ("model", "million tokens", "currency", "cost", "per million in", "per million out",
         "saved by cache"),
        lambda name, currency, tokens, *costs: (name, count(tokens), currency, *map(money, costs)),
    )  # fmt: skip
    show(
        SERVING,
        "Serving: dearest models of each kind, as billed and for the hours that they worked",
        ("served by", "model", "currency", "cost", "per 1,000 requests", "per million tokens",
         "the same, at work"),
        lambda kind, name, currency, *costs: (kind, name, currency, *map(money, costs)),
    )  # fmt: skip
    show(
        GATEWAY,
        "Gateway against the bill: days of models on which they differ (docs/inference.md)",
        ("provider", "why", "days", "currency", "gateway", "bill", "difference", "unexplained"),
        lambda provider, cause, currency, days, *costs: (
            provider, cause, count(days), currency, *map(money, costs)
        ),
    )  # fmt: skip


def count(number: float | Decimal | None) -> str:
    """A whole number; nothing where there is none."""
    return "" if number is None else f"{number:,.0f}"


def _idle_share(costs: Sequence[Decimal]) -> str:
    """Idle and unallocated by all that was billed; what nobody saw may be idle too."""
    named = dict(zip(LAYERS, costs, strict=True))
    idle = named["idle_held"] + named["idle_free"] + named["unallocated"]
    whole = sum(named.values())
    return "unknown" if named["unknown"] == whole else share(idle / whole)
