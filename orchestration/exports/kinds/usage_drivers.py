"""Usage drivers: who used how much of something that no bill counts by team, such as requests."""

from __future__ import annotations

from orchestration.exports.deliveries import discover_loose
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind

KINDS = (
    Kind(
        name="usage_drivers_csv",
        provider="any",
        datasets=(
            Dataset(
                table="drivers",
                view=("raw_usage", "drivers"),
                schema="usage_drivers",
                dialect=HeaderDialect(
                    schema="usage_drivers",
                    slash_names=False,
                    wrong_kind_hint="This does not look like usage drivers: give it the columns "
                    "date, driver, team, project and quantity.",
                ),
                control=ControlColumns(
                    period="usage_date",
                    billing_account=None,
                    usage_account=None,
                    currency=None,
                    cost=None,
                    row_key=("usage_date", "driver", "team", "project"),
                    filled=("usage_date", "driver", "team", "quantity"),
                    sparse_key=True,
                ),
                counts_as="other",
            ),
        ),
        discover=discover_loose,
        section="usage",
    ),
)
