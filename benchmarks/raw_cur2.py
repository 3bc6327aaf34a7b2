"""Placeholders of the statement over CUR 2.0: casts for Parquet's types, or for text."""

from __future__ import annotations

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


def csv_source(files: list[str]) -> str:
    """All columns of CSV files, as text."""
    return (
        f"select * from read_csv({files!r}, all_varchar = true, header = true, delim = ',', "
        "quote = '\"', escape = '\"')"
    )


def typed(source: str) -> dict[str, str]:
    """For Parquet files as delivered."""
    return _placeholders(source, as_text=False)


def text(source: str) -> dict[str, str]:
    """For text as CSV files hold it."""
    return _placeholders(source, as_text=True)


def _placeholders(source: str, as_text: bool) -> dict[str, str]:
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
    return {
        **names,
        "source": source,
        "cost": "",
        "net_cost": "coalesce(line_item_net_unblended_cost, line_item_unblended_cost)",
        "sp_unused": f"{total} - {used}",
        "ri_unused": f"{upfront} + {recurring}",
        "usage_amount": decimal("line_item_usage_amount", 12),
        "unblended_rate": "cast(nullif(line_item_unblended_rate, '') as decimal(38, 18))",
        "list_rate": "cast(nullif(pricing_public_on_demand_rate, '') as decimal(38, 18))",
        "product_name": f"{mapped('product')}['product_name']",
        "tags": (
            "map_from_entries(list_transform(map_entries("
            + mapped("resource_tags")
            + "), lambda entry: {'key': regexp_replace(entry.key, '^user[_:]', ''), "
            "'value': entry.value}))"
        ),
    }
