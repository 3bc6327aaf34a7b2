"""The company's own cluster: two pools of one rate card, with a price that changes.

New H100 nodes, whose power gets dearer in the middle of the second month, and older A100 nodes,
which are written off on the tenth of it: then they cost power, space and staff only.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

from sample_estate.clock import Month
from sample_estate.company import COMPANY
from sample_estate.context import DeliveredExport, EstateContext, PlantedTotal

EXPORT = "on_prem"
CLUSTER = "oslo-1"
MOST_NODES = 2_000
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pool:
    """A pool of nodes; amounts as on the card, monthly ones for one node."""

    node_pool: str
    machine_type: str
    accelerator_model: str
    node_name: str
    capex: Decimal
    residual: Decimal
    months: int
    power_kw: Decimal
    space: Decimal
    staff: Decimal
    team: str
    environment: str


@dataclass(frozen=True)
class Line:
    """Days of a pool at one price of power."""

    pool: Pool
    nodes: int
    first_day: date
    last_day: date
    in_service: date
    price_per_kwh: Decimal
    is_open: bool


# Prices and draws are of the size that vendors and data centres quote; no fact hangs on them.
H100 = Pool(
    "h100",
    "DGX H100",
    "H100 80GB",
    "dgx",
    Decimal(310_000),
    Decimal(31_000),
    48,
    Decimal("7.1"),
    Decimal(800),
    Decimal(1_700),
    "foundation",
    "research",
)
A100 = Pool(
    "a100",
    "DGX A100",
    "A100 80GB",
    "old",
    Decimal(199_000),
    Decimal(0),
    48,
    Decimal("5.2"),
    Decimal(650),
    Decimal(1_200),
    "Vision",
    "Research",
)
PUE = Decimal("1.32")
KWH = (Decimal("0.11"), Decimal("0.145"))


def deliver(estate: EstateContext) -> list[DeliveredExport]:
    """Write the rate card. `estate.rows` is about how many node-hours it is to give."""
    lines = _lines(estate)
    folder = estate.export_folder(EXPORT)
    with (folder / "rate_card.csv").open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, list(_card_row(lines[0])), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_card_row(line) for line in lines)
    planted: dict[str, Decimal] = {}
    for line in lines:
        for month, cost in _accrued(line):
            planted[month] = planted.get(month, Decimal(0)) + cost
    return [
        DeliveredExport(
            name=EXPORT,
            kind="on_prem_rate_card",
            location=f"exports/{EXPORT}/",
            rows=len(lines),
            totals=[
                PlantedTotal(month, COMPANY, "USD", "parts", Decimal(0), cost)
                for month, cost in sorted(planted.items())
            ],
        )
    ]


def _lines(estate: EstateContext) -> list[Line]:
    """Whole months where the rows allow it, else the first days of each month."""
    days = sum((month.end - month.start).days for month in estate.months)
    per_node = days * 24
    nodes = {
        H100: min(max(1, round(estate.rows * 2 / 3 / per_node)), MOST_NODES),
        A100: min(max(1, round(estate.rows / 3 / per_node)), MOST_NODES),
    }
    share = Fraction(min(estate.rows, 2 * per_node), 2 * per_node)
    found: list[Line] = []
    for pool, count in nodes.items():
        for span in _spans(estate, share, pool is H100):
            found.append(
                Line(
                    pool,
                    count,
                    span[0],
                    span[1],
                    _in_service(estate.months[0], pool),
                    span[2],
                    False,
                )
            )
        found[-1] = replace(found[-1], is_open=True)
    return found


def _spans(
    estate: EstateContext, share: Fraction, with_change: bool
) -> Iterator[tuple[date, date, Decimal]]:
    """First and last day and price of power of each line, cut where the price changes."""
    covered = [
        (month, max(2, int((month.end - month.start).days * share))) for month in estate.months
    ]
    # The month that is open has not brought its last days yet.
    if estate.last_month_open and covered[-1][1] > 10:
        covered[-1] = (covered[-1][0], covered[-1][1] - 4)
    changing = covered[min(1, len(covered) - 1)]
    change = changing[0].start + changing[1] // 2 * DAY if with_change else date.max
    spans: list[tuple[date, date]] = []
    for month, days in covered:
        last = month.start + (days - 1) * DAY
        if spans and spans[-1][1] + DAY == month.start:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((month.start, last))
    for first, last in spans:
        if first < change <= last:
            yield first, change - DAY, KWH[0]
            yield change, last, KWH[1]
        else:
            yield first, last, KWH[0] if last < change else KWH[1]


def _in_service(first: Month, pool: Pool) -> date:
    """H100 for a year and a half; A100 so long that the next month's tenth writes it off."""
    back = 18 if pool is H100 else pool.months - 1
    serial = first.start.year * 12 + first.start.month - 1 - back
    return date(serial // 12, serial % 12 + 1, 10)


def _card_row(line: Line) -> dict[str, object]:
    pool = line.pool
    return {
        "company": COMPANY,
        "site": "osl",
        "site_name": "Oslo",
        "cluster": CLUSTER,
        "node_pool": pool.node_pool,
        "machine_type": pool.machine_type,
        "accelerator_model": pool.accelerator_model,
        "accelerators_per_node": 8,
        "nodes": line.nodes,
        "node_names": f"{pool.node_name}-[{1:04d}-{line.nodes:04d}]",
        "currency": "USD",
        "price_per_accelerator_hour": "",
        "capex_per_node": pool.capex,
        "residual_value_per_node": pool.residual,
        "depreciation_months": pool.months,
        "in_service_from": line.in_service,
        "power_kw_per_node": pool.power_kw,
        "price_per_kwh": line.price_per_kwh,
        "pue": PUE,
        "space_per_month": pool.space * line.nodes,
        "staff_per_month": pool.staff * line.nodes,
        "other_per_month": "",
        "valid_from": line.first_day,
        "valid_to": "" if line.is_open else line.last_day,
        # Else it would depend on the day of the demo.
        "accrue_through": line.last_day,
        "tag:team": pool.team,
        "tag:environment": pool.environment,
    }


def _accrued(line: Line) -> Iterator[tuple[str, Decimal]]:
    """What the line costs by month, added up day by day: another way than landing takes."""
    pool = line.pool
    # Both pools are written off over whole years.
    written_off = line.in_service.replace(year=line.in_service.year + pool.months // 12)
    by_month: dict[str, dict[str, Fraction]] = {}
    day = line.first_day
    while day <= line.last_day:
        after = (day.replace(day=1) + 31 * DAY).replace(day=1)
        days = (after - day.replace(day=1)).days
        costs = by_month.setdefault(f"{day:%Y-%m}", dict.fromkeys("dpst", Fraction(0)))
        if day < written_off:
            costs["d"] += Fraction(pool.capex - pool.residual) / pool.months / days * line.nodes
        costs["p"] += (
            Fraction(pool.power_kw) * Fraction(line.price_per_kwh) * Fraction(PUE) * 24 * line.nodes
        )
        costs["s"] += Fraction(pool.space) / days * line.nodes
        costs["t"] += Fraction(pool.staff) / days * line.nodes
        day += DAY
    for month, costs in by_month.items():
        yield month, sum((_money(cost) for cost in costs.values()), Decimal(0))


def _money(amount: Fraction) -> Decimal:
    """16 decimals, as money has in the warehouse."""
    with localcontext() as context:
        context.prec = 80
        exact = Decimal(amount.numerator) / Decimal(amount.denominator)
        return exact.quantize(Decimal("1e-16"), rounding=ROUND_HALF_EVEN)
