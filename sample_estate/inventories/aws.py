"""What AWS lists: the tagging API and Organizations; and what its clusters list of their pods."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from sample_estate.company import ACCOUNTS
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

PAGE = 100

# One row per billed resource, with the months that it is billed in and who owns it.
_BILLED = """
    select
        streams.resource_id, streams.account_id, streams.region,
        list(distinct month_streams.month_index) as months,
        min(streams.team) as team, min(streams.project) as project,
        min(streams.owner_evidence) as evidence,
        bool_or(streams.variant = 'split') as is_pod
    from month_streams
    inner join streams using (stream_id)
    where streams.resource_id is not null and streams.resource_id <> ''
    group by streams.resource_id, streams.account_id, streams.region
    order by streams.resource_id
"""
# Plans and reservations are bought in an account of their own and have no owner.
_BOUGHT = """
    with ids as (
        select
            fees_kept.month_index, accounts.account_id,
            coalesce(savings_plans.sp_arn, reservations.ri_arn, fees_kept.prepaid_arn)
                as resource_id
        from fees_kept
        inner join accounts on accounts.key = fees_kept.account
        left join savings_plans on savings_plans.sp = fees_kept.sp
        left join reservations on reservations.ri = fees_kept.ri
    )
    select resource_id, account_id, list(distinct month_index)
    from ids where resource_id is not null group by resource_id, account_id order by 1
"""
_DECIDED = {
    "resource_tag": "bill_tag",
    "cost_category": "parent",
    "kubernetes_namespace": "parent",
    "not_derivable": "none",
}


def deliver(estate: EstateContext, looks: list[Look]) -> tuple[list[DeliveredExport], Planned]:
    """Write dumps of the tagging API, of Organizations and of pod labels."""
    resources, pods, regions = _billed(estate)
    base = estate.root / "inventories"
    truth = Planned()
    cases = cases_of(resources, looks)
    truth.add(planned("aws", resources, cases, looks))
    rows = 0
    for look in looks:
        listed: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        for resource in resources:
            tags = tags_at(resource, cases[resource.resource_id], look)
            if tags is not None:
                arn = _arn(resource, regions[resource.resource_id])
                listed[resource.account][arn] = tags
        for account_id in listed:
            listed[account_id][_spare(account_id)] = {"team": "platform", "Name": "golden-image"}
        rows += _write_pages(base / "aws_tags", f"{look.day}", listed)
        _write_accounts(base / "aws_accounts", f"{look.day}")
    for account_id in sorted({resource.account for resource in resources}):
        truth.add(never_billed("aws", _spare(account_id), account_id))
    pod_cases = {
        pod.resource_id: "tagged_in_inventory_only" if number % 2 else "same"
        for number, pod in enumerate(pods)
    }
    truth.add(planned("aws", pods, pod_cases, looks))
    clusters = _write_pods(base / "pods", pods, pod_cases, looks)
    delivered = [
        _entry("aws_tags", "aws_resource_tags", rows),
        _entry("aws_accounts", "aws_account_tags", len(ACCOUNTS) * len(looks)),
        *(
            _entry(
                f"pods_{cluster.replace('-', '_')}",
                "kubernetes_labels",
                count,
                f"./inventories/pods/{cluster}/",
                {"provider": "aws", "cluster": cluster},
            )
            for cluster, count in sorted(clusters.items())
        ),
    ]
    return delivered, truth


def _entry(
    name: str,
    kind: str,
    rows: int,
    location: str | None = None,
    options: dict[str, str] | None = None,
) -> DeliveredExport:
    return DeliveredExport(
        name=name,
        kind=kind,
        location=location or f"./inventories/{name}/",
        rows=rows,
        section="inventories",
        options=options or {},
    )


def _billed(estate: EstateContext) -> tuple[list[Resource], list[Resource], dict[str, str]]:
    found: list[Resource] = []
    pods: list[Resource] = []
    regions: dict[str, str] = {}
    for name, account, region, months, team, project, evidence, is_pod in estate.con.execute(
        _BILLED
    ).fetchall():
        resource = Resource(name, account, frozenset(months), team, project, _DECIDED[evidence])
        # What is tagged on the bill is listed with its team: spelled as agreed, it means the same.
        if resource.decided == "bill_tag":
            resource = Resource(**{**vars(resource), "tags": (("team", team),)})
        regions[name] = region
        (pods if is_pod else found).append(resource)
    known = {resource.resource_id for resource in found}
    for name, account, months in estate.con.execute(_BOUGHT).fetchall():
        if name not in known:
            found.append(Resource(name, account, frozenset(months)))
            regions[name] = "us-east-1"
    return found, pods, regions


def _arn(resource: Resource, region: str) -> str:
    """The ARN that the tagging API gives for what a bill may name by its bare id."""
    name = resource.resource_id
    if name.startswith("arn:"):
        return name
    kinds = {"i-": "instance", "vol-": "volume"}
    for prefix, kind in kinds.items():
        if name.startswith(prefix):
            return f"arn:aws:ec2:{region}:{resource.account}:{kind}/{name}"
    return f"arn:aws:s3:::{name}"


def _spare(account_id: str) -> str:
    return f"arn:aws:ec2:us-east-1:{account_id}:instance/i-{int(account_id):017x}"


def _write_pages(base: Path, date: str, by_account: dict[str, dict[str, dict[str, str]]]) -> int:
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
                "CollectedAccount": account_id,
            }
            write_json(base / account_id / date / f"page-{number:05d}.json", body)
        written += len(arns)
    return written


def _write_accounts(base: Path, date: str) -> None:
    accounts = [
        {
            "Id": account.account_id,
            "Arn": f"arn:aws:organizations::{account.payer_id}:account/o-1/{account.account_id}",
            "Name": account.name,
            "Status": "ACTIVE",
            "Tags": [{"Key": "team", "Value": account.tag_team}] if account.tag_team else [],
        }
        for account in ACCOUNTS
    ]
    write_json(base / date / "accounts.json", {"Accounts": accounts})


def _write_pods(
    base: Path, pods: list[Resource], cases: dict[str, str], looks: list[Look]
) -> dict[str, int]:
    """What Prometheus answers in each cluster: labels of pods and of their namespaces."""
    counts: dict[str, int] = defaultdict(int)
    for look in looks:
        series: dict[str, list[dict[str, object]]] = defaultdict(list)
        at = datetime(look.day.year, look.day.month, look.day.day, tzinfo=UTC).timestamp()
        seen: set[tuple[str, str]] = set()
        for pod in pods:
            tags = tags_at(pod, cases[pod.resource_id], look)
            if tags is None:
                continue
            cluster, namespace, name, uid = pod.resource_id.split(":pod/")[1].split("/")
            labels = {f"label_{key}": value for key, value in tags.items()}
            series[cluster].append(
                {"__name__": "kube_pod_labels", "namespace": namespace, "pod": name, "uid": uid}
                | labels
            )
            if (cluster, namespace) not in seen:
                seen.add((cluster, namespace))
                series[cluster].append(
                    {"__name__": "kube_namespace_labels", "namespace": namespace}
                )
        for cluster, metrics in series.items():
            result = [{"metric": metric, "value": [at, "1"]} for metric in metrics]
            body = {"status": "success", "data": {"resultType": "vector", "result": result}}
            write_json(base / cluster / f"{look.day}.json", body)
            counts[cluster] += len(result)
    return counts
