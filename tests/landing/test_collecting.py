"""Tags collected from AWS itself (moto's server on loopback) land like any other dump."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest
from moto.server import ThreadedMotoServer

from orchestration.exports.collecting import (
    collect_account_tags,
    collect_resource_tags,
    collected_folder,
)
from orchestration.exports.errors import LandingError
from tests.landing.bills import rows, write_csv

AT = datetime(2026, 6, 3, 18, 30, tzinfo=UTC)


@pytest.fixture
def cloud(monkeypatch):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    yield server
    server.stop()


@pytest.fixture
def landed(house):
    write_csv(house.folder / "bill" / "2026-06.csv", rows("2026-06"))
    return house.export("bill", "aws_cur_2", "./bill")


def test_tagged_resources_are_collected_page_by_page(landed, cloud):
    client = boto3.client("s3")
    for number in range(120):
        client.create_bucket(Bucket=f"corpus-{number:03d}")
        tags = {"TagSet": [{"Key": "team", "Value": "data"}]}
        client.put_bucket_tagging(Bucket=f"corpus-{number:03d}", Tagging=tags)
    folders = collect_resource_tags(landed.home, "tags", ["us-east-1"], at=AT)
    assert [file.name for file in sorted(folders[0].iterdir())] == [
        "page-00001.json",
        "page-00002.json",
    ]
    landed.inventory("tags", "aws_resource_tags", collected_folder(landed.home, "tags"))
    assert not landed.land().refusals
    assert landed.query(
        "select count(distinct resource_arn), min(snapshot_at), max(collected_region), "
        "min(tags->>'$[0].Value') from raw_inventories.aws_resource_tags"
    ) == [(120, datetime(2026, 6, 3, 18, 30), "us-east-1", "data")]


def test_accounts_are_collected_with_their_tags(landed, cloud):
    client = boto3.client("organizations")
    client.create_organization(FeatureSet="ALL")
    tags = [{"Key": "team", "Value": "lab"}]
    made = client.create_account(AccountName="lab", Email="lab@example.org", Tags=tags)
    account = made["CreateAccountStatus"]["AccountId"]
    collect_account_tags(landed.home, "accounts", at=AT)
    landed.inventory("accounts", "aws_account_tags", collected_folder(landed.home, "accounts"))
    assert not landed.land().refusals
    found = landed.query(
        "select account_id, tags->>'$[0].Value', snapshot_at from raw_inventories.aws_accounts "
        f"where document = 'tags' and account_id = '{account}'"
    )
    assert found == [(account, "lab", datetime(2026, 6, 3, 18, 30))]


def test_a_cloud_that_does_not_answer_leaves_no_dump(landed, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(LandingError, match="Check the credentials"):
        collect_resource_tags(landed.home, "tags", ["us-east-1"], at=AT)
    assert not collected_folder(landed.home, "tags").exists()
