"""Anthropic: cost report (the bill) and usage report (tokens beside it) of the admin API."""

from __future__ import annotations

from orchestration.exports.api_pages import discover_pages
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind
from orchestration.exports.kinds.openai import refuse_without_account
from orchestration.exports.preparing import Preparation

DIMENSIONS = (
    "starting_at",
    "ending_at",
    "organization_id",
    "workspace_id",
    "workspace_name",
    "api_key_id",
    "model",
    "service_tier",
    "context_window",
    "inference_geo",
    "speed",
)


def prepare_cost(preparation: Preparation) -> None:
    """Add the cost in dollars. The API states cents as decimal text, the console's CSV dollars."""
    refuse_without_account(preparation)
    sql = preparation.sql
    in_dollars = bool(sql.columns("cost_usd"))
    if not in_dollars and not sql.columns("amount"):
        raise RefusedDelivery(
            "the file has no cost: neither amount (cents) nor cost_usd (dollars).",
            "Save the answers of /v1/organizations/cost_report, or the console's cost export.",
            file_path=sql.local.source.path,
            column_name="amount",
        )
    # A hundredth is exact: 14 decimals of a cent are 16 of a dollar.
    added = {
        "billing_currency": "VARCHAR",
        **({} if in_dollars else {"cost_usd": "DECIMAL(38,16)"}),
    }
    currency = f"upper(trim({sql.text('currency')}))"
    dollars = f"try_cast({sql.text('amount')} as decimal(36,14)) * cast(0.01 as decimal(2,2))"
    columns = {
        "billing_currency": f"coalesce({currency}, 'USD')" if in_dollars else currency,
        "cost_usd": f"cast({dollars} as decimal(38,16))",
    }
    selected = ", ".join(f"{columns[name]} as {name}" for name in added)
    preparation.rewrite(
        f"select * exclude (file_row_number), {selected} from {sql.relation}", added
    )


KINDS = (
    Kind(
        name="anthropic_cost",
        provider="anthropic",
        datasets=(
            Dataset(
                table="cost",
                view=("raw_anthropic", "cost"),
                schema="anthropic_cost",
                dialect=HeaderDialect(
                    schema="anthropic_cost",
                    wrong_kind_hint="This does not look like a cost report: save the answers of "
                    "/v1/organizations/cost_report as they come.",
                ),
                control=ControlColumns(
                    period="starting_at",
                    billing_account="organization_id",
                    usage_account="workspace_id",
                    currency="billing_currency",
                    cost="cost_usd",
                    row_key=(*DIMENSIONS, "description", "cost_type", "token_type", "product"),
                    sparse_key=True,
                    filled=("cost_usd", "starting_at", "organization_id", "billing_currency"),
                ),
            ),
        ),
        discover=discover_pages,
        additive=True,
        records=("data", "results"),
        prepare=prepare_cost,
    ),
    Kind(
        name="anthropic_usage",
        provider="anthropic",
        datasets=(
            Dataset(
                table="usage",
                view=("raw_anthropic", "usage"),
                schema="anthropic_usage",
                dialect=HeaderDialect(
                    schema="anthropic_usage",
                    wrong_kind_hint="This does not look like a usage report: save the answers of "
                    "/v1/organizations/usage_report/messages as they come.",
                ),
                control=ControlColumns(
                    period="starting_at",
                    billing_account="organization_id",
                    usage_account="workspace_id",
                    currency=None,
                    cost=None,
                    row_key=(*DIMENSIONS, "account_id", "service_account_id"),
                    sparse_key=True,
                    filled=("starting_at", "organization_id"),
                ),
                counts_as="evidence",
            ),
        ),
        discover=discover_pages,
        additive=True,
        records=("data", "results"),
        prepare=refuse_without_account,
    ),
)
