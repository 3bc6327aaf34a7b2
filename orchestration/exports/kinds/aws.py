"""AWS: CUR 2.0 (Data Exports) and legacy Cost and Usage Reports, one table for both."""

from __future__ import annotations

from orchestration.exports import aws_layouts
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind

CONTROL = ControlColumns(
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


def _line_items(dialect: HeaderDialect) -> tuple[Dataset]:
    return (
        Dataset(
            table="line_items",
            view=("raw_aws", "line_items"),
            schema="aws_line_items",
            dialect=dialect,
            control=CONTROL,
        ),
    )


KINDS = (
    Kind(
        name="aws_cur_2",
        provider="aws",
        datasets=_line_items(
            HeaderDialect(
                schema="aws_line_items",
                slash_names=False,
                wrong_kind_hint="These look like other columns than CUR 2.0: for a legacy Cost and "
                "Usage Report set `kind: aws_cur_legacy`.",
            )
        ),
        discover=aws_layouts.discover_data_exports,
    ),
    Kind(
        name="aws_cur_legacy",
        provider="aws",
        datasets=_line_items(
            HeaderDialect(
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
            )
        ),
        discover=aws_layouts.discover_legacy,
    ),
)
