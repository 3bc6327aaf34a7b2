"""What is planted: which resources an inventory lists, under whose tags, on which day.

Every case has a name; a resource has one. Where a tag of the inventory decides the owner, or its
absence leaves the decision to what the resource is in, the truth says so with days.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sample_estate.clock import Month
from sample_estate.company import TEAMS
from sample_estate.engine import connect, load_rows

#: For resources whose owner the bill does not name, in turn.
OPEN_CASES = (
    "owner_changed",
    "owner_lost",
    "owner_gained",
    "tagged_in_inventory_only",
    "not_listed",
    "tagged_in_inventory_only",
)
#: For resources with an owner on the bill, one in so many each.
TAGGED_CASES = {3: "tag_disagrees", 7: "not_listed", 11: "owner_lost"}
TAGGED_ROUND = 14
_CENTRES = {team.key: team.cost_centre for team in TEAMS}
#: Cases that change something on the day of the turn.
TURNING = ("owner_changed", "owner_lost", "owner_gained", "name_reused")


@dataclass(frozen=True)
class Look:
    """A snapshot's day and the month that it is in; `turned`: changes have happened by then."""

    day: date
    month: int
    turned: bool
    is_turn: bool


@dataclass(frozen=True)
class Resource:
    """A billed resource and the months that it is billed in.

    `decided` is what the bill alone decides its owner by: ``bill_tag``, ``parent`` or ``none``;
    `team` is who that is, or would be right. `tags` are those of the bill where it has any.
    """

    resource_id: str
    account: str
    months: frozenset[int]
    team: str | None = None
    project: str | None = None
    decided: str = "none"
    tags: tuple[tuple[str, str], ...] = ()
    detail: str = ""


@dataclass
class Planned:
    """Rows of the truth: resources with their case, and owners with days."""

    resources: list[dict[str, str | None]] = field(default_factory=list)
    owners: list[dict[str, str | None]] = field(default_factory=list)

    def add(self, other: Planned) -> None:
        """Take the rows of another provider."""
        self.resources += other.resources
        self.owners += other.owners


def looks_of(months: list[Month]) -> list[Look]:
    """The first day of each month, and the middle of the second's covered days: the turn."""
    found = []
    turning = min(1, len(months) - 1)
    for month in months:
        days = (month.last_hour - month.first_hour) // 24
        middle = month.start + timedelta(days=max(1, days // 2))
        found.append(Look(month.start, month.index, month.index > turning, False))
        if month.index == turning:
            found.append(Look(middle, month.index, True, True))
    return found


def other_team(team: str | None) -> str:
    """A team that it is not: the next in the list."""
    keys = [entry.key for entry in TEAMS]
    return keys[(keys.index(team) + 3) % len(keys)] if team in keys else keys[0]


def cases_of(
    resources: Iterable[Resource], looks: list[Look], given: dict[str, str] | None = None
) -> dict[str, str]:
    """The case of each resource, by its id; `given` ones are as they are."""
    turn = next(look for look in looks if look.is_turn)
    cases = dict(given or {})
    numbers = {"open": 0, "tagged": 0}
    for resource in sorted(resources, key=lambda entry: _mixed(entry.resource_id)):
        if resource.resource_id in cases:
            continue
        if resource.team is None:
            cases[resource.resource_id] = "same"
            continue
        is_tagged = resource.decided == "bill_tag"
        # What is not there on the day cannot change on it.
        if turn.month not in resource.months:
            cases[resource.resource_id] = "same" if is_tagged else "tagged_in_inventory_only"
            continue
        kind = "tagged" if is_tagged else "open"
        number = numbers[kind]
        numbers[kind] += 1
        if is_tagged:
            cases[resource.resource_id] = TAGGED_CASES.get(number % TAGGED_ROUND, "same")
        else:
            cases[resource.resource_id] = OPEN_CASES[number % len(OPEN_CASES)]
    return cases


def tags_at(resource: Resource, case: str, look: Look) -> dict[str, str] | None:
    """Tags in the snapshot of a day; None where it does not list the resource."""
    if case == "not_listed" or look.month not in resource.months:
        return None
    if case == "name_reused" and look.is_turn:
        return None
    whole = dict(resource.tags) or {"team": resource.team or ""}
    if case == "same":
        return dict(resource.tags)
    if case == "tag_disagrees":
        return {"team": other_team(resource.team)}
    if case == "owner_gained":
        return whole if look.turned else {}
    if case == "owner_lost":
        return {} if look.turned else whole
    if case in ("owner_changed", "name_reused"):
        return {"team": other_team(resource.team)} if look.turned else whole
    return whole


def planned(
    provider: str, resources: Iterable[Resource], cases: dict[str, str], looks: list[Look]
) -> Planned:
    """The truth about a provider's resources."""
    turn = next(look for look in looks if look.is_turn).day
    truth = Planned()
    for resource in resources:
        case = cases[resource.resource_id]
        truth.resources.append(
            {
                "provider": provider,
                "resource_id": resource.resource_id,
                "account_id": resource.account,
                "planted": case,
                "team": resource.team,
                "other_team": other_team(resource.team),
                "changed_on": str(turn) if case in TURNING else None,
            }
        )
        if resource.decided == "bill_tag" or resource.team is None:
            continue
        mine, other = (resource.team, "inventory_tag"), (other_team(resource.team), "inventory_tag")
        fallback = (resource.team, "parent") if resource.decided == "parent" else (None, "none")
        before, after = {
            "owner_changed": (mine, other),
            "owner_lost": (mine, fallback),
            "owner_gained": (fallback, mine),
            "not_listed": (fallback, fallback),
            "same": (fallback, fallback),
        }.get(case, (mine, mine))
        spans = [(before, None, str(turn)), (after, str(turn), None)]
        if case == "name_reused":
            back = next((str(look.day) for look in looks if look.day > turn), None)
            spans = [(mine, None, str(turn)), (fallback, str(turn), back)]
            spans += [(other, back, None)] if back else []
        truth.owners += [
            {
                "provider": provider,
                "resource_id": resource.resource_id,
                "team": team,
                "cost_centre": _CENTRES.get(team or ""),
                "decided_by": decided_by,
                "valid_from": valid_from,
                "valid_to": valid_to,
            }
            for (team, decided_by), valid_from, valid_to in spans
        ]
    return truth


def never_billed(provider: str, resource_id: str, account: str) -> Planned:
    """The truth about a resource that is listed and on no bill."""
    return Planned(
        [
            {
                "provider": provider,
                "resource_id": resource_id,
                "account_id": account,
                "planted": "never_billed",
            }
        ]
    )


def write_truth(truth: Planned, folder: Path, work: Path) -> None:
    """``inventory_resources.parquet`` and ``inventory_owners.parquet``."""
    columns = {
        "inventory_resources": (
            "provider", "resource_id", "account_id", "planted", "team", "other_team", "changed_on"
        ),
        "inventory_owners": (
            "provider", "resource_id", "team", "cost_centre", "decided_by", "valid_from", "valid_to"
        ),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    con = connect(work)
    for name, rows in (
        ("inventory_resources", truth.resources),
        ("inventory_owners", truth.owners),
    ):
        days = ("changed_on", "valid_from", "valid_to")
        types = {column: "date" if column in days else "varchar" for column in columns[name]}
        load_rows(con, name, types, rows)
        con.execute(
            f"copy (from {name} order by all) to '{folder / name}.parquet' "
            "(format parquet, compression zstd)"
        )
    con.close()


def write_json(path: Path, body: object) -> None:
    """A dump, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body), encoding="utf-8")


def _mixed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
