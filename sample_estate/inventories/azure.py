"""What Azure lists: answers of Resource Graph, one a day for each subscription."""

from __future__ import annotations

import json

from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.inventories.plan import (
    Look,
    Planned,
    Resource,
    cases_of,
    never_billed,
    planned,
    tags_at,
    write_json,
)

# Resource Graph writes ids in another case than bills do; a resource has one name in any case.
_BILLED = """
    select
        lower(resource_id), min(subscription_id), min(resource_type),
        list(distinct month_index), min(team), min(project), min(tags)
    from azure_described
    where resource_id is not null
    group by lower(resource_id)
    order by 1
"""
# Orders of commitments belong to no subscription's resources.
_BOUGHT = """
    select distinct lower(benefit_id), subscription_id, month_index
    from azure_described where benefit_id is not null
"""


def deliver(estate: EstateContext, looks: list[Look]) -> tuple[list[DeliveredExport], Planned]:
    """Write the answers of Resource Graph."""
    resources, types = _billed(estate)
    cases = cases_of(resources, looks)
    truth = planned("azure", resources, cases, looks)
    subscriptions = sorted({resource.account for resource in resources})
    rows = 0
    for look in looks:
        for subscription in subscriptions:
            records = [
                _record(resource, types[resource.resource_id], tags)
                for resource in resources
                if resource.account == subscription
                and (tags := tags_at(resource, cases[resource.resource_id], look)) is not None
            ]
            records.append(_record(_spare(subscription), "microsoft.compute/disks", {}))
            answer = {
                "count": len(records),
                "data": records,
                "skip_token": None,
                "total_records": len(records),
            }
            folder = estate.root / "inventories" / "azure_resources" / subscription
            write_json(folder / f"{look.day}" / "resources.json", answer)
            rows += len(records)
    for subscription in subscriptions:
        truth.add(never_billed("azure", _spare(subscription).resource_id, subscription))
    entry = DeliveredExport(
        name="azure_resources",
        kind="azure_resources",
        location="./inventories/azure_resources/",
        rows=rows,
        section="inventories",
    )
    return [entry], truth


def _billed(estate: EstateContext) -> tuple[list[Resource], dict[str, str]]:
    found, types = [], {}
    for name, subscription, kind, months, team, project, tags in estate.con.execute(
        _BILLED
    ).fetchall():
        stated = json.loads(tags if tags.startswith("{") else f"{{{tags}}}") if tags else {}
        found.append(
            Resource(
                name,
                subscription,
                frozenset(months),
                team,
                project,
                # Resource groups are named after projects, which teams own.
                "bill_tag" if stated else "parent",
                tuple(stated.items()),
            )
        )
        types[name] = kind.lower()
    return found, types


def _spare(subscription: str) -> Resource:
    place = f"/subscriptions/{subscription}/resourcegroups/rg-spare/providers/microsoft.compute"
    return Resource(f"{place}/disks/golden-image", subscription, frozenset())


def _record(resource: Resource, kind: str, tags: dict[str, str]) -> dict[str, object]:
    parts = resource.resource_id.split("/")
    group, name = parts[4], parts[-1]
    return {
        "id": resource.resource_id.replace("/resourcegroups/", "/resourceGroups/").replace(
            f"/{name}", f"/{name.upper()}"
        ),
        "name": name.upper(),
        "type": kind,
        "location": "eastus",
        "resourceGroup": group,
        "subscriptionId": resource.account,
        "tags": tags or None,
    }
