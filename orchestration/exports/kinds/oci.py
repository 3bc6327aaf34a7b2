"""Oracle Cloud Infrastructure: cost reports, additive files of some hours each."""

from __future__ import annotations

from orchestration.exports.deliveries import Discovery, is_data, loose_deliveries
from orchestration.exports.filesystem import Location, SourceFile
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind

#: Folders beside the cost reports in Oracle's bucket: quantities without cost, and the same bill in
#: FOCUS columns, which is a kind of its own.
OTHER_REPORTS = ("usage-csv", "focus reports")


def discover(location: Location) -> Discovery:
    """`reports/cost-csv/<number>[-<part>].csv.gz`: loose files that add up, corrections included.

    No manifest says when a month is complete, and a later file may bring lines of an earlier month:
    every file counts, and the line's own reference tells a repeat.
    """
    found = Discovery()
    loose_deliveries((f for f in location.files() if is_data(f) and not _is_other(f)), found)
    return found


def _is_other(file: SourceFile) -> bool:
    folders = file.path.lower().split("/")[:-1]
    return any(folder in OTHER_REPORTS for folder in folders)


KINDS = (
    Kind(
        name="oci_cost_report",
        provider="oci",
        datasets=(
            Dataset(
                table="cost_lines",
                view=("raw_oci", "cost_lines"),
                schema="oci_cost_report",
                dialect=HeaderDialect(
                    schema="oci_cost_report",
                    folds={"tags/": "tags"},
                    wrong_kind_hint="This does not look like an OCI cost report: name only its "
                    "files (reports/cost-csv/) in `location`, or set another `kind`.",
                ),
                control=ControlColumns(
                    period="line_item_interval_usage_start",
                    billing_account=("cost_subscription_id", "line_item_tenant_id"),
                    usage_account="line_item_tenant_id",
                    currency="cost_currency_code",
                    cost="cost_my_cost",
                    row_key=("line_item_reference_no",),
                    filled=(
                        "line_item_reference_no",
                        "line_item_interval_usage_start",
                        "product_service",
                        "cost_my_cost",
                        "cost_currency_code",
                    ),
                ),
            ),
        ),
        discover=discover,
        additive=True,
    ),
)
