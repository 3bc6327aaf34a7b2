"""Which models a changed policy reaches, and what they read that it does not reach."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.project import ROOT

#: What is compared before and after: whose each charge is, and which rules claim the same.
RESULTS = ("key_attributions", "rule_overlaps")
#: What allocation is made from: read as it was built, whatever policies say.
GIVEN = ("attribution_keys", "daily_costs")
# Read by the macros that replace queued months; in a preview nothing is queued.
QUEUE = ("raw_ops", "rebuild_queue")


@dataclass(frozen=True)
class Relation:
    """A built table: its catalog, schema and name."""

    catalog: str
    schema: str
    name: str


@dataclass
class SubGraph:
    """What a preview builds again.

    `seeds` maps the policies to their files, `models` are built anew, `copied` is what they read
    and the incremental ones among them.
    """

    seeds: dict[str, Path]
    models: list[str]
    copied: list[Relation]


def sub_graph(manifest: dict[str, Any]) -> SubGraph:
    """The part of the project between the policies of ownership and RESULTS."""
    nodes = manifest["nodes"] | manifest["sources"]
    by_name = {
        node["name"]: key
        for key, node in nodes.items()
        if node["resource_type"] in ("model", "seed")
    }
    given = {by_name[name] for name in GIVEN}
    above = _reached([by_name[name] for name in RESULTS], manifest["parent_map"], given)
    seeds = {key for key in above if _is_policy(nodes[key])}
    below = _reached(sorted(seeds), manifest["child_map"], given)
    models = {key for key in below & above if nodes[key]["resource_type"] == "model"}
    # A view shows what it reads: it is made again over the copies.
    while views := {
        parent
        for key in models
        for parent in manifest["parent_map"][key]
        if nodes[parent].get("config", {}).get("materialized") == "view" and parent not in models
    }:
        models |= views
    read = {parent for key in models for parent in manifest["parent_map"][key]} - models - seeds
    kept = {key for key in models if nodes[key]["config"]["materialized"] == "incremental"}
    queue = {
        key
        for key, node in manifest["sources"].items()
        if (node["source_name"], node["name"]) == QUEUE
    }
    return SubGraph(
        {nodes[key]["name"]: ROOT / nodes[key]["original_file_path"] for key in sorted(seeds)},
        sorted(nodes[key]["name"] for key in models),
        sorted((_relation(nodes[key]) for key in read | kept | queue), key=repr),
    )


def _is_policy(node: dict[str, Any]) -> bool:
    is_seed = node["resource_type"] == "seed"
    return is_seed and node["original_file_path"].startswith("seeds/policy/")


def _relation(node: dict[str, Any]) -> Relation:
    return Relation(node["database"], node["schema"], node.get("alias") or node["identifier"])


def _reached(start: list[str], edges: dict[str, list[str]], stop: set[str]) -> set[str]:
    """Nodes reached from `start` along `edges`, not through `stop`."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        key = waiting.pop()
        if key not in found and key not in stop:
            found.add(key)
            waiting += edges.get(key, [])
    return found
