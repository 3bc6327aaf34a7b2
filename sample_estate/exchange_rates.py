"""The exchange rates of the sample company's treasury: invented, one for the year's start and one
for each later month. They come as a file like a bill: no company inherits them as policy."""

from __future__ import annotations

from pathlib import Path

from sample_estate.clock import Month
from sample_estate.context import DeliveredExport

HEADER = "currency,reporting_currency,valid_from,rate,source\n"
#: US dollars for a euro, in turn.
RATES = ("1.1650", "1.1720", "1.1585")


def deliver_exchange_rates(root: Path, months: list[Month]) -> DeliveredExport:
    """Write ``exports/treasury_rates/rates.csv``: EUR in USD over the months."""
    days = [f"{months[0].name[:4]}-01-01", *(f"{month.name}-01" for month in months[1:])]
    folder = root / "exports" / "treasury_rates"
    folder.mkdir(parents=True)
    (folder / "rates.csv").write_text(
        HEADER
        + "".join(
            f"EUR,USD,{day},{RATES[number % len(RATES)]},treasury of the sample company\n"
            for number, day in enumerate(days)
        )
    )
    return DeliveredExport(
        "treasury_rates",
        "exchange_rates_csv",
        "exports/treasury_rates/",
        len(days),
        section="rates",
    )
