"""Histories out of dated snapshots: who owned a resource when, whatever the inventory."""

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
ENTRIES = """\
exports:
  - {name: bill, kind: aws_cur_2, location: ./bill/}
inventories:
  - {name: tags, kind: aws_resource_tags, location: ./aws/}
  - {name: accounts, kind: aws_account_tags, location: ./accounts/}
  - {name: disks, kind: azure_resources, location: ./azure/}
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
