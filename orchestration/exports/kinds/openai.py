"""OpenAI: costs (the bill) and usage (quantities beside it) of the organisation's admin API."""

from __future__ import annotations

from orchestration.exports.api_pages import discover_pages
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind
from orchestration.exports.preparing import Preparation

COST_SUBJECT = "organization.costs"


def refuse_without_account(preparation: Preparation) -> None:
    """Pages of admin APIs do not say whose they are: exports.yml has to."""
    sql = preparation.sql
    if sql.account is None and not sql.columns("organization_id"):
        raise RefusedDelivery(
            "the file does not name the organisation that is billed.",
            "Add `account:` with the organisation's id to this entry of exports.yml.",
            file_path=sql.local.source.path,
            column_name="organization_id",
        )


def _refuse_other_subject(preparation: Preparation, is_cost: bool, kind: str) -> None:
    """Costs and usage look alike in their pages; each result says which it is."""
    sql = preparation.sql
    other = f"starts_with({sql.text('result_object')}, '{COST_SUBJECT}')"
    found = preparation.connection.execute(
        f"select min({sql.text('result_object')}) from {sql.relation} "
        f"where {'not ' if is_cost else ''}{other}"
    ).fetchone()[0]
    if found:
        raise RefusedDelivery(
            f"the file holds results of another kind: {found}.",
            f"Name it in an entry with `kind: {kind}`.",
            file_path=sql.local.source.path,
            column_name="object",
        )


def prepare_costs(preparation: Preparation) -> None:
    """Write the currency in capitals, as every other bill does."""
    refuse_without_account(preparation)
    _refuse_other_subject(preparation, True, "openai_usage")
    sql = preparation.sql
    preparation.rewrite(
        f"select * exclude (file_row_number), upper(trim({sql.text('amount_currency')})) "
        f"as billing_currency from {sql.relation}",
        {"billing_currency": "VARCHAR"},
    )


def prepare_usage(preparation: Preparation) -> None:
    """Refuse what cannot be told to be this organisation's usage."""
    refuse_without_account(preparation)
    _refuse_other_subject(preparation, False, "openai_costs")


KINDS = (
    Kind(
        name="openai_costs",
        provider="openai",
        datasets=(
            Dataset(
                table="costs",
                view=("raw_openai", "costs"),
                schema="openai_costs",
                dialect=HeaderDialect(
                    schema="openai_costs",
                    wrong_kind_hint="This does not look like OpenAI costs: save the answers of "
                    "/v1/organization/costs as they come.",
                ),
                control=ControlColumns(
                    period="start_time",
                    billing_account="organization_id",
                    usage_account="project_id",
                    currency="billing_currency",
                    cost="amount",
                    row_key=(
                        "start_time",
                        "organization_id",
                        "project_id",
                        "line_item",
                        "api_key_id",
                        "user_id",
                        "api_source",
                    ),
                    sparse_key=True,
                    filled=("amount", "start_time", "organization_id", "billing_currency"),
                ),
            ),
        ),
        discover=discover_pages,
        additive=True,
        records=("data", "results"),
        prepare=prepare_costs,
    ),
    Kind(
        name="openai_usage",
        provider="openai",
        datasets=(
            Dataset(
                table="usage",
                view=("raw_openai", "usage"),
                schema="openai_usage",
                dialect=HeaderDialect(
                    schema="openai_usage",
                    wrong_kind_hint="This does not look like OpenAI usage: save the answers of "
                    "/v1/organization/usage/... as they come.",
                ),
                control=ControlColumns(
                    period="start_time",
                    billing_account="organization_id",
                    usage_account="project_id",
                    currency=None,
                    cost=None,
                    row_key=(
                        "start_time",
                        "end_time",
                        "result_object",
                        "organization_id",
                        "project_id",
                        "model",
                        "api_key_id",
                        "user_id",
                        "is_batch",
                        "service_tier",
                        "api_source",
                        "image_size",
                        "image_source",
                        "vector_store_id",
                        "context_level",
                    ),
                    sparse_key=True,
                    filled=("start_time", "organization_id", "result_object"),
                ),
                counts_as="evidence",
            ),
        ),
        discover=discover_pages,
        additive=True,
        records=("data", "results"),
        prepare=prepare_usage,
    ),
)
