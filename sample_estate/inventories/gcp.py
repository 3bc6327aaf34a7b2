"""What Google Cloud lists: exports of Cloud Asset Inventory, one a day for the organisation."""

from __future__ import annotations

import json

from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.gcp.streams import ORGANISATION, PROJECTS
from sample_estate.inventories.plan import (
    Look,
    Planned,
    Resource,
    cases_of,
    never_billed,
    planned,
    tags_at,
)

#: Planted by name, because there are few: a bucket's name is given up and taken by another team.
PLANTED = {
    "halden-checkpoints": "name_reused",
    "fold-n2": "owner_changed",
    "webhook": "owner_gained",
    "assist-db": "owner_lost",
    "eval-a2-spot": "tag_disagrees",
    "notebook-n1": "not_listed",
}
TYPES = {
    "buckets": "storage.googleapis.com/Bucket",
    "customJobs": "aiplatform.googleapis.com/CustomJob",
    "endpoints": "aiplatform.googleapis.com/Endpoint",
    "functions": "cloudfunctions.googleapis.com/CloudFunction",
}
_BILLED = """
    select
        '//' || lower(replace(service, ' ', '')) || '.googleapis.com/projects/' || project_id
            || '/locations/' || location || '/' || collection || '/' || resource,
        project_id, collection, location, resource,
        list(distinct date_diff('month', date '{start}', strptime(invoice_month, '%Y%m'))),
        min(labels), max(len(tags)), min(project_labels)
    from gcp_bill
    where resource is not null
    group by 1, 2, 3, 4, 5
    order by 1
"""
# Who owns what the bill leaves open.
_OWNERS = {"lab": "lab", "serve": "assistant", "train": "foundation", "data": "data"}


def deliver(estate: EstateContext, looks: list[Look]) -> tuple[list[DeliveredExport], Planned]:
    """Write the exports of Cloud Asset Inventory."""
    resources, given = _billed(estate)
    cases = cases_of(resources, looks, given)
    truth = planned("gcp", resources, cases, looks)
    folder = estate.root / "inventories" / "gcp_assets"
    rows = 0
    for look in looks:
        lines = [
            _asset(resource, tags)
            for resource in resources
            if (tags := tags_at(resource, cases[resource.resource_id], look)) is not None
        ]
        lines += [_project(key) for key in PROJECTS]
        lines.append(_asset(_spare(), {}))
        path = folder / f"{look.day}" / "assets.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        rows += len(lines)
    truth.add(never_billed("gcp", _spare().resource_id, _spare().account))
    entry = DeliveredExport(
        name="gcp_assets",
        kind="gcp_assets",
        location="./inventories/gcp_assets/",
        rows=rows,
        section="inventories",
    )
    return [entry], truth


def _billed(estate: EstateContext) -> tuple[list[Resource], dict[str, str]]:
    found: dict[str, Resource] = {}
    given: dict[str, str] = {}
    query = _BILLED.format(start=estate.months[0].start)
    last = len(estate.months) - 1
    rows = estate.con.execute(query).fetchall()
    for name, project, collection, location, resource, months, labels, tags, above in rows:
        key = next(key for key, entry in PROJECTS.items() if entry.project_id == project)
        own = {entry["key"]: entry["value"] for entry in labels or []}
        is_shared = "k8s-namespace" in own
        parent = next((e["value"] for e in above or [] if e["key"] == "team"), None)
        stated = {k: v for k, v in own.items() if not k.startswith(("goog-", "k8s-"))}
        is_tagged = bool(tags) or "team" in stated or "squad" in stated or "owner_team" in stated
        found[name] = Resource(
            name,
            project,
            frozenset(month for month in months if 0 <= month <= last),
            # A shared node is nobody's: its pods are.
            None if is_shared else _OWNERS[key],
            None,
            "bill_tag" if is_tagged else "parent" if parent else "none",
            () if is_shared else tuple(stated.items()),
            f"{collection} {location}",
        )
        if resource in PLANTED:
            given[name] = PLANTED[resource]
        elif is_shared:
            given[name] = "same"
    return list(found.values()), given


def _spare() -> Resource:
    project = PROJECTS["data"].project_id
    name = f"//compute.googleapis.com/projects/{project}/zones/us-central1-a/disks/golden-image"
    return Resource(name, project, frozenset(), detail="disks us-central1-a")


def _project(key: str) -> dict[str, object]:
    project = PROJECTS[key]
    return {
        "name": f"//cloudresourcemanager.googleapis.com/projects/{project.number}",
        "asset_type": "cloudresourcemanager.googleapis.com/Project",
        "resource": {
            "version": "v1",
            "data": {
                "projectId": project.project_id,
                "projectNumber": project.number,
                "name": project.name,
                "labels": dict(project.labels),
            },
        },
        "ancestors": [f"projects/{project.number}", "folders/1", ORGANISATION[0]],
    }


def _asset(resource: Resource, labels: dict[str, str]) -> dict[str, object]:
    """As the asset's own service names it: bills name the product, and a location for a zone."""
    collection, location = resource.detail.split(" ")
    project = resource.account
    name = resource.resource_id.rsplit("/", 1)[-1]
    number = next(entry.number for entry in PROJECTS.values() if entry.project_id == project)
    full = {
        "buckets": f"//storage.googleapis.com/{name}",
        "functions": f"//cloudfunctions.googleapis.com/projects/{project}/locations/{location}"
        f"/functions/{name}",
        "disks": resource.resource_id,
    }.get(collection, f"//aiplatform.googleapis.com/projects/{project}/locations/{location}"
          f"/{collection}/{name}")  # fmt: skip
    kind = TYPES.get(collection, "compute.googleapis.com/Disk")
    data: dict[str, object] = {"labels": labels}
    if collection == "instances":
        if "cloudsql" in resource.resource_id:
            full = f"//cloudsql.googleapis.com/projects/{project}/instances/{name}"
            kind = "sqladmin.googleapis.com/Instance"
            data = {"settings": {"userLabels": labels}}
        else:
            full = f"//compute.googleapis.com/projects/{project}/zones/{location}/instances/{name}"
            kind = "compute.googleapis.com/Instance"
    return {
        "name": full,
        "asset_type": kind,
        "resource": {"version": "v1", "data": data, "location": location},
        "ancestors": [f"projects/{number}", "folders/1", ORGANISATION[0]],
    }
