"""What a demo organisation lists: its resources, one list a cloud as its bills' provider knows it,
and its runs.

The inventory holds resources of several clouds in one file and is of one day, so it is parted by
the kind of cloud account, and the day is in the path.
"""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

#: The day of the sample's snapshot.
DAY = "2024-09-18"
CLOUDS = {"aws": "aws_cnr", "azure": "azure_cnr", "gcp": "gcp_cnr"}
FIELDS = ("cloud_resource_id", "name", "resource_type", "region", "tags")


def write_inventory(samples: Path, folder: Path, provider: str) -> str:
    """Write the list of one provider below `folder`; its entry in exports.yml."""
    source = samples / "native/optscale_ml"
    accounts = {record["id"]: record["type"] for record in _records(source, "cloud_accounts")}
    path = folder / f"optscale_{provider}" / DAY / "resources.jsonl"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as target:
        for record in _records(source, "resources"):
            if accounts.get(record.get("cloud_account_id")) == CLOUDS[provider]:
                listed = {name: record.get(name) for name in FIELDS}
                target.write(json.dumps(listed) + "\n")
    return (
        f"  - {{name: optscale_{provider}, kind: tag_inventory_csv, "
        f'location: "{path.parents[1]}", options: {{provider: {provider}}}}}\n'
    )


def write_runs(samples: Path, folder: Path) -> str:
    """Write the runs of the tracker below `folder`; their entry in exports.yml.

    The sample tells times in seconds before its day; the tracker keeps seconds since 1970.
    """
    until = datetime.fromisoformat(f"{DAY}T00:00:00+00:00").timestamp()
    path = folder / "optscale_runs" / DAY / "runs.jsonl"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as target:
        for run in _records(samples / "native/optscale_ml", "runs"):
            times = {name: until - run[f"{name}_offset"] for name in ("start", "finish")}
            target.write(json.dumps(run | times) + "\n")
    return f'  - {{name: tracker, kind: optscale_runs, location: "{path.parents[1]}"}}\n'


def coverage(sources: tuple[str, ...]) -> str:
    """Query of billed resources, those listed, the listed shares of billed and effective cost,
    those with a tag of the company's own on the bill and in the inventory, those with an owner."""
    named = ", ".join(f"'{source}'" for source in sources)
    return f"""
        with billed as (
            select
                billed.provider, billed.resource_key,
                sum(billed.billed_cost) as billed_cost,
                sum(billed.effective_cost) as effective_cost,
                bool_or(
                    len(list_filter(map_keys(keys.tags), lambda k: not starts_with(k, 'aws:'))) > 0
                ) as is_tagged,
                bool_or(owners.team is not null) as is_owned
            from allocation.billed_resources as billed
            inner join allocation.attribution_keys as keys
                using (source_name, billing_period, attribution_key)
            inner join ai_finops.ownership.attributions as owners
                using (source_name, billing_period, attribution_key)
            where billed.source_name in ({named})
            group by all
        ),
        tagged as (
            select distinct provider, resource_key from evidence.tag_history
            where tag_key not like 'aws:%'
        )
        select
            count(*), count(listed.resource_key),
            round(
                100 * sum(billed_cost) filter (listed.resource_key is not null)
                / sum(billed_cost), 2
            ),
            round(
                100 * sum(effective_cost) filter (listed.resource_key is not null)
                / sum(effective_cost), 2
            ),
            count_if(coalesce(is_tagged, false)), count(tagged.resource_key), count_if(is_owned)
        from billed
        left join (select distinct provider, resource_key from evidence.resource_history) as listed
            using (provider, resource_key)
        left join tagged using (provider, resource_key)
    """


def _records(source: Path, name: str) -> list[dict]:
    with gzip.open(source / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
