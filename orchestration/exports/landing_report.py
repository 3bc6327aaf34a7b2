"""What a landing did, per export: for the terminal, for Dagster's metadata and for tests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from orchestration.exports.ledger import Refusal


@dataclass(frozen=True)
class LandedVersion:
    """One billing period that got a new version. Costs are billed cost by currency.

    `delivered` has the bytes of each delivered file by path; a file may be in several periods.
    """

    source_name: str
    billing_period: str
    version_id: str
    delivered: dict[str, int]
    rows: int
    quarantined_rows: int
    drift: int
    cost: dict[str, Decimal]
    quarantined_cost: dict[str, Decimal]

    @property
    def files(self) -> int:
        """Delivered files that hold rows of the period."""
        return len(self.delivered)


@dataclass
class SourceReport:
    """Outcome of one export. `skipped` counts unchanged deliveries, `withdrawn` months given up."""

    name: str
    kind: str
    landed: list[LandedVersion] = field(default_factory=list)
    skipped: int = 0
    withdrawn: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    seconds: float = 0.0

    def total(self, figure: str) -> int:
        """Sum of a figure (files, bytes, rows, quarantined_rows, drift) over landed versions."""
        if figure in ("files", "bytes"):
            delivered = {
                p: size for version in self.landed for p, size in version.delivered.items()
            }
            return len(delivered) if figure == "files" else sum(delivered.values())
        return sum(getattr(version, figure) for version in self.landed)

    @property
    def cost(self) -> dict[str, Decimal]:
        """Billed cost landed, by currency."""
        total: Counter[str] = Counter()
        for version in self.landed:
            total.update(version.cost)
        return dict(total)

    def line(self) -> str:
        """One line for people."""
        if not self.landed and not self.skipped:
            done = "nothing landed"
        elif not self.landed:
            done = f"nothing new, {self.skipped} deliveries unchanged"
        else:
            cost = ", ".join(f"{amount:,.2f} {code}" for code, amount in sorted(self.cost.items()))
            done = (
                f"{len({v.billing_period for v in self.landed})} month(s) landed from "
                f"{self.total('files')} files, {self.total('rows'):,} rows, "
                f"{self.total('bytes') / 1e6:,.1f} MB{', ' if cost else ''}{cost}"
            )
            if self.skipped:
                done += f"; {self.skipped} unchanged"
        if self.total("quarantined_rows"):
            done += f"; {self.total('quarantined_rows'):,} rows in quarantine"
        if self.withdrawn:
            done += f"; withdrawn: {', '.join(self.withdrawn)}"
        if refused := sum(refusal.is_open for refusal in self.refusals):
            done += f"; {refused} refused"
        return f"{self.name} ({self.kind}): {done} [{self.seconds:.1f} s]"


@dataclass
class LandingReport:
    """Outcome of a landing over all exports asked for."""

    sources: list[SourceReport] = field(default_factory=list)

    @property
    def refusals(self) -> list[Refusal]:
        """Deliveries that somebody has to look at."""
        return [r for source in self.sources for r in source.refusals if r.is_open]

    @property
    def landed(self) -> list[LandedVersion]:
        """All new versions."""
        return [version for source in self.sources for version in source.landed]

    def summary_lines(self) -> list[str]:
        """One line per export."""
        return [source.line() for source in self.sources]

    def metadata(self) -> dict[str, Any]:
        """Figures for an orchestrator's asset metadata: numbers and text only."""
        cost: Counter[str] = Counter()
        for source in self.sources:
            cost.update(source.cost)
        figures = ("files", "rows", "bytes", "quarantined_rows", "drift")
        totals = {name: sum(source.total(name) for source in self.sources) for name in figures}
        return {
            "dagster/row_count": totals.pop("rows"),
            **totals,
            "billing_periods": ", ".join(sorted({v.billing_period for v in self.landed})) or "none",
            "unchanged_deliveries": sum(source.skipped for source in self.sources),
            "refused_deliveries": len(self.refusals),
            "seconds": round(sum(source.seconds for source in self.sources), 2),
            **{f"billed_cost_{code.lower()}": f"{amount:.2f}" for code, amount in cost.items()},
        }
