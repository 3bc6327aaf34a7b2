"""Google Cloud: the billing export (standard and detailed, one table) and the pricing export.

Both are BigQuery tables; what is landed are files extracted from them. Their rows have no key and
no manifest: a month is the sum of its files, and the invoice month of a row tells the month.
"""

from __future__ import annotations

from orchestration.exports.columns import FileSql
from orchestration.exports.deliveries import discover_loose
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind

COST = "decimal(38,16)"


def credits_total(file: FileSql) -> str:
    """SQL of the sum of a row's credits (negative), which `cost` does not include.

    Credits are a list of records, JSON text of such a list (or of a single record), or, in files
    that flatten them, one amount in a column of its own. NULL where they cannot be read, so that
    the row is set aside and not landed at its gross cost.
    """
    parts = [_list_total(column.sql, column.sql_type) for column in file.columns("credits")]
    if file.columns("credits_amount"):
        parts.append(f"coalesce({file.value('credits_amount')}, 0)")
    return " + ".join(parts) if parts else f"cast(0 as {COST})"


def _list_total(expression: str, sql_type: str) -> str:
    """Doubles become decimals through their shortest text, as every cost does."""
    if sql_type.endswith("[]"):
        amounts = (
            f"list_transform({expression}, lambda c: cast(cast(c.amount as varchar) as {COST}))"
        )
        return f"coalesce(cast(list_sum({amounts}) as {COST}), 0)"
    text = f"trim(cast({expression} as varchar))"
    listed = f"case when left({text}, 1) = '{{' then '[' || {text} || ']' else {text} end"
    amounts = (
        f'list_transform(from_json({listed}, \'[{{"amount":"VARCHAR"}}]\'), '
        f"lambda c: try_cast(coalesce(c.amount, 'missing') as {COST}))"
    )
    return (
        # Most rows have no credit, and reading JSON is dear.
        f"case when coalesce({text}, '') in ('', '[]', 'null') then cast(0 as {COST}) "
        f"when json_valid({text}) and len(list_filter({amounts}, lambda a: a is null)) = 0 "
        f"then coalesce(cast(list_sum({amounts}) as {COST}), 0) end"
    )


BILLING = Dataset(
    table="billing_rows",
    view=("raw_gcp", "billing_rows"),
    schema="gcp_billing_rows",
    dialect=HeaderDialect(
        schema="gcp_billing_rows",
        wrong_kind_hint="This does not look like the Cloud Billing export: extract the table "
        "gcp_billing_export_v1_<account> or gcp_billing_export_resource_v1_<account> with all its "
        "columns, or set another `kind`.",
    ),
    control=ControlColumns(
        period="invoice_month",
        billing_account="billing_account_id",
        usage_account="project_id",
        currency="currency",
        cost="cost",
        row_key=(
            "export_time",
            "usage_start_time",
            "usage_end_time",
            "sku_id",
            "project_id",
            "resource_name",
            "cost_type",
            "cost",
            "usage_amount",
        ),
        filled=(
            "invoice_month",
            "billing_account_id",
            "currency",
            "cost_type",
            "cost",
            "service_description",
            "usage_start_time",
        ),
        extra_cost=credits_total,
        extra_column="credits",
        # The standard export has no resource columns.
        sparse_key=True,
    ),
)

PRICES = Dataset(
    table="prices",
    view=("raw_gcp", "prices"),
    schema="gcp_prices",
    dialect=HeaderDialect(
        schema="gcp_prices",
        wrong_kind_hint="This does not look like the pricing export: extract the table "
        "cloud_pricing_export with all its columns, or set another `kind`.",
    ),
    control=ControlColumns(
        period="pricing_as_of_time",
        billing_account="billing_account_id",
        usage_account=None,
        currency="account_currency_code",
        cost=None,
        row_key=("billing_account_id", "pricing_as_of_time", "sku_id"),
        filled=("pricing_as_of_time", "billing_account_id", "sku_id"),
    ),
    counts_as="prices",
)

KINDS = (
    Kind(
        name="gcp_billing_export",
        provider="gcp",
        datasets=(BILLING,),
        discover=discover_loose,
        additive=True,
    ),
    Kind(
        name="gcp_pricing_export",
        provider="gcp",
        datasets=(PRICES,),
        discover=discover_loose,
        additive=True,
    ),
)
