"""Histories out of dated snapshots: who owned a resource when, whatever the inventory; and what
bill and inventories of the sample estate do not know of each other, case by planted case."""

from __future__ import annotations

import pytest

from orchestration.exports.config import load_exports
from orchestration.exports.landing import land
from orchestration.exports.raw_views import queue_rebuilds, refresh_raw_views
from orchestration.pipeline import private_database
from orchestration.project import prepare_environment
from tests.landing.inventories import asset, azure, rgta, series, vector, write
from tests.warehouse.warehouse import Warehouse

MACHINE = "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0"
DISK = "/subscriptions/AAA/resourceGroups/Lab/providers/Microsoft.Compute/disks/d1"
ASSET = "//compute.googleapis.com/projects/p/zones/z/instances/i"
NOON = 1780480800
ONE, OTHER, TWO = (
    DISK.replace("AAA", "S1"),
    f"{DISK}2".replace("AAA", "S1"),
    DISK.replace("AAA", "S2"),
)
# Two subscriptions below one path: the second day lists one only, the third repeats the first.
SEEN = {"2026-06-01": (ONE, TWO), "2026-06-08": (OTHER,), "2026-06-15": (ONE, TWO)}
ENTRIES = """\
exports:
  - {name: bill, kind: aws_cur_2, location: ./bill/}
inventories:
  - {name: tags, kind: aws_resource_tags, location: ./aws/}
  - {name: accounts, kind: aws_account_tags, location: ./accounts/}
  - {name: disks, kind: azure_resources, location: ./azure/}
  - {name: subscriptions, kind: azure_resources, location: ./subscriptions/}
  - {name: assets, kind: gcp_assets, location: ./gcp/}
  - {name: labels, kind: kubernetes_labels, location: ./k8s/,
     options: {provider: aws, cluster: prod}}
  - {name: slurm, kind: slurm_accounts, location: ./slurm/, options: {cluster: oslo}}
  - {name: list, kind: tag_inventory_csv, location: ./list/, options: {provider: aws}}
"""


@pytest.fixture(scope="module")
def warehouse(dbt_paths, tmp_path_factory):
    root = tmp_path_factory.mktemp("inventories")
    june, middle, july = (root / "aws" / day for day in ("2026-06-01", "2026-06-15", "2026-07-01"))
    bucket = ("arn:aws:s3:::corpus", {"team": "data"})
    write(june / "t.json", rgta((MACHINE, {"team": "vision", "env": "dev"}), bucket))
    write(middle / "t.json", rgta((MACHINE, {"team": "lab", "env": "dev"})))
    write(july / "t.json", rgta((MACHINE, {"team": "lab"}), bucket))
    tags = {"Tags": [{"Key": "team", "Value": "lab"}]}
    write(root / "accounts/2026-06-01/tags-111122223333.json", tags)
    write(root / "azure/2026-06-01/r.json", azure((DISK, {"team": "lab"})))
    write(root / "azure/2026-06-15/r.json", azure((DISK.upper(), {"team": "lab"})))
    write(root / "gcp/2026-06-01/a.jsonl", [asset(ASSET, {"team": "lab"})])
    for day, disks in SEEN.items():
        answer = azure(*((disk, {}) for disk in disks)) | {"total_records": len(disks)}
        write(root / "subscriptions" / day / "r.json", answer)
    namespace = series("kube_namespace_labels", NOON, namespace="chat", label_team="assistant")
    pod = series("kube_pod_labels", NOON, namespace="chat", pod="a", label_app="x")
    write(root / "k8s/labels.json", vector(namespace, pod))
    write(root / "slurm/2026-06-01.txt", "Account|Descr|Org|ParentName\nvision|V|research|root\n")
    lines = "db-1,team,vision,2026-05-10\ndb-1,team,lab,2026-06-20\ndb-1,team,,2026-07-05\n"
    write(root / "list/tags.csv", f"resource_id,key,value,valid_from\n{lines}")
    (root / "bill").mkdir()
    (root / "exports.yml").write_text(ENTRIES)
    home = prepare_environment(root / "home")
    assert not land(load_exports(root / "exports.yml"), home).refusals
    with private_database(home) as connection:
        refresh_raw_views(connection, home)
        queue_rebuilds(connection, home)
    built = Warehouse(home)
    histories = ("tag_history", "account_tag_history", "parent_history", "resource_history")
    statuses = built.dbt("run", "-s", *(f"+{name}" for name in histories))
    assert set(statuses.values()) == {"success"}, statuses
    return built


def history(warehouse, table: str, where: str) -> list[tuple]:
    return warehouse.rows(
        f"select * exclude (provider, source_name) replace (strftime(valid_from, '%m-%d') "
        f"as valid_from, strftime(valid_to, '%m-%d') as valid_to) "
        f"from evidence.{table} where {where} order by all"
    )


def test_a_changed_tag_ends_and_begins_with_the_snapshot_that_shows_it(warehouse):
    assert history(warehouse, "tag_history", "resource_key like 'i-%'") == [
        ("i-0123456789abcdef0", "env", "dev", "resource", "06-01", "07-01", True),
        ("i-0123456789abcdef0", "team", "lab", "resource", "06-15", None, False),
        ("i-0123456789abcdef0", "team", "vision", "resource", "06-01", "06-15", True),
    ]


def test_a_resource_that_a_later_snapshot_lacks_ends(warehouse):
    assert history(warehouse, "tag_history", "resource_key = 'corpus'") == [
        ("corpus", "team", "data", "resource", "06-01", "06-15", True),
        ("corpus", "team", "data", "resource", "07-01", None, False),
    ]


def test_azure_ids_differ_in_case_only_and_a_cut_answer_ends_nothing(warehouse):
    rows = history(warehouse, "tag_history", "provider = 'azure'")
    assert [(key, value, start, end) for key, _, value, _, start, end, _ in rows] == [
        (DISK.lower(), "lab", "06-01", None)
    ]


def test_a_subscription_that_was_not_asked_keeps_its_resources(warehouse):
    """And the same answer on another day is another snapshot."""
    rows = history(warehouse, "resource_history", "source_name = 'subscriptions'")
    times = {(row[0].upper(), *row[-3:-1]) for row in rows}
    assert times == {
        (ONE.upper(), "06-01", "06-08"),
        (OTHER.upper(), "06-08", "06-15"),
        (ONE.upper(), "06-15", None),
        (TWO.upper(), "06-01", None),
    }


def test_google_instances_are_known_by_name_and_number(warehouse):
    rows = history(warehouse, "tag_history", "provider = 'gcp'")
    assert [row[0].rsplit("/", 1)[-1] for row in rows] == ["42", "i"]
    assert all("/locations/z/" in row[0] for row in rows)


def test_dated_lines_hold_until_the_next_one(warehouse):
    assert history(warehouse, "tag_history", "resource_key = 'db-1'") == [
        ("db-1", "team", "lab", "resource", "06-20", "07-05", False),
        ("db-1", "team", "vision", "resource", "05-10", "06-20", False),
    ]


def test_clusters_accounts_and_parents(warehouse):
    assert history(warehouse, "account_tag_history", "true") == [
        ("111122223333", "team", "lab", "06-01", None, True)
    ]
    parents = warehouse.rows(
        "select resource_key, parent_type, parent_key from evidence.parent_history "
        "where item_type <> 'resource' order by all"
    )
    assert parents == [
        ("oslo/vision", "slurm_account", "oslo/root"),
        ("prod/namespaces/chat", "cluster", "prod"),
        ("prod/namespaces/chat/pods/a", "namespace", "prod/namespaces/chat"),
    ]


ESTATE = """
    with charges as (
        select
            case
                when x_source_name like 'aws%' then 'aws'
                when x_source_name like 'azure%' then 'azure'
                when x_source_name like 'gcp%' then 'gcp'
                when x_source_name like 'oci%' then 'oci'
            end as provider,
            coalesce(allocated_resource_id, resource_id) as resource_id,
            charge_period_start, x_billing_period, x_team, x_owner_source
        from ai_finops.ownership.cost_and_usage
    ),
    owners as (from '{truth}/inventory_owners.parquet'),
    resources as (from '{truth}/inventory_resources.parquet')
"""
# What is planted in a resource, and the gaps that it must be in. A tag that the bill has as well is
# not one that only the inventory has.
GAPS = {
    "billed_not_listed": ("not_listed",),
    "listed_not_billed": ("never_billed",),
    "tag_disagrees": ("tag_disagrees",),
    "owner_changed": ("owner_changed",),
    "owner_lost": ("owner_lost",),
    "owner_gained": ("owner_gained",),
    "owner_not_on_bill": (
        "tagged_in_inventory_only",
        "owner_changed",
        "owner_lost",
        "owner_gained",
        "name_reused",
    ),
}


@pytest.fixture(scope="module")
def estate(whole_home):
    """A function: the rows of a query on the sample estate with all providers and its truth."""
    built = Warehouse(whole_home.home)
    prefix = ESTATE.format(truth=whole_home.estate / "truth")
    return lambda query: built.rows(f"{prefix} {query}")


def test_every_charge_has_the_owner_whom_the_inventory_shows_at_its_time(estate):
    """Also where a name passes to another team; where a tag is lost, what it is in decides."""
    found = estate(
        """
        select
            provider, decided_by, count(*),
            count_if(x_team is distinct from team or x_owner_source <> decided_by)
        from charges inner join owners using (provider)
        where
            lower(charges.resource_id) = lower(owners.resource_id)
            and charge_period_start >= coalesce(valid_from, date '1900-01-01')
            and charge_period_start < coalesce(valid_to, date '9999-12-31')
        group by all
        """
    )
    assert {(provider, decided) for provider, decided, *_ in found} == {
        *((provider, "inventory_tag") for provider in ("aws", "azure", "gcp", "oci")),
        *((provider, "parent") for provider in ("aws", "azure", "gcp")),
        *((provider, "none") for provider in ("aws", "gcp", "oci")),
    }
    assert [row for row in found if row[3]] == []


@pytest.mark.parametrize("gap", GAPS)
def test_gaps_are_those_planted_and_no_others(estate, gap):
    found = estate(
        f"""
        select distinct provider, lower(resource_id)
        from ai_finops.ownership.inventory_gaps where gap = '{gap}' order by all
        """
    )
    planted = estate(
        f"""
        select distinct provider, lower(resource_id) from resources
        where planted in {(*GAPS[gap], "")} and provider <> 'on_prem'
            and ('{gap}' <> 'owner_not_on_bill' or exists (
                select 1 from owners where owners.resource_id = resources.resource_id
            ))
        order by all
        """
    )
    assert planted
    assert found == planted


def test_what_is_not_listed_is_a_gap_of_every_month_in_which_it_is_billed(estate):
    assert estate(
        """
        select count(*) from (
            select distinct provider, lower(resource_id), x_billing_period
            from charges inner join resources using (provider, resource_id)
            where planted = 'not_listed'
            except
            select provider, lower(resource_id), billing_period
            from ai_finops.ownership.inventory_gaps where gap = 'billed_not_listed'
        )
        """
    ) == [(0,)]


def test_changes_bear_the_day_that_shows_them_and_both_owners(estate):
    assert estate(
        """
        select distinct
            gap, changed_at = changed_on,
            value_before is not distinct from if(gap <> 'owner_gained', team, null),
            inventory_value is not distinct from
                case gap when 'owner_changed' then other_team when 'owner_gained' then team end
        from ai_finops.ownership.inventory_gaps as gaps
        inner join resources
            on
                gaps.provider = resources.provider
                and lower(gaps.resource_id) = lower(resources.resource_id)
                and gap = planted
        where changed_on is not null and gaps.provider = 'aws'
        order by all
        """
    ) == [(gap, True, True, True) for gap in ("owner_changed", "owner_gained", "owner_lost")]


def test_accounts_of_the_own_cluster_change_hands(whole_home):
    built = Warehouse(whole_home.home)
    (moved,) = built.rows(
        f"""
        select team, other_team, changed_on
        from '{whole_home.estate}/truth/inventory_resources.parquet'
        where planted = 'account_owner_changed'
        """
    )
    assert built.rows(
        """
        select tag_value, lead(valid_from) over (order by valid_from)::date
        from evidence.tag_history
        where item_type = 'slurm_account' and tag_key = 'team' and resource_key like '%/vision'
        order by valid_from
        """
    ) == [(moved[0], moved[2]), (moved[1], None)]
