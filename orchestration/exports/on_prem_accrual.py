"""What a line of a rate card costs in a month, exactly. docs/on_prem.md has the same formulas.

A month is a month: what is priced by month accrues by the share of the month's hours, so a line
that holds all month costs one twelfth of a year in February too. Power and flat prices accrue by
the hour. Fractions are exact; each part is rounded once, to the 16 decimals of money.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

from orchestration.exports.on_prem_cards import CardLine

MONEY = Decimal("1e-16")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Accrual:
    """One card line in one month, up to the last accrued day. Costs are those of all its nodes."""

    line: CardLine
    start: datetime
    end: datetime
    depreciation: Decimal
    power: Decimal
    space: Decimal
    staff: Decimal
    other: Decimal
    flat: Decimal

    @property
    def hours(self) -> int:
        """Hours from start to end."""
        return (self.end - self.start) // HOUR

    @property
    def cost(self) -> Decimal:
        """What the line costs in the month."""
        parts = (self.depreciation, self.power, self.space, self.staff, self.other, self.flat)
        return sum(parts, Decimal(0))

    @property
    def node_hours(self) -> int:
        """Hours of all nodes."""
        return self.hours * self.line.nodes

    @property
    def node_hour_cost(self) -> Decimal:
        """Cost of one node for one hour, cut so that the remainder is never below 0."""
        return _as_money(Fraction(self.cost) / self.node_hours, ROUND_DOWN)

    @property
    def remainder(self) -> Decimal:
        """What cutting leaves of the cost."""
        with localcontext() as context:
            context.prec = 60
            return self.cost - self.node_hour_cost * self.node_hours


def accruals(line: CardLine, today: date) -> Iterator[Accrual]:
    """The line's months, oldest first. An open line ends before `today`, a day not yet complete."""
    last = line.accrue_through or today - DAY
    if line.last_day is not None:
        last = min(last, line.last_day)
    day = line.first_day
    while day <= last:
        following = _next_month(day)
        yield _accrual(line, day, min(following, last + DAY))
        day = following


def _accrual(line: CardLine, start: date, end: date) -> Accrual:
    hours = (end - start).days * 24
    share = Fraction(hours, _hours_of_month(start))
    numbers = line.numbers

    def monthly(name: str) -> Decimal:
        return _as_money(Fraction(numbers[name] or 0) * share)

    return Accrual(
        line=line,
        start=datetime.combine(start, time()),
        end=datetime.combine(end, time()),
        depreciation=_as_money(_depreciation(line, start, end)),
        power=_as_money(
            Fraction(numbers["power_kw_per_node"] or 0)
            * Fraction(numbers["price_per_kwh"] or 0)
            * Fraction(numbers["pue"] or 0)
            * hours
            * line.nodes
        ),
        space=monthly("space_per_month"),
        staff=monthly("staff_per_month"),
        other=monthly("other_per_month"),
        flat=_as_money(
            Fraction(numbers["price_per_accelerator_hour"] or 0)
            * Fraction(line.accelerators_per_node)
            * hours
            * line.nodes
        ),
    )


def _depreciation(line: CardLine, start: date, end: date) -> Fraction:
    """Straight line by months from the first day of service; nothing is left after the last."""
    numbers = line.numbers
    if numbers["capex_per_node"] is None or numbers["depreciation_months"] is None:
        return Fraction(0)
    months = int(numbers["depreciation_months"])
    residual = numbers["residual_value_per_node"] or Decimal(0)
    worth = Fraction(numbers["capex_per_node"]) - Fraction(residual)
    begun = _months(line.in_service)
    passed = [min(max(_months(day) - begun, Fraction(0)), Fraction(months)) for day in (start, end)]
    return worth * line.nodes * (passed[1] - passed[0]) / months


def _months(day: date) -> Fraction:
    """Months since year 0; the days of a month share it evenly."""
    return day.year * 12 + day.month - 1 + Fraction((day.day - 1) * 24, _hours_of_month(day))


def _hours_of_month(day: date) -> int:
    return (_next_month(day) - day.replace(day=1)).days * 24


def _next_month(day: date) -> date:
    return (day.replace(day=1) + 31 * DAY).replace(day=1)


def _as_money(amount: Fraction, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The amount with 16 decimals."""
    with localcontext() as context:
        # 38 digits of money and as many again, so that the division itself never decides.
        context.prec = 80
        exact = Decimal(amount.numerator) / Decimal(amount.denominator)
        return exact.quantize(MONEY, rounding=rounding)
