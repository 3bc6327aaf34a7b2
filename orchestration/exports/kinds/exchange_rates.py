"""Exchange rates: what one unit of a bill's currency is worth in the currency of reports."""

from __future__ import annotations

from orchestration.exports.deliveries import discover_loose
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind

KINDS = (
    Kind(
        name="exchange_rates_csv",
        provider="any",
        datasets=(
            Dataset(
                table="exchange_rates",
                view=("raw_rates", "exchange_rates"),
                schema="exchange_rates",
                dialect=HeaderDialect(
                    schema="exchange_rates",
                    slash_names=False,
                    wrong_kind_hint="This does not look like exchange rates: give it the columns "
                    "currency, reporting_currency, valid_from, rate and source.",
                ),
                control=ControlColumns(
                    period="valid_from",
                    billing_account=None,
                    usage_account=None,
                    currency=None,
                    cost=None,
                    row_key=("currency", "reporting_currency", "valid_from"),
                    filled=("currency", "reporting_currency", "valid_from", "rate"),
                ),
                counts_as="other",
            ),
        ),
        discover=discover_loose,
        section="rates",
    ),
)
