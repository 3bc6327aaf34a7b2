"""Live collection of AWS tags: the answers of the APIs become a dated dump, to be landed.

A dump is written beside and renamed into place when it is complete, so that landing never sees half
of one. Credentials, endpoint and role come from where boto3 finds them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.exports.errors import LandingError

#: The largest page that GetResources gives.
PAGE = 100


def collected_folder(home: Path, name: str) -> Path:
    """Where the dumps of an inventory lie: the `location` of its entry in exports.yml."""
    return home / "collected" / name


def collect_resource_tags(
    home: Path,
    name: str,
    regions: Iterable[str],
    *,
    session: Any = None,
    at: datetime | None = None,
) -> list[Path]:
    """Ask the tagging API of each region for all its resources; the folders written.

    Raises LandingError where an API cannot be asked; the regions before it are kept.
    """
    at = at or datetime.now(UTC)
    session = session or _session()
    account_id = _asked(lambda: session.client("sts").get_caller_identity()["Account"])
    written = []
    for region in regions:
        client = session.client("resourcegroupstaggingapi", region_name=region)
        pages = client.get_paginator("get_resources").paginate(PaginationConfig={"PageSize": PAGE})
        answers = _asked(lambda pages=pages: list(pages))
        origin = {
            "CollectedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "CollectedAccount": account_id,
            "CollectedRegion": region,
        }
        dumps = {
            f"page-{number:05d}.json": _body(answer) | origin
            for number, answer in enumerate(answers, start=1)
        }
        place = collected_folder(home, name) / account_id / region / f"{at:%Y-%m-%dT%H%M%SZ}"
        written.append(_put_in_place(place, dumps))
    return written


def collect_account_tags(
    home: Path, name: str, *, session: Any = None, at: datetime | None = None
) -> Path:
    """Ask Organizations for all accounts and the tags of each; the folder written."""
    at = at or datetime.now(UTC)
    client = (session or _session()).client("organizations")
    accounts = _asked(
        lambda: list(_items(client.get_paginator("list_accounts").paginate(), "Accounts"))
    )
    when = {"CollectedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    dumps: dict[str, Any] = {"accounts.json": {"Accounts": accounts} | when}
    for account in accounts:
        tags = _asked(
            lambda account=account: list(
                _items(
                    client.get_paginator("list_tags_for_resource").paginate(
                        ResourceId=account["Id"]
                    ),
                    "Tags",
                )
            )
        )
        dumps[f"tags-{account['Id']}.json"] = {"ResourceId": account["Id"], "Tags": tags} | when
    return _put_in_place(collected_folder(home, name) / f"{at:%Y-%m-%dT%H%M%SZ}", dumps)


def _session() -> Any:
    try:
        import boto3
    except ImportError:
        raise LandingError(
            "boto3 is not installed, so AWS cannot be asked for tags. Install it, or land dumps "
            "of `aws resourcegroupstaggingapi get-resources`."
        ) from None
    return boto3.session.Session()


def _asked(call: Any) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call()
    except (BotoCoreError, ClientError) as error:
        raise LandingError(
            f"AWS did not answer: {error}. Check the credentials, and that their role may call "
            "tag:GetResources, organizations:ListAccounts and organizations:ListTagsForResource."
        ) from error


def _items(pages: Iterable[dict[str, Any]], name: str) -> Iterator[dict[str, Any]]:
    for page in pages:
        yield from page[name]


def _body(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def _put_in_place(place: Path, dumps: dict[str, Any]) -> Path:
    """Write all files beside, then rename the folder."""
    # Names that begin with a dot are no deliveries.
    beside = place.parent / f".{place.name}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for name, body in dumps.items():
        (beside / name).write_text(json.dumps(body, default=str), encoding="utf-8")
    os.replace(beside, place)
    return place
