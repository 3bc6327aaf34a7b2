"""Tag inventories of the estate: what AWS's tagging API and Organizations would answer."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

from sample_estate.clock import Month
from sample_estate.company import ACCOUNTS
from sample_estate.context import DeliveredExport

#: Two looks a month; what changes in between is seen at the second.
DAYS = (1, 16)
PAGE = 100

# One row per resource with the owner that is true of it. Fees and commitments are no resources of
# the tagging API, pods are listed by their cluster. Of all resources:
# - one in 23 is missing, as if made by somebody whose role may not be listed;
# - one in 17 changes its team at the second look of the second month, and loses it if odd;
# - one in 11 bears its tags in the inventory only where the bill has none.
_RESOURCES = """
    select
        usage_account_id as account_id,
        resource_id,
        product_code,
        arg_max(team, owner_evidence = 'resource_tag') as team,
        arg_max(project, owner_evidence = 'resource_tag') as project,
        bool_or(owner_evidence = 'resource_tag') as is_tagged,
        hash(resource_id) % 23 = 0 as is_missing,
        hash(resource_id) % 17 = 1 as changes,
        hash(resource_id) % 34 = 1 as loses,
        hash(resource_id) % 11 = 2 as is_tagged_here
    from read_parquet($1)
    where resource_id is not null and resource_id <> ''
        and resource_id not like '%:savingsplan/%' and resource_id not like '%:pod/%'
        and resource_id not like '%:reserved-instances/%' and team is not null
    group by usage_account_id, resource_id, product_code
    order by usage_account_id, resource_id, product_code
"""


def deliver_aws(root: Path, months: list[Month]) -> list[DeliveredExport]:
    """Write the inventories of AWS below ``root / "inventories"`` from the planted owners."""
    with duckdb.connect() as con:
        found = con.execute(_RESOURCES, [str(root / "truth" / "owners.parquet")])
        names = [column[0] for column in found.description]
        resources = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    base = root / "inventories"
    rows = 0
    for month in months:
        for day in DAYS:
            date = f"{month.name}-{day:02d}"
            later = (month.index, day) >= (1, DAYS[1])
            rows += _write_resources(base / "aws_tags", date, resources, later)
            _write_accounts(base / "aws_accounts", date)
    return [
        DeliveredExport(
            name="aws_tags",
            kind="aws_resource_tags",
            location="./inventories/aws_tags/",
            rows=rows,
            section="inventories",
        ),
        DeliveredExport(
            name="aws_account_tags",
            kind="aws_account_tags",
            location="./inventories/aws_accounts/",
            rows=len(ACCOUNTS) * len(DAYS) * len(months),
            section="inventories",
        ),
    ]


def _write_resources(base: Path, date: str, resources: list[dict[str, Any]], later: bool) -> int:
    by_account: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for resource in resources:
        tags = _tags(resource, later)
        if tags is not None:
            by_account[resource["account_id"]][_arn(resource)] = tags
    for account_id in list(by_account):
        spare = f"arn:aws:ec2:us-east-1:{account_id}:instance/i-{int(account_id):017x}"
        by_account[account_id][spare] = {"team": "platform", "Name": "golden-image"}
    written = 0
    for account_id, listed in sorted(by_account.items()):
        arns = sorted(listed)
        pages = [arns[start : start + PAGE] for start in range(0, len(arns), PAGE)]
        for number, page in enumerate(pages, start=1):
            body = {
                "PaginationToken": f"page-{number + 1}" if number < len(pages) else "",
                "ResourceTagMappingList": [
                    {
                        "ResourceARN": arn,
                        "Tags": [{"Key": k, "Value": v} for k, v in listed[arn].items()],
                    }
                    for arn in page
                ],
            }
            folder = base / account_id / date
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"page-{number:05d}.json").write_text(json.dumps(body), encoding="utf-8")
        written += len(arns)
    return written


def _tags(resource: dict[str, Any], later: bool) -> dict[str, str] | None:
    """Tags in the inventory; None where it does not list the resource."""
    if resource["is_missing"]:
        return None
    tags: dict[str, str] = {}
    if resource["is_tagged"] or resource["is_tagged_here"]:
        if not (later and resource["loses"]):
            moved = later and resource["changes"] and not resource["loses"]
            tags["team"] = "platform" if moved else resource["team"]
        if resource["project"]:
            tags["project"] = resource["project"]
    return tags


def _arn(resource: dict[str, Any]) -> str:
    """The ARN that the tagging API gives for what a bill may name by its bare id."""
    name, account_id = resource["resource_id"], resource["account_id"]
    if name.startswith("arn:"):
        return name
    kinds = {"i-": "instance", "vol-": "volume", "snap-": "snapshot", "nat-": "natgateway"}
    for prefix, kind in kinds.items():
        if name.startswith(prefix):
            return f"arn:aws:ec2:us-east-1:{account_id}:{kind}/{name}"
    if resource["product_code"] == "AmazonS3":
        return f"arn:aws:s3:::{name}"
    return name


def _write_accounts(base: Path, date: str) -> None:
    folder = base / date
    folder.mkdir(parents=True, exist_ok=True)
    accounts = [
        {
            "Id": account.account_id,
            "Arn": f"arn:aws:organizations::{account.payer_id}:account/o-1/{account.account_id}",
            "Name": account.name,
            "Status": "ACTIVE",
        }
        for account in ACCOUNTS
    ]
    (folder / "accounts.json").write_text(json.dumps({"Accounts": accounts}), encoding="utf-8")
    for account in ACCOUNTS:
        team = [{"Key": "team", "Value": account.tag_team}] if account.tag_team else []
        path = folder / f"tags-{account.account_id}.json"
        path.write_text(json.dumps({"Tags": team}), encoding="utf-8")
