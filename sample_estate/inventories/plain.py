"""A list kept by hand for Oracle's region: who answers for what cannot be tagged, since when."""

from __future__ import annotations

import csv
from datetime import date

from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.inventories.plan import (
    Look,
    Planned,
    Resource,
    never_billed,
    other_team,
    planned,
)
from sample_estate.oci.streams import REGION, TENANCY

#: Resources without tags; each line of the list says since when it holds.
CASES = {"console": "owner_changed", "run-events": "owner_gained"}
OWNER = "platform"
SPARE = f"ocid1.instance.oc1.{REGION}.goldenimage"
_BILLED = f"""
    select distinct resource, concat('ocid1.', resource_type, '.oc1.{REGION}.', unique_id)
    from oci_lines where resource in ('console', 'run-events') order by all
"""


def deliver(estate: EstateContext, looks: list[Look]) -> tuple[list[DeliveredExport], Planned]:
    """Write the list: resource, key, value, since when."""
    turn = next(look for look in looks if look.is_turn).day
    first = looks[0].day
    lines: list[tuple[str, str, str, date]] = [(SPARE, "team", OWNER, first)]
    truth = never_billed("oci", SPARE, TENANCY)
    for name, resource_id in estate.con.execute(_BILLED).fetchall():
        resource = Resource(resource_id, TENANCY, frozenset(), OWNER)
        truth.add(planned("oci", [resource], {resource_id: CASES[name]}, looks))
        if CASES[name] == "owner_gained":
            # It was on the list before anybody answered for it.
            lines += [
                (resource_id, "kept_for", "billing", first),
                (resource_id, "team", OWNER, turn),
            ]
        else:
            lines += [
                (resource_id, "team", OWNER, first),
                (resource_id, "team", other_team(OWNER), turn),
            ]
    folder = estate.root / "inventories" / "oci_list"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "owners.csv").open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["resource_id", "key", "value", "valid_from"])
        writer.writerows(lines)
    entry = DeliveredExport(
        name="oci_list",
        kind="tag_inventory_csv",
        location="./inventories/oci_list/",
        rows=len(lines),
        section="inventories",
        options={"provider": "oci"},
    )
    return [entry], truth
