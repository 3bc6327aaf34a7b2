"""What every provider's generator is given and what it hands back."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from sample_estate.clock import Month


@dataclass(frozen=True)
class EstateContext:
    """The estate being written: a DuckDB session with the company and the hash macros loaded.

    ``rows`` is about how many bill rows the provider is to write over all ``months``; ``root`` is
    the estate's folder, exports go below ``root / "exports"``. A month is closed (invoiced) unless
    it is the last one and ``last_month_open``.
    """

    con: duckdb.DuckDBPyConnection
    root: Path
    months: list[Month]
    rows: int
    seed: int
    last_month_open: bool = True

    def is_closed(self, month: Month) -> bool:
        """Whether the month's invoice is issued."""
        return not self.last_month_open or month.index < len(self.months) - 1

    def export_folder(self, name: str) -> Path:
        """The folder of one export, made."""
        folder = self.root / "exports" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass(frozen=True)
class PlantedTotal:
    """What a month of an export holds by construction, in its currency.

    ``effective_cost`` is what FOCUS means by it; None where the export does not settle it alone.
    """

    month: str
    billing_account_id: str
    currency: str
    charge_kind: str
    billed_cost: Decimal
    effective_cost: Decimal | None = None


@dataclass(frozen=True)
class DeliveredExport:
    """One entry of exports.yml and what was written for it; ``section`` is where it is listed.

    ``location`` is relative to ``root``; ``options`` are further keys of the entry (``account``).
    """

    name: str
    kind: str
    location: str
    rows: int
    totals: list[PlantedTotal] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    section: str = "exports"
