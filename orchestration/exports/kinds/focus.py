"""Native FOCUS exports of any provider, versions 1.0 to 1.4: four datasets told by columns."""

from __future__ import annotations

from orchestration.exports import focus_layouts
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind

NOT_FOCUS = (
    "These look like other columns than FOCUS: for a provider's own bill set its kind (such as "
    "aws_cur_2 or azure_cost_details). FOCUS needs BilledCost, EffectiveCost, BillingAccountId, "
    "BillingCurrency, BillingPeriodStart, ChargeCategory and ChargePeriodStart."
)
#: A column that only one of the companion datasets has, in lower case without underscores.
MARKS = (
    ("contract_commitment", "contractcommitmentid"),
    ("invoice_detail", "invoicedetailcreated"),
    ("invoice_detail", "invoiceissuestatus"),
    ("billing_period", "billingperiodstatus"),
)


def table_of(columns: list[str]) -> str:
    """The dataset that a delivery's columns belong to."""
    names = {name.strip().lower().replace("_", "") for name in columns}
    for table, mark in MARKS:
        if mark in names:
            return table
    if "invoicedetailid" in names and "chargeperiodstart" not in names:
        return "invoice_detail"
    return "cost_and_usage"


def _dataset(table: str, control: ControlColumns, counts_as: str) -> Dataset:
    schema = f"focus_{table}"
    dialect = HeaderDialect(schema=schema, wrong_kind_hint=NOT_FOCUS)
    return Dataset(table, ("raw_focus", table), schema, dialect, control, counts_as)


def _companion(table: str, period: str, *filled: str, account: bool = False) -> Dataset:
    control = ControlColumns(
        period=period,
        billing_account="billing_account_id" if account else None,
        usage_account=None,
        currency="billing_currency" if account else None,
        cost=None,
        row_key=("*",),
        filled=(period, *filled),
        strict_period=period == "billing_period_start",
    )
    return _dataset(table, control, "other")


KINDS = (
    Kind(
        name="focus",
        provider="focus",
        datasets=(
            _dataset(
                "cost_and_usage",
                ControlColumns(
                    period="billing_period_start",
                    billing_account="billing_account_id",
                    usage_account="sub_account_id",
                    currency="billing_currency",
                    cost="billed_cost",
                    # FOCUS gives a row no identity of its own.
                    row_key=("*",),
                    filled=(
                        "billed_cost",
                        "billing_account_id",
                        "billing_currency",
                        "billing_period_start",
                        "charge_category",
                        "charge_period_start",
                    ),
                ),
                "billed",
            ),
            # No billing period of its own: a loose file is filed by the month of its start.
            _companion(
                "contract_commitment", "contract_commitment_period_start", "contract_commitment_id"
            ),
            _companion(
                "invoice_detail",
                "billing_period_start",
                "billing_account_id",
                "billing_currency",
                "billed_cost",
                "invoice_id",
                account=True,
            ),
            _companion(
                "billing_period",
                "billing_period_start",
                "billing_period_status",
                "invoice_issuer_name",
            ),
        ),
        discover=focus_layouts.discover,
        by_header=table_of,
    ),
)
