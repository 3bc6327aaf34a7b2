"""Live inventories: what a cloud's own APIs answer becomes a dated dump, to be landed like any.

A dump is written beside and renamed into place when it is complete, so that landing never sees half
of one. Where a cloud does not answer, the last dump stays and the refusal is kept beside it, for
landing to show. Credentials and endpoints come from where boto3 finds them.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.exports.aws_answers import answered, session_of
from orchestration.exports.collected import REFUSED, dumps_of
from orchestration.exports.config import Export, ExportsConfig
from orchestration.exports.errors import ConfigError, RefusedDelivery

#: The largest page that GetResources gives.
PAGE = 100
#: What is remembered of a refusal.
KEPT = ("reason", "remedy", "transient")


@dataclass
class CollectedSource:
    """Outcome of one live inventory: the folders written, and what was not answered."""

    name: str
    kind: str
    folders: list[Path] = field(default_factory=list)
    records: int = 0
    refused: dict[str, RefusedDelivery] = field(default_factory=dict)
    already: str | None = None
    seconds: float = 0.0

    def line(self) -> str:
        """One line for people."""
        if self.already:
            return f"{self.name} ({self.kind}): already collected today ({self.already})"
        done = f"{self.records:,} records collected into {len(self.folders)} dump(s)"
        if self.refused:
            done += f"; {len(self.refused)} not answered, the last snapshot stays"
        return f"{self.name} ({self.kind}): {done} [{self.seconds:.1f} s]"

    def refusals(self) -> list[str]:
        """What was asked in vain, why, and what to do."""
        return [f"{self.name}, {asked}: {refused}" for asked, refused in self.refused.items()]


def live(config: ExportsConfig, only: list[str] | None = None) -> list[Export]:
    """The inventories that are collected (those named in `only`, or all).

    Raises ConfigError for a name in `only` that is none.
    """
    if only is None:
        return [export for export in config.exports if export.collect]
    chosen = [config.export(name) for name in only]
    for export in chosen:
        if not export.collect:
            raise ConfigError(
                config.path,
                None,
                f"{export.name!r} is not collected: it has a location.",
                "Name an inventory with `collect:`, or land it.",
            )
    return chosen


def collect(
    config: ExportsConfig,
    home: Path,
    *,
    only: list[str] | None = None,
    again: bool = True,
    at: datetime | None = None,
) -> list[CollectedSource]:
    """Ask the clouds for the live inventories (those named in `only`, or all).

    What does not answer is in the report, never raised; its last dump stays. Without `again`, what
    was collected completely today (UTC) is not asked for a second time.
    """
    at = at or datetime.now(UTC)
    return [_collect_one(export, home, at, again) for export in live(config, only)]


def _collect_one(export: Export, home: Path, at: datetime, again: bool) -> CollectedSource:
    report = CollectedSource(export.name, export.kind)
    folder = dumps_of(home, export.name)
    folder.mkdir(parents=True, exist_ok=True)
    asked = repr(sorted(export.collect.model_dump().items()))
    last = _last(folder)
    whole = last.get("asked") == asked and not last["refused"]
    if whole and not again and last["collected_at"][:10] == f"{at:%Y-%m-%d}":
        report.already = last["collected_at"]
        return report
    started = time.monotonic()
    COLLECTORS[export.kind](export, folder, at, report)
    report.seconds = time.monotonic() - started
    body = {
        "collected_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "asked": asked,
        "refused": {
            name: {key: value for key, value in asdict(refused).items() if key in KEPT}
            for name, refused in report.refused.items()
        },
    }
    beside = folder / f"{REFUSED}.new"
    beside.write_text(json.dumps(body, indent=2), encoding="utf-8")
    os.replace(beside, folder / REFUSED)
    return report


def _last(folder: Path) -> dict[str, Any]:
    path = folder / REFUSED
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _collect_resources(export: Export, folder: Path, at: datetime, report: CollectedSource) -> None:
    """The tagging API of every region of every account; what answers is kept."""
    for role in export.collect.roles or (None,):
        try:
            session = session_of(export.collect.profile, role)
            caller = answered("sts:GetCallerIdentity", session.client("sts").get_caller_identity)
        except RefusedDelivery as refused:
            report.refused[role or "sign-in"] = refused
            continue
        account_id = caller["Account"]
        for region in export.collect.regions:
            try:
                dump = _resources(session, caller["Arn"], region, at)
            except RefusedDelivery as refused:
                report.refused[f"{account_id}/{region}"] = refused
                continue
            place = folder / account_id / region / f"{at:%Y-%m-%dT%H%M%SZ}"
            report.folders.append(_put_in_place(place, {"resources.json": dump}))
            report.records += len(dump["ResourceTagMappingList"])


def _resources(session: Any, caller: str, region: str, at: datetime) -> dict[str, Any]:
    """All pages as one: a month of daily dumps is read anew each day. It names the account itself,
    so that a region in which nothing is left is still a snapshot, by which all else is gone."""
    client = session.client("resourcegroupstaggingapi", region_name=region)
    pages = client.get_paginator("get_resources").paginate(PaginationConfig={"PageSize": PAGE})
    answers = answered("tag:GetResources", lambda: list(pages))
    account = {"ResourceARN": account_arn(caller), "Tags": []}
    listed = [account, *_items(answers, "ResourceTagMappingList")]
    return {
        "ResourceTagMappingList": listed,
        "CollectedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "CollectedAccount": caller.split(":")[4],
        "CollectedRegion": region,
    }


def account_arn(caller: str) -> str:
    """The account of an ARN, as IAM names it."""
    _, partition, _, _, account_id, _ = caller.split(":", 5)
    return f"arn:{partition}:iam::{account_id}:root"


def _collect_accounts(export: Export, folder: Path, at: datetime, report: CollectedSource) -> None:
    """All accounts of the organisation and the tags of each, or nothing."""
    role = export.collect.roles[0] if export.collect.roles else None
    try:
        client = session_of(export.collect.profile, role).client(
            "organizations", region_name="us-east-1"
        )
        dumps = _accounts(client, at)
    except RefusedDelivery as refused:
        report.refused[role or "organisation"] = refused
        return
    report.folders.append(_put_in_place(folder / f"{at:%Y-%m-%dT%H%M%SZ}", dumps))
    report.records += len(dumps) - 1


def _accounts(client: Any, at: datetime) -> dict[str, Any]:
    def all_of(operation: str, name: str, **asked: str) -> list[dict[str, Any]]:
        pages = client.get_paginator(operation).paginate(**asked)
        return list(_items(pages, name))

    accounts = answered("organizations:ListAccounts", lambda: all_of("list_accounts", "Accounts"))
    when = {"CollectedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    dumps: dict[str, Any] = {"accounts.json": {"Accounts": accounts} | when}
    for account in accounts:
        tags = answered(
            "organizations:ListTagsForResource",
            lambda id=account["Id"]: all_of("list_tags_for_resource", "Tags", ResourceId=id),
        )
        dumps[f"tags-{account['Id']}.json"] = {"ResourceId": account["Id"], "Tags": tags} | when
    return dumps


#: By kind; a kind that is not here has no `collect:`.
COLLECTORS: dict[str, Callable[[Export, Path, datetime, CollectedSource], None]] = {
    "aws_resource_tags": _collect_resources,
    "aws_account_tags": _collect_accounts,
}


def _items(pages: Iterable[dict[str, Any]], name: str) -> Iterator[dict[str, Any]]:
    for page in pages:
        yield from page[name]


def _put_in_place(place: Path, dumps: dict[str, Any]) -> Path:
    """Write all files beside, then rename the folder."""
    beside = place.parent / f".{place.name}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for name, body in dumps.items():
        (beside / name).write_text(json.dumps(body, default=str), encoding="utf-8")
    # Only a second collection within a second finds it there.
    shutil.rmtree(place, ignore_errors=True)
    os.replace(beside, place)
    return place
