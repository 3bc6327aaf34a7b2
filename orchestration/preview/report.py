"""What a dry run prints."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from orchestration.preview.previewing import Preview

#: More rows do not help a reader: all of them are in the files.
SHOWN = 20
NOBODY = "nobody"


def print_preview(console: Console, found: Preview) -> None:
    """Print what would move, which rules would claim the same, and where all of it is written."""
    if not found.changes:
        _say(console, "The policies are those of the last build: nothing would move.")
        return
    for change in found.changes:
        _say(console, str(change))
    if found.failures:
        _say(console, "A build with these policies would fail, so nothing is compared:")
        for failure in found.failures:
            _say(console, f"  {failure.name}: {failure.message} {failure.description}".rstrip())
            for row in failure.rows:
                _say(console, f"    {row}")
        return
    _print_moves(console, found.moves)
    _print_fields(console, found.fields)
    if found.held:
        months = sorted({row["billing_period"] for row in found.held})
        _say(console, f"Closed months stay as they are: {', '.join(months)}. Were they open:")
        _print_moves(console, found.held)
    if found.overlaps:
        _print_overlaps(console, found.overlaps)
    _say(console, f"All of it: {found.files[0].parent} ({found.seconds:.0f} s). Nothing was built.")


def _print_moves(console: Console, moves: list[dict[str, Any]]) -> None:
    if not moves:
        _say(console, "No cost moves to another team, project, phase or class.")
        return
    table = Table(title="Cost that would move", title_justify="left", box=None)
    for name in ("month", "from", "to", "decided by"):
        table.add_column(name, overflow="fold")
    for name in ("currency", "billed", "effective", "resources", "charges"):
        table.add_column(name, justify="left" if name == "currency" else "right")
    for move in moves[:SHOWN]:
        table.add_row(
            f"{move['billing_period']} {move['period_status']}",
            _owner(move, "from"),
            _owner(move, "to"),
            move["decided_by"] or f"no longer {move['was_decided_by']}",
            move["billing_currency"],
            f"{move['billed_cost']:,.2f}",
            f"{move['effective_cost']:,.2f}",
            f"{move['resources']:,}",
            f"{move['charges']:,}",
        )
    console.print(table, highlight=False)
    _more(console, len(moves))
    totals: dict[str, Decimal] = {}
    for move in moves:
        code = move["billing_currency"]
        totals[code] = totals.get(code, Decimal(0)) + move["effective_cost"]
    listed = ", ".join(f"{amount:,.2f} {code}" for code, amount in sorted(totals.items()))
    _say(console, f"Effective cost that moves: {listed}")


def _print_fields(console: Console, fields: list[dict[str, Any]]) -> None:
    """Fields that the moves do not show."""
    counts: dict[tuple[str, str], Decimal] = {}
    for row in fields:
        key = (row["field"], row["billing_currency"])
        counts[key] = counts.get(key, Decimal(0)) + row["effective_cost"]
    listed = ", ".join(f"{name} {cost:,.2f} {code}" for (name, code), cost in counts.items())
    _say(console, f"Effective cost on which a field changes: {listed or 'none'}")


def _print_overlaps(console: Console, overlaps: list[dict[str, Any]]) -> None:
    table = Table(title="Rules that would claim the same", title_justify="left", box=None)
    for name in ("month", "counts", "overruled", "key", "currency", "effective"):
        table.add_column(name, overflow="fold")
    for row in overlaps[:SHOWN]:
        table.add_row(
            row["billing_period"],
            f"{row['counting_rule']} ({row['counting_value']})",
            f"{row['other_rule']} ({row['other_value']})",
            row["assigned_key"],
            row["billing_currency"],
            f"{row['effective_cost']:,.2f}",
        )
    console.print(table, highlight=False)
    _more(console, len(overlaps))


def _owner(move: dict[str, Any], side: str) -> str:
    team = move[f"{side}_team"] or f"{NOBODY} ({move[f'{side}_owner_class']})"
    project = move[f"{side}_project"] or "-"
    return f"{team} / {project} / {move[f'{side}_workload_phase']}"


def _more(console: Console, rows: int) -> None:
    if rows > SHOWN:
        _say(console, f"... and {rows - SHOWN:,} more rows in the files")


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
