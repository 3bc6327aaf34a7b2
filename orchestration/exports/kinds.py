"""The registry of export kinds. A kind is a provider, a declared schema, a header dialect, the way
its deliveries are laid out, and the columns that landing itself has to understand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.exports import aws_layouts
from orchestration.exports.deliveries import Discovery
from orchestration.exports.filesystem import Location
from orchestration.exports.headers import HeaderDialect


@dataclass(frozen=True)
class ControlColumns:
    """Declared columns that landing reads: for totals, for coverage, and to tell parts apart.

    `filled` must have a value in every row; a row without one is quarantined.
    """

    period: str
    billing_account: str
    usage_account: str
    currency: str
    cost: str
    row_key: tuple[str, ...]
    filled: tuple[str, ...]
    net_cost: str | None = None


@dataclass(frozen=True)
class Kind:
    """Everything that landing knows about one kind of export."""

    name: str
    provider: str
    table: str
    schema: str
    dialect: HeaderDialect
    control: ControlColumns
    discover: Callable[[Location], Discovery]


AWS_CONTROL = ControlColumns(
    period="bill_billing_period_start_date",
    billing_account="bill_payer_account_id",
    usage_account="line_item_usage_account_id",
    currency="line_item_currency_code",
    cost="line_item_unblended_cost",
    row_key=("identity_line_item_id", "identity_time_interval"),
    filled=(
        "bill_billing_period_start_date",
        "bill_payer_account_id",
        "line_item_currency_code",
        "line_item_line_item_type",
        "line_item_unblended_cost",
        "line_item_usage_start_date",
    ),
    net_cost="line_item_net_unblended_cost",
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="aws_cur_2",
            provider="aws",
            table="line_items",
            schema="aws_line_items",
            dialect=HeaderDialect(
                schema="aws_line_items",
                slash_names=False,
                wrong_kind_hint="These look like other columns than CUR 2.0: for a legacy Cost and "
                "Usage Report set `kind: aws_cur_legacy`.",
            ),
            control=AWS_CONTROL,
            discover=aws_layouts.discover_data_exports,
        ),
        Kind(
            name="aws_cur_legacy",
            provider="aws",
            table="line_items",
            schema="aws_line_items",
            dialect=HeaderDialect(
                schema="aws_line_items",
                folds={
                    "product/": "product",
                    "product_": "product",
                    "resourceTags/": "resource_tags",
                    "resource_tags_": "resource_tags",
                    "costCategory/": "cost_category",
                    "cost_category_": "cost_category",
                },
                snake_case_folds=("product/",),
                wrong_kind_hint="This does not look like a Cost and Usage Report: name only its "
                "files in `location`, or set another `kind`.",
            ),
            control=AWS_CONTROL,
            discover=aws_layouts.discover_legacy,
        ),
    )
}
