"""Placeholders of the statement over Azure cost details (MCA columns, CSV in classic folders)."""

from __future__ import annotations


def csv_source(files: list[str]) -> str:
    """All columns as text, and which of the two files a row comes from."""
    return (
        "select * exclude (filename), contains(filename, '-actual') as is_actual "
        f"from read_csv({files!r}, all_varchar = true, header = true, delim = ',', quote = '\"', "
        "escape = '\"', filename = true)"
    )


def placeholders(source: str) -> dict[str, str]:
    """Casts of text; days are written month first."""

    def day(column: str) -> str:
        return f"strptime({column}, '%m/%d/%Y')"

    return {
        "source": source,
        "cost": "cast(costInBillingCurrency as decimal(38, 16))",
        "list_cost": "cast(paygCostInBillingCurrency as decimal(38, 16))",
        "cost_in_pricing_currency": "cast(costInPricingCurrency as decimal(38, 16))",
        "quantity": "cast(quantity as decimal(26, 12))",
        "rate": "cast(exchangeRatePricingToBilling as decimal(17, 12))",
        "list_price": "cast(PayGPrice as decimal(20, 12))",
        "contracted_price": "cast(unitPrice as decimal(20, 12))",
        "charge_date": day("date"),
        "period_start": day("billingPeriodStartDate"),
        "period_end": day("billingPeriodEndDate"),
    }
