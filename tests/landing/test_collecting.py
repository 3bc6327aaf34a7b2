"""Live inventories: AWS itself (moto's server on loopback) is asked, and its answers land.

All through the command, as exports.yml says; what does not answer leaves the last snapshot.
"""

from __future__ import annotations

import re
import urllib.request
from datetime import UTC, datetime

import boto3
import dagster as dg
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from orchestration import cli
from orchestration.defs import inventories as defs_of_inventories
from orchestration.defs import landing as defs_of_landing
from orchestration.defs.resources import Workspace
from orchestration.exports.aws_answers import answered
from orchestration.exports.collected import dumps_of
from orchestration.exports.collecting import collect
from orchestration.exports.config import ConfigError
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.landing import land, pending_deliveries
from tests.landing.bills import rows, write_csv

DAY = datetime(2026, 6, 3, 18, 30, tzinfo=UTC)
MONTH = f"{datetime.now(UTC):%Y-%m}-01"
NEXT_DAY = datetime(2026, 6, 4, 18, 30, tzinfo=UTC)
ME = "123456789012"
OTHER = "arn:aws:iam::210987654321:role/tag-reader"
RESOURCES = """\
inventories:
  - name: tags
    kind: aws_resource_tags
    collect: {regions: [us-east-1, eu-west-1]ROLES}
"""
ACCOUNTS = """\
inventories:
  - {name: accounts, kind: aws_account_tags, collect: {}}
"""


@pytest.fixture
def keys(monkeypatch, tmp_path):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def cloud(keys, monkeypatch):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    # Its state is that of the process, whatever server asks.
    urllib.request.urlopen(f"http://{host}:{port}/moto-api/reset", data=b"")
    yield server
    server.stop()


@pytest.fixture
def house(house, monkeypatch):
    """A bill of June beside live inventories, and the environment that the command reads."""
    write_csv(house.folder / "bill" / "2026-06.csv", rows("2026-06"))
    house.export("bill", "aws_cur_2", "./bill")
    monkeypatch.setenv("AI_FINOPS_EXPORTS", str(house.folder / "exports.yml"))
    monkeypatch.setenv("AI_FINOPS_HOME", str(house.home))
    house.config()
    return house


def declare(house, inventories: str, roles: str = ""):
    """Add live inventories to exports.yml; what it then says."""
    house.inventories = inventories.replace("ROLES", roles).splitlines()[1:]
    return house.config()


def bucket(name: str, team: str | None) -> None:
    client = boto3.client("s3")
    client.create_bucket(Bucket=name)
    if team:
        client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "team", "Value": team}]})


def test_the_command_collects_every_page_and_region_of_today(house, cloud, capsys):
    for number in range(120):
        bucket(f"corpus-{number:03d}", "data")
    declare(house, RESOURCES)
    assert cli.main(["collect"]) == 0
    said = capsys.readouterr().out
    assert "tags (aws_resource_tags): " in said
    assert "2 dump(s)" in said
    assert len(pending_deliveries(house.config(), house.home)) >= 2
    assert not house.land().refusals
    assert house.query(
        "select collected_region, count(distinct resource_arn), "
        "current_date - max(snapshot_at)::date from raw_inventories.aws_resource_tags group by 1 "
        "order by 1 desc"
    ) == [("us-east-1", 121, 0), ("eu-west-1", 121, 0)]
    assert len(list(dumps_of(house.home, "tags").glob("*/us-east-1/*/resources.json"))) == 1


def test_once_a_day_unless_asked_to(house, cloud):
    config = declare(house, RESOURCES)
    assert collect(config, house.home, at=DAY)[0].folders
    assert collect(config, house.home, at=DAY, again=False)[0].already == "2026-06-03T18:30:00Z"
    assert collect(config, house.home, at=NEXT_DAY, again=False)[0].folders
    other = declare(house, RESOURCES.replace(", eu-west-1", ""))
    assert collect(other, house.home, at=NEXT_DAY, again=False)[0].folders


def test_a_region_in_which_nothing_is_left_is_a_snapshot(house, cloud):
    """moto, as AWS, answers with an empty page; the account itself is in every dump."""
    config = declare(house, RESOURCES)
    report = collect(config, house.home, at=DAY)[0]
    assert report.records == 2
    assert not house.land().refusals
    assert house.query(
        "select distinct resource_arn, collected_account from raw_inventories.aws_resource_tags"
    ) == [(f"arn:aws:iam::{ME}:root", ME)]


def test_an_account_that_does_not_answer_leaves_its_last_snapshot(house, cloud, monkeypatch):
    config = declare(house, RESOURCES, f', roles: ["{OTHER}"]')
    assert not collect(config, house.home, at=DAY)[0].refused
    answering = boto3.session.Session.client

    def forbidden(self, service, *arguments, **options):
        if service == "resourcegroupstaggingapi":
            options["endpoint_url"] = "http://127.0.0.1:9"
        return answering(self, service, *arguments, **options)

    monkeypatch.setattr(boto3.session.Session, "client", forbidden)
    report = collect(config, house.home, at=NEXT_DAY)[0]
    assert set(report.refused) == {"210987654321/us-east-1", "210987654321/eu-west-1"}
    assert "AWS cannot be reached for tag:GetResources" in report.refusals()[0]
    landed = land(config, house.home)
    assert [refusal.delivery for refusal in landed.refusals] == list(report.refused)
    assert house.query(
        "select distinct collected_account, strftime(snapshot_at, '%m-%d') "
        "from raw_inventories.aws_resource_tags"
    ) == [("210987654321", "06-03")]


def test_nobody_signed_in_is_said_and_the_rest_of_the_run_goes_on(house, keys, monkeypatch, capsys):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    declare(house, RESOURCES)
    assert cli.main(["collect"]) == 1
    said = capsys.readouterr().out
    assert "tags, sign-in: nobody is signed in to AWS" in said
    assert "aws sso login" in said
    report = house.land()
    assert house.count() > 0
    assert [refusal.delivery for refusal in report.refusals] == ["sign-in"]


def test_a_profile_that_is_not_known_is_named(house, keys, capsys):
    declare(house, ACCOUNTS.replace("{}", "{profile: finops}"))
    assert cli.main(["collect", "--only", "accounts"]) == 1
    said = capsys.readouterr().out
    assert "(finops) could not be found" in said
    assert "Correct `profile:`" in said


def test_accounts_are_collected_with_their_tags(house, cloud):
    client = boto3.client("organizations")
    config = declare(house, ACCOUNTS)
    client.create_organization(FeatureSet="ALL")
    tags = [{"Key": "team", "Value": "lab"}]
    made = client.create_account(AccountName="lab", Email="lab@example.org", Tags=tags)
    account = made["CreateAccountStatus"]["AccountId"]
    assert not collect(config, house.home, at=DAY)[0].refused
    assert not house.land().refusals
    found = house.query(
        "select account_id, tags->>'$[0].Value', snapshot_at from raw_inventories.aws_accounts "
        f"where document = 'tags' and account_id = '{account}'"
    )
    assert found == [(account, "lab", datetime(2026, 6, 3, 18, 30))]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ExpiredTokenException", "does not accept the credentials: .*aws sso login"),
        ("AccessDeniedException", "does not allow tag:GetResources: .*Allow tag:GetResources"),
        ("ThrottlingException", "too many calls .*AWS_MAX_ATTEMPTS"),
        ("AWSOrganizationsNotInUseException", "in no organisation: .*management account"),
        ("InternalServiceException", "did not answer tag:GetResources: .*asks again"),
    ],
)
def test_every_refusal_says_what_to_do(code, says):
    def call():
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetResources")

    with pytest.raises(RefusedDelivery) as refused:
        answered("tag:GetResources", call)
    assert re.search(says, str(refused.value))


def test_what_was_never_collected_is_said_once(house, keys):
    declare(house, RESOURCES)
    assert pending_deliveries(house.config(), house.home)
    (refusal,) = house.land().refusals
    assert "nothing was collected yet" in str(refusal)
    assert "python -m orchestration collect" in str(refusal)


def test_an_inventory_with_a_location_is_not_collected(house, keys, capsys):
    declare(house, RESOURCES)
    assert cli.main(["collect", "--only", "bill"]) == 2
    assert "'bill' is not collected: it has a location" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{name: x, kind: azure_resources, collect: {}}", "'azure_resources' cannot be collected"),
        ("{name: x, kind: aws_resource_tags, collect: {}}", "collect has no 'regions'"),
        ("{name: x, kind: aws_resource_tags, collect: {regions: []}}", "regions is empty"),
        ("{name: x, kind: aws_resource_tags, collect: {regions: a}}", "regions must be a list"),
        ("{name: x, kind: aws_account_tags, collect: {regions: [a]}}", "no field 'regions'"),
        ("{name: x, kind: aws_account_tags, collect: {roles: [a, b]}}", "asked in one account"),
        ("{name: x, kind: aws_account_tags, location: ., collect: {}}", "no field 'location'"),
        ("{name: x, kind: aws_account_tags}", "has no 'location'"),
    ],
)
def test_entries_are_checked(house, entry, problem):
    house.inventories = [f"  - {entry}"]
    with pytest.raises(ConfigError, match="exports.yml, line 4") as error:
        house.config()
    assert problem in str(error.value)


def test_dagster_collects_before_it_lands(house, cloud):
    """A cloud that does not answer fails the check of its asset, and not the run."""
    config = declare(house, RESOURCES)
    export = config.export("tags")
    assets = [defs_of_inventories.collected_asset(export), defs_of_landing.landing_asset(export)]
    given = {"workspace": Workspace()}
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize(assets, resources=given, instance=instance, partition_key=MONTH)
    steps = [event.step_key for event in run.all_events if event.is_step_success]
    assert steps == ["collected__tags", "landing__tags"]
    checks = run.get_asset_check_evaluations()
    assert {(check.check_name, check.passed) for check in checks} == {
        ("everything_answered", True),
        ("deliveries_accepted", True),
    }
    cloud.stop()
    config = declare(house, RESOURCES.replace(", eu-west-1", ""))
    export = config.export("tags")
    run = dg.materialize([defs_of_inventories.collected_asset(export)], resources=given)
    assert run.success
    assert [check.passed for check in run.get_asset_check_evaluations()] == [False]


def test_live_inventories_have_a_daily_schedule(house, cloud):
    found = defs_of_inventories.inventories.load_fn()
    assert list(found.schedules or ()) == []
    declare(house, RESOURCES)
    found = defs_of_inventories.inventories.load_fn()
    assert [schedule.cron_schedule for schedule in found.schedules] == ["30 5 * * *"]
