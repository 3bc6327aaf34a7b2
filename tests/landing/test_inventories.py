"""Tag inventories land as dated snapshots, under the same rules as bills."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from orchestration.exports.errors import ConfigError
from orchestration.exports.inventory_snapshots import day_in, scope_of
from tests.landing.bills import rows, write_csv
from tests.landing.inventories import asset, azure, rgta, series, vector, write

MACHINE = "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0"
DISK = "/subscriptions/AAA/resourceGroups/Lab/providers/Microsoft.Compute/disks/d1"


@pytest.fixture
def landed(house):
    """A house with a bill of May to July, and room for inventories."""
    for month in ("2026-05", "2026-06", "2026-07"):
        write_csv(house.folder / "bill" / f"{month}.csv", rows(month, seed=month))
    return house.export("bill", "aws_cur_2", "./bill")


def land_one(house: Any, kind: str, path: str, content: Any, **options: str) -> list[Any]:
    """Land a single inventory file; the refusals."""
    write(house.folder / "inv" / path, content)
    house.inventory("inv", kind, "./inv", **options)
    return house.land().refusals


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("tags/2026-06-01/page-00001.json", "2026-06-01"),
        ("tags/2026-06-15T18-30-00Z/page.json", "2026-06-15T18:30"),
        ("tags/20260615.jsonl", "2026-06-15"),
        ("tags/20260615T183000Z.jsonl", "2026-06-15T18:30"),
        ("tags/year=2026/month=6/day=3/x.json", "2026-06-03"),
        ("tags/2026/06/03/x.json", "2026-06-03"),
        ("copied-2026-07-09/2026-06-01/x.json", "2026-06-01"),
        ("111122223333/tags.json", None),
        ("tags/20269999.json", None),
    ],
)
def test_the_day_of_a_snapshot_is_read_from_its_path(path, day):
    assert day_in(path) == (datetime.fromisoformat(day) if day else None)


def test_pages_and_days_of_one_scope_have_one_name():
    assert scope_of("111122223333/us-east-1/2026-06-01/page-00001.json") == (
        "111122223333/us-east-1/page"
    )
    assert scope_of("2026-06-01/tags-111122223333.json") == "tags-111122223333"
    assert scope_of("tags-2026-06-15.jsonl.gz") == "tags"


def test_snapshots_of_a_month_land_together(landed):
    for day, team in (("2026-06-01", "vision"), ("2026-06-15", "lab")):
        for page in (1, 2):
            token = "more" if page == 1 else ""
            content = rgta((f"{MACHINE}{page}", {"team": team}), token=token)
            write(landed.folder / "inv" / day / f"page-0000{page}.json", content)
    landed.inventory("inv", "aws_resource_tags", "./inv")
    report = landed.land()
    assert not report.refusals
    assert landed.query(
        "select cast(snapshot_at as date)::varchar, snapshot_scope, count(*), "
        "min(tags->'$[0].Value'->>'$'), count(next_token), min(_billing_period) "
        "from raw_inventories.aws_resource_tags group by all order by all"
    ) == [
        ("2026-06-01", "page", 2, "vision", 1, "2026-06"),
        ("2026-06-15", "page", 2, "lab", 1, "2026-06"),
    ]
    assert landed.pending() == []


def test_a_missing_page_holds_the_dump_back(landed):
    page = rgta((MACHINE, {"team": "vision"}))
    refused = land_one(landed, "aws_resource_tags", "2026-06-01/page-00002.json", page)
    assert "the part 2026-06-01/page-00001.json is missing" in str(refused[0])


def test_without_a_day_it_is_refused(landed):
    refused = land_one(landed, "aws_resource_tags", "tags.json", rgta((MACHINE, {})))
    assert "nothing tells the day of this snapshot" in str(refused[0])
    assert "options: {as_of: 2026-06-01}" in str(refused[0])


def test_exports_yml_may_tell_the_day(landed):
    page = rgta((MACHINE, {"team": "vision"}))
    assert not land_one(landed, "aws_resource_tags", "tags.json", page, as_of="2026-06-03")
    assert landed.query("select snapshot_at from raw_inventories.aws_resource_tags") == [
        (datetime(2026, 6, 3),)
    ]


@pytest.mark.parametrize(
    ("kind", "options", "problem"),
    [
        ("aws_resource_tags", {"as_of": "june"}, "as_of 'june' is no day"),
        ("tag_inventory_csv", {}, "needs options. Add `options: {provider: ...}`"),
        ("tag_inventory_csv", {"provider": "amazon"}, "provider 'amazon' is unknown"),
        ("aws_resource_tags", {"cluster": "a"}, "options has no field 'cluster'"),
        ("aws_cur_2", {}, "Move the entry to the section `exports:`"),
    ],
)
def test_entries_are_checked(landed, kind, options, problem):
    landed.inventory("inv", kind, "./inv", **options)
    with pytest.raises(ConfigError, match="exports.yml, line 4") as error:
        landed.config()
    assert problem in str(error.value)


def test_a_changed_inventory_converts_no_bill_again(landed):
    """Owners are decided by every build, over keys; the queue only has to make it build."""
    page = rgta((MACHINE, {"team": "vision"}))
    land_one(landed, "aws_resource_tags", "2026-06-01/tags.json", page)
    landed.queue(built=True)
    assert landed.queue() == []
    write(landed.folder / "inv/2026-06-20/tags.json", rgta((MACHINE, {"team": "lab"})))
    landed.land()
    assert landed.queue() == ["inv 2026-06 (landed again)"]


def test_accounts_and_their_tags(landed):
    accounts = {"Accounts": [{"Id": "111122223333", "Name": "lab", "Arn": "arn:x"}]}
    write(landed.folder / "inv/2026-06-01/accounts.json", accounts)
    tags = {"Tags": [{"Key": "team", "Value": "lab"}]}
    refused = land_one(landed, "aws_account_tags", "2026-06-01/tags-111122223333.json", tags)
    assert not refused
    assert landed.query(
        "select account_id, document, name, tags from raw_inventories.aws_accounts order by 2"
    ) == [
        ("111122223333", "accounts", "lab", None),
        ("111122223333", "tags", None, '[{"Key":"team","Value":"lab"}]'),
    ]


def test_account_tags_need_an_account(landed):
    tags = {"Tags": [{"Key": "team", "Value": "lab"}]}
    refused = land_one(landed, "aws_account_tags", "2026-06-01/tags.json", tags)
    assert "Put the account's id into its name" in str(refused[0])


@pytest.mark.parametrize("shape", ["graph", "list", "csv"])
def test_azure_resources(landed, shape):
    if shape == "graph":
        name, content = "r.json", azure((DISK, {"team": "lab"}))
    elif shape == "list":
        name, content = "r.json", azure((DISK, {"team": "lab"}))["data"]
    else:
        name = "r.csv"
        content = f'id,name,type,tags\n{DISK},d1,x,"{{""team"":""lab""}}"\n'
    assert not land_one(landed, "azure_resources", f"2026-06-01/{name}", content)
    assert landed.query("select resource_id, tags from raw_inventories.azure_resources") == [
        (DISK, '{"team":"lab"}')
    ]


def test_gcp_assets(landed):
    name = "//compute.googleapis.com/projects/p/zones/z/instances/i"
    lines = [asset(name, {"team": "lab"}), asset(f"{name}2", {})]
    assert not land_one(landed, "gcp_assets", "2026-06-01/assets.jsonl.gz", lines)
    assert landed.query(
        "select asset_name, resource_data->>'$.labels.team', ancestors->>'$[0]' "
        "from raw_inventories.gcp_assets order by 1"
    ) == [(name, "lab", "projects/123"), (f"{name}2", None, "projects/123")]


def test_kubernetes_series_tell_their_time(landed):
    at = datetime.fromisoformat("2026-06-03T10:00:00+00:00").timestamp()
    answer = vector(
        series("kube_namespace_labels", at, namespace="chat", label_team="assistant"),
        series("kube_pod_labels", at, namespace="chat", pod="a", uid="1", label_app="x"),
    )
    options = {"provider": "aws", "cluster": "prod"}
    assert not land_one(landed, "kubernetes_labels", "labels.json", answer, **options)
    assert landed.query(
        "select snapshot_at, cluster_name, metric->>'$.__name__' from raw_inventories.kubernetes "
        "order by 3"
    ) == [
        (datetime(2026, 6, 3, 10), "prod", "kube_namespace_labels"),
        (datetime(2026, 6, 3, 10), "prod", "kube_pod_labels"),
    ]


def test_openshift_labels_tell_their_hour(landed, samples):
    source = samples / "native/k8s/nise_ocp_gpu/ocp_namespace_label.csv"
    landed.inventory("inv", "kubernetes_labels", source, provider="aws", cluster="ocp")
    assert not landed.land().refusals
    hours, namespaces, first = landed.query(
        "select count(distinct snapshot_at), count(distinct namespace), min(snapshot_at) "
        "from raw_inventories.kubernetes"
    )[0]
    assert (hours, namespaces, first) == (400, 2, datetime(2026, 10, 1))


@pytest.mark.parametrize("mark", ["|", ","])
def test_slurm_accounts(landed, mark):
    text = "Account|Descr|Org\nvision|Vision team|research\n".replace("|", mark)
    refused = land_one(landed, "slurm_accounts", "2026-06-01.txt", text, cluster="halden")
    assert not refused
    assert landed.query(
        "select cluster_name, account, organization from raw_inventories.slurm_accounts"
    ) == [("halden", "vision", "research")]


def test_a_plain_list_of_tags(landed, samples):
    source = samples / "native/aws/faf_resource_tags.csv"
    landed.inventory("inv", "tag_inventory_csv", source, provider="aws", as_of="2026-06-01")
    assert not landed.land().refusals
    found = landed.query("select count(*), count(distinct tag_key) from raw_inventories.tag_csv")
    assert found[0][0] == sum(1 for _ in source.open()) - 1


def test_rows_may_say_since_when_they_hold(landed):
    text = (
        "resource_id,key,value,valid_from\n"
        "db-1,team,vision,2026-05-10\ndb-1,team,lab,2026-06-20\ndb-1,team,,someday\n"
    )
    assert not land_one(landed, "tag_inventory_csv", "tags.csv", text, provider="aws")
    assert landed.query(
        "select tag_value, cast(snapshot_at as date)::varchar, _billing_period "
        "from raw_inventories.tag_csv order by 2"
    ) == [("vision", "2026-05-10", "2026-05"), ("lab", "2026-06-20", "2026-06")]
    assert landed.query("select column_name from raw_ops.quarantined_rows") == [("snapshot_at",)]


def test_a_repeated_snapshot_is_refused(landed):
    page = rgta((MACHINE, {"team": "vision"}))
    write(landed.folder / "inv/2026-06-01/tags.json", page)
    other = rgta((MACHINE, {"team": "lab"}))
    refused = land_one(landed, "aws_resource_tags", "2026-06-01/tags-2.json", other)
    assert "both hold 1 of the same rows of 2026-06" in str(refused[0])


def test_a_wrong_file_is_named(landed):
    refused = land_one(landed, "gcp_assets", "2026-06-01/x.json", rgta((MACHINE, {})))
    assert "required column asset_name is missing" in str(refused[0])
