"""Tables on a terminal: titles, columns, and amounts as finance reads them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rich.table import Table


def new_table(title: str, *columns: str) -> Table:
    """An empty table; the first column holds names, the others figures."""
    made = Table(title=title, title_justify="left", title_style="bold")
    for position, column in enumerate(columns):
        side = "left" if position == 0 else "right"
        made.add_column(column, justify=side, no_wrap=position > 0)
    return made


def money(amount: Decimal | None) -> str:
    """An amount in cents; nothing where there is none."""
    # Plus nought: what rounds to nothing has no sign.
    return "" if amount is None else f"{round(amount, 2) + 0:,.2f}"


def exact_gap(amount: Decimal) -> str:
    """A gap is never rounded away: below a cent it is shown in full."""
    small = amount != 0 and abs(amount) < Decimal("0.01")
    return f"{amount.normalize():f}" if small else money(amount)


def share(ratio: float | Decimal | None) -> str:
    """A share in per cent, rounded down: 99.99 % is not all of it."""
    return "" if ratio is None else f"{int(ratio * 1000) / 10:.1f} %"


def plain(value: Any) -> str:
    """A value as a reader writes it: no exponent, no zeros behind the last digit that counts."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
