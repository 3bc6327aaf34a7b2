"""Accounts of the company's own cluster: what sacctmgr prints, a day at a time."""

from __future__ import annotations

from sample_estate.company import TEAMS
from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.inventories.plan import Look, Planned, other_team
from sample_estate.on_prem import CLUSTER

#: The account that another team takes over.
MOVED = "vision"


def deliver(estate: EstateContext, looks: list[Look]) -> tuple[list[DeliveredExport], Planned]:
    """Write the accounts of each day; jobs, not bills, are charged to them."""
    folder = estate.root / "inventories" / "slurm_accounts"
    folder.mkdir(parents=True, exist_ok=True)
    for look in looks:
        lines = ["Account|Descr|Org|ParentName|Comment"]
        for team in TEAMS:
            owner = other_team(team.key) if look.turned and team.key == MOVED else team.key
            centre = next(entry.cost_centre for entry in TEAMS if entry.key == owner)
            comment = f"team={owner};cost_center={centre}"
            lines.append(f"{team.key}|{team.key}|{team.business_unit}|root|{comment}")
        (folder / f"{look.day}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    entry = DeliveredExport(
        name="slurm_accounts",
        kind="slurm_accounts",
        location="./inventories/slurm_accounts/",
        rows=len(TEAMS) * len(looks),
        section="inventories",
        options={"cluster": CLUSTER},
    )
    turn = next(look for look in looks if look.is_turn).day
    moved = {
        "provider": "on_prem",
        "resource_id": f"{CLUSTER}/{MOVED}",
        "account_id": CLUSTER,
        "planted": "account_owner_changed",
        "team": MOVED,
        "other_team": other_team(MOVED),
        "changed_on": str(turn),
    }
    return [entry], Planned([moved])
