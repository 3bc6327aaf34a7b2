"""Coverage of tags is that of the planted evidence, and guesses at owners are only guesses."""

from __future__ import annotations

import pytest

from tests.warehouse.test_attribution import CHARGES, KEYS, PLANTED
from tests.warehouse.warehouse import Warehouse

COVERAGE = "ai_finops.ownership.tag_coverage_daily"
UNTAGGED = "ai_finops.ownership.untagged_resources"
CONFLICTS = "ai_finops.ownership.tag_conflicts"
LAW = "assert_coverage_adds_up_to_the_bill"
# What depends on the spelling of tags.
OF_TAGS = ("tag_vocabulary+", "--exclude", "resource_type:test", "ownership_cost_and_usage")


@pytest.fixture(scope="module")
def warehouse(whole_home) -> Warehouse:
    return Warehouse(whole_home.home)


@pytest.fixture(scope="module")
def tampered(warehouse, tmp_path_factory) -> Warehouse:
    return warehouse.copy_to(tmp_path_factory.mktemp("coverage") / "home")


@pytest.fixture(scope="module")
def planted(whole_home) -> str:
    """Charges of AWS beside what was planted for them."""
    renamed = ", ".join(f"{key} as planted_{key}" for key in (*KEYS, "phase"))
    return PLANTED.format(
        truth=whole_home.estate / "truth", charges=CHARGES, keys=", ".join(KEYS), renamed=renamed
    )


def test_money_without_a_team_is_what_was_planted_without_one(warehouse, planted):
    """By account and month, to the last digit. The truth lists neither what names no resource nor
    what the pods of a shared machine leave over."""
    differing = f"""
        with expected as (
            select x_source_name, x_billing_period, sub_account_id, sum(effective_cost) as cost
            from (
                select x_source_name, x_billing_period, sub_account_id, effective_cost
                from ({planted}) where owner_evidence = 'not_derivable'
                union all
                select x_source_name, x_billing_period, sub_account_id, effective_cost
                from {CHARGES}
                where x_source_kind like 'aws%' and (
                    x_owner_class = 'no_resource'
                    or (x_owner_class = 'untagged' and x_source_part not in ('charge', 'split'))
                )
            )
            group by all
        ),
        counted as (
            select source_name, billing_period, sub_account_id,
                sum(taggable_effective_cost - covered_effective_cost) as cost
            from {COVERAGE} where governed_key = 'team' and provider = 'aws'
            group by all having cost <> 0
        )
        select expected.*, counted.cost from expected full outer join counted
            on (x_source_name, x_billing_period, expected.sub_account_id)
                = (source_name, billing_period, counted.sub_account_id)
        where expected.cost is distinct from counted.cost
    """
    assert warehouse.rows(differing) == []
    assert warehouse.rows(f"select count(*) from ({planted}) where x_team is null")[0][0] > 100


@pytest.mark.parametrize("key", ["team", "project", "environment", "cost_centre", "model"])
def test_coverage_is_that_of_the_charges_one_by_one(warehouse, key):
    """Added up by day and key, or charge by charge through the view: the same money."""
    states = ("bill_tag", "inventory_tag", "parent", "virtual_tag", "default_owner")
    columns = ", ".join(f"sum({state}_effective_cost) as {state}" for state in states)
    charged = ", ".join(
        f"coalesce(sum(effective_cost) filter (x_{key}_source = '{state}'), 0) as {state}"
        for state in states
    )
    query = f"""
        with counted as (
            select source_name, billing_period, {columns}
            from {COVERAGE} where governed_key = '{key}' group by all
        ),
        charged as (
            select x_source_name, x_billing_period, {charged} from {CHARGES} group by all
        )
        (from counted except all from charged) union all (from charged except all from counted)
    """
    assert warehouse.rows(query) == []


def test_resources_are_counted_once_a_day(warehouse):
    query = f"""
        with days as (
            select cast(charge_period_start as date) as day,
                count(distinct coalesce(allocated_resource_id, resource_id)) as resources
            from {CHARGES} where x_source_name = 'on_prem' group by all
        ),
        counted as (
            select charge_date as day, sum(total_resources) as resources from {COVERAGE}
            where source_name = 'on_prem' and governed_key = 'team' group by all
        )
        select * from days full outer join counted using (day)
        where days.resources is distinct from counted.resources
    """
    assert warehouse.rows(query) == []


def test_the_list_of_untagged_resources_adds_up_to_what_is_not_covered(warehouse):
    """Over 30 days of each bill, for a key that policy asks of all charges."""
    query = f"""
        with listed as (
            select source_name, sum(effective_cost_30_days) as cost from {UNTAGGED}
            where governed_key = 'team' group by all
        ),
        missing as (
            select source_name, sum(taggable_effective_cost - covered_effective_cost) as cost
            from {COVERAGE}
            inner join (
                select source_name, max(charge_date) as newest from {COVERAGE} group by all
            ) using (source_name)
            where governed_key = 'team' and charge_date > newest - 30
            group by all having cost <> 0
        )
        select * from listed full outer join missing using (source_name)
        where listed.cost is distinct from missing.cost
    """
    assert warehouse.rows(query) == []


def test_a_probable_owner_is_mostly_right_and_never_an_owner(warehouse, whole_home):
    query = f"""
        select count(*), count(probable_owner), count(team),
            min(probable_owner_share), max(probable_owner_share)
        from {UNTAGGED} where governed_key = 'team'
    """
    ((rows, guessed, owned, least, most),) = warehouse.rows(query)
    assert rows > 3
    assert 0 < guessed <= rows
    assert owned == 0
    wrong = f"""
        select distinct listed.resource_id, probable_owner, planted.team
        from {UNTAGGED} as listed
        inner join read_parquet('{whole_home.estate}/truth/owners.parquet') as planted
            on listed.resource_id = planted.resource_id and listed.source_name = planted.source
        where listed.governed_key = 'team' and probable_owner <> planted.team
            and planted.owner_evidence = 'not_derivable'
    """
    assert warehouse.rows(wrong) == []
    assert 0.5 <= least <= most <= 1


def test_what_spends_on_ai_is_told_apart(warehouse):
    query = f"""
        select provider, is_ai_spend, sum(total_effective_cost) > 0 from {COVERAGE}
        where governed_key = 'team' and service_category in
            ('AI and Machine Learning', 'Storage') group by all
    """
    found = set(warehouse.rows(query))
    assert ("openai", True, True) in found
    assert ("aws", True, True) in found
    storage = f"""
        select count(*) from {COVERAGE} where service_category = 'Storage' and is_ai_spend
    """
    assert warehouse.rows(storage) == [(0,)]


def test_a_value_that_nobody_knows_is_listed_with_the_nearest_that_is_known(warehouse, tampered):
    """The alias is taken out of policy, as if a team had begun to spell its name in a new way."""
    tampered.restore_from(warehouse)
    assert tampered.rows(f"select count(*) from {CONFLICTS}") == [(0,)]
    tampered.execute("delete from reference.tag_values where alias = 'assist'")
    tampered.dbt("run", "--select", *OF_TAGS)
    rows = tampered.rows(
        "select distinct governed_key, problem, counts, nearest_value, "
        f"contains(stated_tags, 'assist') from {CONFLICTS}"
    )
    assert ("team", "unknown_value", True, "assistant", True) in rows
    ((cost, counted),) = tampered.rows(
        f"select (select sum(unknown_value_effective_cost) from {COVERAGE}"
        f" where governed_key = 'team'), (select sum(effective_cost) from {CONFLICTS}"
        " where governed_key = 'team' and counts)"
    )
    assert cost == counted > 0
    assert tampered.dbt("test", "--select", LAW) == {LAW: "pass"}


@pytest.mark.parametrize(
    "damage",
    [
        f"update {COVERAGE} set total_billed_cost = total_billed_cost + 0.01 where rowid = 7",
        f"update {COVERAGE} set taggable_effective_cost = taggable_effective_cost + 0.01"
        " where rowid = 7",
        f"delete from {COVERAGE} where rowid = 7",
    ],
)
def test_the_law_notices_a_cent(warehouse, tampered, damage):
    tampered.restore_from(warehouse)
    tampered.execute(damage)
    assert tampered.dbt("test", "--select", LAW) == {LAW: "fail"}


@pytest.mark.parametrize(
    "fault",
    [
        "set governed_key = 'squad' where policy = 'team-of-aws'",
        "set floor_to_fail = 0.99 where policy = 'team-of-aws'",
        "set scope_provider = null where policy = 'team-of-aws'",
        "set floor_to_warn = 95 where policy = 'team-of-all'",
        "set floor_to_warn = null where policy = 'team-of-all'",
        "set window_days = null where check_kind = 'volume'",
    ],
)
def test_a_policy_that_could_never_be_judged_is_refused(warehouse, tampered, fault):
    law = "assert_coverage_policies_are_sound"
    tampered.restore_from(warehouse)
    tampered.execute(f"update reference.coverage_policies {fault}")
    assert tampered.dbt("test", "--select", law) == {law: "fail"}
