"""Reading of on-prem rate cards: every line checked, every mistake named with its line and remedy.

People write these cards by hand, so nothing is guessed: a number with a thousands separator, an
unknown column or half of a formula refuses the card. Nothing of it is then landed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from orchestration.exports.errors import RefusedDelivery

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
NODE_RANGE = re.compile(r"(?P<head>[^\[\]]*)\[(?P<from>\d+)-(?P<to>\d+)\](?P<tail>[^\[\]]*)")
TEXTS = ("company", "site", "cluster", "node_pool", "accelerator_model", "currency")
OPTIONAL_TEXTS = ("billing_account", "site_name", "machine_type")
PARTS = ("capex_per_node", "power_kw_per_node")
MONTHLY = ("space_per_month", "staff_per_month", "other_per_month")
#: What is only known together; half of it says nothing.
TOGETHER = (
    ("capex_per_node", "depreciation_months"),
    ("power_kw_per_node", "price_per_kwh", "pue"),
)
MOST_NODES = 10_000


@dataclass(frozen=True)
class CardLine:
    """One line of a card: a pool of nodes at one price. `last_day` None: open-ended."""

    number: int
    texts: Mapping[str, str | None]
    numbers: Mapping[str, Decimal | None]
    accelerators_per_node: Decimal
    nodes: int
    node_names: tuple[str, ...]
    first_day: date
    last_day: date | None
    in_service: date
    accrue_through: date | None
    tags: Mapping[str, str]

    @property
    def pool(self) -> tuple[str, str]:
        """Cluster and pool, whose lines must not overlap."""
        return self.texts["cluster"] or "", self.texts["node_pool"] or ""


class CardReader:
    """Checks the lines of one card. Raises RefusedDelivery at the first mistake."""

    def __init__(self, file_path: str) -> None:
        self.file_path = file_path
        self.number = 0

    def refuse(self, column: str | None, reason: str, remedy: str) -> RefusedDelivery:
        """The refusal for a mistake in the current line."""
        place = f"line {self.number}: " if self.number else ""
        return RefusedDelivery(
            f"{place}{reason}", remedy, file_path=self.file_path, column_name=column
        )

    def check_columns(self, unknown: list[str], known: list[str]) -> None:
        """Refuse columns that mean nothing: a mistyped cost would be missing from every sum."""
        if not unknown:
            return
        near = difflib.get_close_matches(unknown[0].strip().lower(), known, n=1, cutoff=0.6)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise self.refuse(
            unknown[0],
            f"the column {unknown[0]!r} is not known.",
            f"{hint}Owner tags start with tag: (tag:team); docs/on_prem.md lists the columns.",
        )

    def line(self, number: int, row: Mapping[str, str | None], tags: Mapping[str, str]) -> CardLine:
        """A line of the card, checked."""
        self.number = number
        texts: dict[str, str | None] = {name: self._filled(row, name) for name in TEXTS}
        texts |= {name: _stripped(row.get(name)) for name in OPTIONAL_TEXTS}
        if not re.fullmatch("[A-Z]{3}", texts["currency"] or ""):
            raise self.refuse(
                "currency",
                f"{texts['currency']!r} is no currency.",
                "Write three capital letters (USD, EUR).",
            )
        names = ("price_per_accelerator_hour", "residual_value_per_node", *PARTS, *MONTHLY)
        more = {name for group in TOGETHER for name in group}
        numbers = {name: self._number(row, name) for name in sorted({*names, *more})}
        self._check_price(numbers)
        nodes = self._whole(row, "nodes", MOST_NODES)
        first = self._day(row, "valid_from")
        if first is None:
            raise self._empty("valid_from")
        last = self._day(row, "valid_to")
        if last is not None and last < first:
            raise self.refuse(
                "valid_to",
                f"valid_to {last} lies before valid_from {first}.",
                "valid_to is the last day of the line, itself included.",
            )
        return CardLine(
            number=number,
            texts=texts,
            numbers=numbers,
            accelerators_per_node=self._accelerators(row),
            nodes=nodes,
            node_names=self._node_names(row, texts["node_pool"] or "", nodes),
            first_day=first,
            last_day=last,
            in_service=self._day(row, "in_service_from") or first,
            accrue_through=self._day(row, "accrue_through"),
            tags=tags,
        )

    def check_overlaps(self, lines: list[CardLine]) -> None:
        """Refuse two lines that price the same pool on the same day, or one node name twice."""
        by_cluster: dict[str, list[CardLine]] = {}
        for line in sorted(lines, key=lambda line: line.first_day):
            for other in by_cluster.setdefault(line.pool[0], []):
                if other.last_day is None or line.first_day <= other.last_day:
                    self._check_same_day(other, line)
            by_cluster[line.pool[0]].append(line)

    def _check_same_day(self, earlier: CardLine, later: CardLine) -> None:
        """Lines of one cluster that hold on the same day must have different pools and nodes."""
        first, second = sorted((earlier, later), key=lambda line: line.number)
        self.number = second.number
        cluster, pool = later.pool
        if earlier.pool == later.pool:
            raise self.refuse(
                "valid_from",
                f"it prices pool {pool} of cluster {cluster} from {later.first_day} on, and line "
                f"{first.number} does so too.",
                f"End the earlier line on the day before: valid_to "
                f"{later.first_day - timedelta(days=1)}; or give the nodes pools of their own.",
            )
        shared = sorted(set(earlier.node_names) & set(later.node_names))
        if shared:
            raise self.refuse(
                "node_names",
                f"node {shared[0]} of cluster {cluster} is in line {first.number} too: it would "
                "cost twice.",
                "Name each node in one pool.",
            )

    def _check_price(self, numbers: Mapping[str, Decimal | None]) -> None:
        parts = [n for n in (*PARTS, *MONTHLY) if numbers[n] is not None]
        flat = numbers["price_per_accelerator_hour"]
        if flat is None and not parts:
            raise self.refuse(
                "price_per_accelerator_hour",
                "the line has no price.",
                "Fill price_per_accelerator_hour, or the parts (capex_per_node, power ...).",
            )
        if flat is not None and parts:
            raise self.refuse(
                parts[0],
                f"the line has a flat price and {parts[0]} too: the cost would count twice.",
                "Keep the flat price or the parts, not both.",
            )
        for group in TOGETHER:
            missing = [name for name in group if numbers[name] is None]
            if missing and len(missing) < len(group):
                given = next(name for name in group if name not in missing)
                raise self.refuse(
                    missing[0],
                    f"{missing[0]} is empty, and {given} alone gives no cost.",
                    f"Fill {', '.join(group)}, or none of them.",
                )
        self._check_ranges(numbers)

    def _check_ranges(self, numbers: Mapping[str, Decimal | None]) -> None:
        pue, months = numbers["pue"], numbers["depreciation_months"]
        if pue is not None and pue < 1:
            raise self.refuse(
                "pue",
                f"a pue of {pue} is not possible: a site draws at least what its machines draw.",
                "Write power of the site over power of the machines, such as 1.3.",
            )
        if months is not None and (months != int(months) or not 1 <= months <= 240):
            raise self.refuse(
                "depreciation_months",
                f"{months} months is no whole number from 1 to 240.",
                "Write the months over which the node is written off, such as 48.",
            )
        capex, residual = numbers["capex_per_node"], numbers["residual_value_per_node"]
        if residual is not None and (capex is None or residual > capex):
            raise self.refuse(
                "residual_value_per_node",
                "a residual value without a higher purchase price.",
                "Fill capex_per_node, or leave the residual value empty.",
            )

    def _node_names(self, row: Mapping[str, str | None], pool: str, nodes: int) -> tuple[str, ...]:
        text = _stripped(row.get("node_names"))
        if text is None:
            width = max(2, len(str(nodes)))
            return tuple(f"{pool}-{number:0{width}d}" for number in range(1, nodes + 1))
        names: list[str] = []
        for part in (part.strip() for part in text.split(";")):
            ranged = NODE_RANGE.fullmatch(part)
            if ranged and int(ranged["to"]) - int(ranged["from"]) < MOST_NODES:
                width = len(ranged["from"])
                names += [
                    f"{ranged['head']}{number:0{width}d}{ranged['tail']}"
                    for number in range(int(ranged["from"]), int(ranged["to"]) + 1)
                ]
            elif part and "[" not in part and "]" not in part:
                names.append(part)
            else:
                raise self.refuse(
                    "node_names",
                    f"{part!r} is no node name and no range.",
                    "Separate names by ; and write ranges like dgx[01-04].",
                )
        if len(names) != nodes or len(set(names)) != nodes:
            raise self.refuse(
                "node_names",
                f"node_names gives {len(set(names))} different names, nodes says {nodes}.",
                "Name every node once, or leave node_names empty.",
            )
        return tuple(names)

    def _accelerators(self, row: Mapping[str, str | None]) -> Decimal:
        self._filled(row, "accelerators_per_node")
        number = self._number(row, "accelerators_per_node")
        if not number or number > 64:
            raise self.refuse(
                "accelerators_per_node",
                f"{number} accelerators in one node.",
                "Write how many accelerators one node has, such as 8.",
            )
        return number

    def _whole(self, row: Mapping[str, str | None], name: str, most: int) -> int:
        self._filled(row, name)
        number = self._number(row, name)
        if number is None or number != int(number) or not 1 <= number <= most:
            raise self.refuse(
                name, f"{number} is no whole number from 1 to {most}.", "Count the nodes."
            )
        return int(number)

    def _filled(self, row: Mapping[str, str | None], name: str) -> str:
        text = _stripped(row.get(name))
        if text is None:
            raise self._empty(name)
        return text

    def _empty(self, name: str) -> RefusedDelivery:
        return self.refuse(name, f"{name} is empty.", "Every line of a rate card has one.")

    def _number(self, row: Mapping[str, str | None], name: str) -> Decimal | None:
        text = _stripped(row.get(name))
        if text is None:
            return None
        try:
            number = Decimal(text) if NUMBER.fullmatch(text) else None
        except InvalidOperation:
            number = None
        if number is None or abs(number) >= Decimal(10) ** 15:
            raise self.refuse(
                name,
                f"{text!r} is no number.",
                "Write digits with a decimal point, without thousands separators or currency.",
            )
        if number < 0:
            raise self.refuse(name, f"{text} is below 0.", "A rate card has no negative figures.")
        return number

    def _day(self, row: Mapping[str, str | None], name: str) -> date | None:
        text = _stripped(row.get(name))
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo or moment.time() != datetime.min.time():
            raise self.refuse(name, f"{text!r} is no day.", "Write it as 2026-05-31.")
        return moment.date()


def _stripped(text: str | None) -> str | None:
    stripped = (text or "").strip()
    return stripped or None
