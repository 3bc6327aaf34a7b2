"""Azure: cost details (actual and amortized, any agreement) and price sheets (EA, MCA)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.exports import azure_layouts
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind

if TYPE_CHECKING:
    from orchestration.exports.columns import FileSql

# Who is invoiced: the billing profile (MCA; the enrollment under EA), else the subscription.
PAYER = ("billing_profile_id", "billing_account_id", "subscription_id")
COST_DETAILS = ControlColumns(
    # The invoice month; exports of legacy offers only have the day of usage.
    period=("billing_period_start_date", "date"),
    billing_account=PAYER,
    usage_account="subscription_id",
    currency="billing_currency",
    cost="cost_in_billing_currency",
    # No column or set of columns tells rows apart: two nodes of a cluster may use the same.
    row_key=("*",),
    filled=("date", "cost_in_billing_currency", "billing_currency", PAYER),
)
PRICES = ControlColumns(
    period="effective_start_date",
    billing_account=("billing_profile_id", "billing_account_id"),
    usage_account=None,
    currency="currency",
    cost=None,
    row_key=("*",),
    filled=("meter_id", "currency", "effective_start_date"),
)


def _by_content(sql: FileSql) -> list[tuple[str, str]]:
    """What only one of the two files can hold. A file with neither is read as the bill."""
    charge = f"coalesce({sql.value('charge_type')}, 'Usage')"
    model = f"replace(coalesce({sql.value('pricing_model')}, ''), ' ', '')"
    committed = f"{model} in ('Reservation', 'SavingsPlan')"
    return [
        ("amortized", f"{charge} in ('UnusedReservation', 'UnusedSavingsPlan')"),
        ("actual", f"{charge} = 'Purchase' and {committed} and {sql.cost()} <> 0"),
        ("amortized", f"{charge} = 'Usage' and {committed} and {sql.cost()} <> 0"),
    ]


def _bill(table: str, counts_as: str) -> Dataset:
    return Dataset(
        table=table,
        view=("raw_azure", "cost_details"),
        schema="azure_cost_details",
        dialect=HeaderDialect(
            schema="azure_cost_details",
            labelled=True,
            wrong_kind_hint="These look like other columns than Azure cost details: for a price "
            "sheet set `kind: azure_price_sheet`, for a FOCUS export `kind: focus`; rows of the "
            "consumption API are no bill: let Cost Management export cost details.",
        ),
        control=COST_DETAILS,
        counts_as=counts_as,
    )


KINDS = (
    Kind(
        name="azure_cost_details",
        provider="azure",
        datasets=(_bill("actual", "billed"), _bill("amortized", "effective")),
        discover=azure_layouts.discover_cost_details,
        by_content=_by_content,
    ),
    Kind(
        name="azure_price_sheet",
        provider="azure",
        datasets=(
            Dataset(
                table="prices",
                view=("raw_azure", "prices"),
                schema="azure_price_sheet",
                dialect=HeaderDialect(
                    schema="azure_price_sheet",
                    wrong_kind_hint="These look like other columns than an Azure price sheet: for "
                    "a bill set `kind: azure_cost_details`.",
                ),
                control=PRICES,
                counts_as="prices",
            ),
        ),
        discover=azure_layouts.discover_price_sheet,
    ),
)
