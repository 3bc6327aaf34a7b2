"""Coverage as a gate: a hard floor that is missed stops publication and says what to tag first."""

from __future__ import annotations

import datetime as dt
import hashlib

import dagster as dg
import pytest

from orchestration import cli
from orchestration.pipeline import begin_build, plan_build, private_database
from orchestration.project import ROOT, published_file
from orchestration.publishing.publish import NothingGoodToPublish, publish
from orchestration.quality import gate
from orchestration.quality.marks import forget, marked
from tests.warehouse.warehouse import Warehouse

POLICIES = "reference.coverage_policies"
RESULTS = "ai_finops.quality.expectation_results"
MEASURES = "coverage_by_policy"
# What is built from the keys of the bill when only these change.
OF_KEYS = ("attribution_keys+", "--exclude", "attribution_keys", "resource_type:test")
GUESS = "probably foundation: "


@pytest.fixture(scope="module")
def pristine(whole_home) -> Warehouse:
    return Warehouse(whole_home.home)


@pytest.fixture(scope="module")
def site(pristine, tmp_path_factory) -> Warehouse:
    return pristine.copy_to(tmp_path_factory.mktemp("gate") / "home")


@pytest.fixture
def tampered(pristine, site, whole_home, monkeypatch) -> Warehouse:
    """A copy to tamper with; its exports are those that it was built from."""
    monkeypatch.setenv("AI_FINOPS_HOME", str(site.home))
    monkeypatch.setenv("AI_FINOPS_EXPORTS", str(whole_home.estate / "exports.yml"))
    site.restore_from(pristine)
    return site


def edit(warehouse: Warehouse, *statements: str) -> None:
    """Change policies or bills, and take back the verdicts on them, as a build does."""
    warehouse.execute(*statements)
    with private_database(warehouse.home) as connection:
        forget(connection)


def digest(warehouse: Warehouse) -> str:
    return hashlib.md5(published_file(warehouse.home).read_bytes()).hexdigest()


def verdicts(report: gate.PolicyReport) -> dict[str, str]:
    return {policy.policy: policy.verdict for policy in report.policies}


def text_of(output: str) -> str:
    return " ".join(output.split())


def test_the_sample_company_is_published_with_warnings(pristine):
    found = dict(
        pristine.rows(f"select policy, verdict from {RESULTS} where is_current order by policy")
    )
    assert "fail" not in found.values()
    assert found["project-of-aws"] == "warn"
    assert found["team-of-aws"] == "pass"
    assert found["inventory-of-aws"] == "pass"
    page = (pristine.home / "published" / "coverage" / "index.html").read_text()
    assert "team-of-aws" in page
    assert [part for part in ("<script", "<link", "src=", "url(", "@import") if part in page] == []


def test_tags_that_are_gone_stop_publication_and_are_asked_for(tampered, capsys):
    """Tags of one team's newest month are taken out of the bill, as if tagging had broken."""
    before = digest(tampered)
    edit(
        tampered,
        # Inventories would tell what the bill no longer does.
        "delete from evidence.tag_history where provider = 'aws'",
        """
        update allocation.attribution_keys
        set tags = map_from_entries(list_filter(map_entries(tags), lambda tag:
            tag.key like 'aws:%'))
        where billing_period = '2026-07' and source_name = 'aws_main'
            and attribution_key in (
                select attribution_key from allocation.key_attributions
                where team = 'foundation' and team_source = 'bill_tag'
            )
        """,
    )
    tampered.dbt("run", "--select", *OF_KEYS)
    with private_database(tampered.home) as connection:
        forget(connection)

    assert cli.main(["run"]) == 1
    said = text_of(capsys.readouterr().out)
    ((measured, missing, verdict),) = tampered.rows(
        f"select measured, missing_cost, verdict from {RESULTS}"
        " where is_current and policy = 'team-of-aws'"
    )
    assert verdict == "fail"
    assert "Stopped by policy team-of-aws:" in said
    assert f"{measured:.1%}"[:3] in said
    assert "at least 75.00% is asked (billing account 012345678901)" in said
    assert f"{missing:,.2f} of " in said
    assert "Tag first" in said
    assert f"{GUESS}100% of the cost with the same resource" in said
    assert "set the tag team on them at the provider" in said
    assert "floor_to_fail of team-of-aws in seeds/policy/coverage_policies.csv" in said
    assert "Nothing was published" in said
    assert digest(tampered) == before
    newly = tampered.rows(
        "select count(*) from ai_finops.ownership.untagged_resources where governed_key = 'team'"
        " and is_newly_untagged and last_tagged_on is not null and probable_owner = 'foundation'"
    )
    assert newly[0][0] > 0
    page = (tampered.home / "published" / "coverage" / "index.html").read_text()
    assert "Publication is stopped" in page

    # Nothing changes by asking again, and no other way leads around the gate.
    assert cli.main(["run"]) == 1
    assert "Stopped by policy team-of-aws:" in text_of(capsys.readouterr().out)
    assert cli.main(["publish"]) == 1
    with pytest.raises(NothingGoodToPublish, match="coverage policy stops publication"):
        publish(tampered.home)
    assert digest(tampered) == before


def test_the_floor_alone_decides(tampered, capsys):
    before = digest(tampered)
    edit(tampered, f"update {POLICIES} set floor_to_fail = 0.999 where policy = 'team-of-aws'")
    assert cli.main(["run"]) == 1
    assert "at least 99.90% is asked" in text_of(capsys.readouterr().out)
    assert digest(tampered) == before
    edit(tampered, f"update {POLICIES} set floor_to_fail = 0.75 where policy = 'team-of-aws'")
    assert cli.main(["run"]) == 0
    capsys.readouterr()
    assert digest(tampered) != before


def test_verdicts_are_recalled_until_a_build_or_a_day_passes(tampered):
    today = dt.datetime.now(dt.UTC).date()
    first = gate.check_policies(tampered.home, force=True)
    again = gate.check_policies(tampered.home)
    assert not first.remembered and again.remembered
    assert verdicts(again) == verdicts(first)
    assert again.page == tampered.home / "published" / "coverage" / "index.html"
    assert not gate.check_policies(tampered.home, today=today + dt.timedelta(1)).remembered
    begin_build(tampered.home, plan_build(tampered.home))
    with private_database(tampered.home) as connection:
        assert marked(connection) is None
    # Each run is kept, and only the last is current; rebuilding the tables loses none of them.
    tampered.execute(f"drop table {RESULTS}")
    gate.check_policies(tampered.home, force=True)
    runs, current = tampered.rows(
        f"select count(distinct checked_at), count(distinct checked_at) filter (is_current)"
        f" from {RESULTS}"
    )[0]
    assert runs >= 3
    assert current == 1


def test_a_policy_begins_and_ends_on_its_days(tampered):
    edit(
        tampered,
        f"update {POLICIES} set valid_from = date '2030-01-01', floor_to_fail = 0.999"
        " where policy = 'team-of-aws'",
        f"update {POLICIES} set valid_to = date '2026-01-01' where policy = 'team-of-gcp'",
    )
    report = gate.check_policies(tampered.home, today=dt.date(2029, 12, 31))
    assert "team-of-aws" not in verdicts(report)
    assert "team-of-gcp" not in verdicts(report)
    assert not report.blocks
    assert gate.check_policies(tampered.home, today=dt.date(2030, 1, 1)).blocks


def test_little_money_is_not_judged_and_no_money_is_named(tampered):
    edit(
        tampered,
        f"update {POLICIES} set minimum_cost = 1e12, floor_to_fail = 0.999"
        " where policy = 'team-of-aws'",
        f"update {POLICIES} set scope_provider = 'azzure', floor_to_fail = 0.9"
        " where policy = 'environment-of-azure'",
    )
    tampered.dbt("run", "--select", MEASURES)
    found = verdicts(gate.check_policies(tampered.home, force=True))
    assert found["team-of-aws"] == "not_judged"
    assert found["environment-of-azure"] == "no_data"


def test_ages_volumes_and_values_stop_publication_too(tampered):
    """An inventory of May, bills of which nine tenths are lost, and a team that nobody knows."""
    edit(
        tampered,
        "delete from evidence.inventory_snapshots where provider = 'aws'"
        " and snapshot_at >= timestamp '2026-05-03'",
        f"update {POLICIES} set floor_to_fail = 30 where check_kind = 'inventory_freshness'",
        f"update {POLICIES} set floor_to_fail = 0.3 where check_kind = 'volume'",
        f"update {POLICIES} set floor_to_fail = 0.99 where policy = 'agreed-teams'",
        f"insert into {POLICIES} by name (select * replace ('bills' as policy,"
        " 'bill_freshness' as check_kind, null as floor_to_warn, 2 as floor_to_fail)"
        f" from {POLICIES} where policy = 'inventory-of-aws')",
        "update ai_finops.ownership.tag_coverage_daily set charge_rows = charge_rows // 10,"
        " unknown_value_effective_cost = bill_tag_effective_cost, bill_tag_effective_cost = 0"
        " where charge_date >= date '2026-07-01'",
    )
    tampered.dbt("run", "--select", MEASURES)
    ((newest,),) = tampered.rows(
        "select max(charge_date) from ai_finops.ownership.tag_coverage_daily where provider = 'aws'"
    )
    ((listed,),) = tampered.rows(
        "select max(cast(snapshot_at as date)) from evidence.inventory_snapshots"
        " where provider = 'aws'"
    )
    report = gate.check_policies(tampered.home, today=newest + dt.timedelta(3), force=True)
    found = verdicts(report)
    assert {found[name] for name in ("inventory-of-aws", "rows-of-all", "agreed-teams", "bills")} \
        == {"fail"}  # fmt: skip
    ages = {policy.policy: policy.measured for policy in report.policies}
    assert ages["inventory-of-aws"] == (newest - listed).days
    assert ages["bills"] == 3
    lines = text_of(" ".join(_explained(report)))
    assert f"the newest inventory ({listed}) is" in lines
    assert "deliver a newer inventory" in lines
    assert f"the newest charge ({newest}) is 3 days old; at most 2 are asked" in lines
    assert "in the 30 days before; at least 30.00% is asked" in lines
    assert "of the tagged cost has an agreed value for team" in lines


def test_a_floor_is_held_in_dagster_too(tampered, dbt_paths):
    """The checks block what is downstream: the published file."""
    folder = ROOT / "orchestration" / "defs"
    location = dg.load_from_defs_folder(path_within_project=folder).get_repository_def()
    checks = {
        key for key in location.asset_graph.asset_check_keys if key.name.startswith("policy_")
    }
    job = location.get_job("refresh").get_subset(
        asset_selection={dg.AssetKey(["published", "ai_finops"])}, asset_check_selection=checks
    )
    for floor, published in (("0.999", False), ("0.75", True)):
        edit(
            tampered,
            f"update {POLICIES} set floor_to_warn = 0.999, floor_to_fail = {floor}"
            " where policy = 'team-of-aws'",
        )
        before = digest(tampered)
        with dg.DagsterInstance.ephemeral() as instance:
            run = job.execute_in_process(instance=instance, raise_on_error=False)
        assert run.success is published
        assert (digest(tampered) != before) is published
        found = {
            event.event_specific_data.check_name: event.event_specific_data
            for event in run.all_events
            if event.event_type_value == "ASSET_CHECK_EVALUATION"
        }
        check = found["policy_team_of_aws"]
        assert not check.passed
        assert check.severity.name == ("WARN" if published else "ERROR")
        assert "Tag first" in check.description


def _explained(report: gate.PolicyReport) -> list[str]:
    from orchestration.quality.messages import explanation

    return [
        line
        for policy in report.of("fail")
        for line in explanation(policy, report.untagged.get(policy.policy, []))
    ]
