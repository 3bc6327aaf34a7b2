"""Small inventories in the shapes in which clouds and clusters give them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any


def write(path: Path, content: Any) -> Path:
    """JSON, JSON Lines for a list of records in a .jsonl file, or text as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        text = content
    elif ".jsonl" in path.name:
        text = "\n".join(json.dumps(record) for record in content) + "\n"
    else:
        text = json.dumps(content, indent=2)
    if path.name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def rgta(*resources: tuple[str, dict[str, str]], token: str = "") -> dict[str, Any]:
    """A page of the Resource Groups Tagging API."""
    return {
        "PaginationToken": token,
        "ResourceTagMappingList": [
            {"ResourceARN": arn, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
            for arn, tags in resources
        ],
    }


def azure(*resources: tuple[str, dict[str, str] | None]) -> dict[str, Any]:
    """The answer of `az graph query`."""
    records = [
        {"id": id, "name": id.rsplit("/", 1)[-1], "type": "microsoft.compute/disks", "tags": tags}
        for id, tags in resources
    ]
    return {"count": len(records), "data": records, "skip_token": None, "total_records": 2}


def asset(name: str, labels: dict[str, str], project: str = "123") -> dict[str, Any]:
    """A line of a Cloud Asset Inventory export."""
    return {
        "name": name,
        "asset_type": "compute.googleapis.com/Instance",
        "resource": {"version": "v1", "data": {"labels": labels, "id": "42"}, "parent": "//x"},
        "ancestors": [f"projects/{project}", "organizations/1"],
    }


def series(name: str, at: float, **labels: str) -> dict[str, Any]:
    """One series of a Prometheus answer."""
    return {"metric": {"__name__": name, **labels}, "value": [at, "1"]}


def vector(*found: dict[str, Any]) -> dict[str, Any]:
    """A Prometheus answer."""
    return {"status": "success", "data": {"resultType": "vector", "result": list(found)}}
