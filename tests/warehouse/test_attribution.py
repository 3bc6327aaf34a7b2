"""Attribution finds the planted owners: never a wrong one, and a named class for the rest."""

from __future__ import annotations

import pytest

from tests.warehouse.warehouse import Warehouse

CHARGES = "ai_finops.ownership.cost_and_usage"
CONSERVATION = "assert_attributed_charges_are_the_bill"
# What the estate plants as evidence, and what attribution then says that it decided by. A role may
# call from an account whose cost category names the team already.
DECIDED_BY = {
    "resource_tag": {"bill_tag"},
    "cost_category": {"parent"},
    "iam_principal": {"parent", "virtual_tag"},
    "kubernetes_namespace": {"parent"},
    "inventory_tag": {"inventory_tag"},
    "not_derivable": {"none"},
}
KEYS = ("team", "project", "environment", "cost_centre", "model", "experiment")
# A pod is one owner whatever it is billed for; lines of models have no resource but a caller. What
# an inventory says of a resource that the bill does not give to anybody counts as of the charge.
PLANTED = """
    with planted as (
        select distinct
            source, usage_account_id, resource_id, iam_principal, owner_evidence, phase,
            case when line_item_type = 'Usage' and charge_kind <> 'split' then usage_type end
                as usage_type,
            case when charge_kind <> 'split' then operation end as operation,
            {keys}
        from read_parquet('{truth}/owners.parquet')
    ),
    dated as (
        select
            planted.* replace (
                coalesce(listed.team, planted.team) as team,
                coalesce(listed.cost_centre, planted.cost_centre) as cost_centre,
                if(listed.decided_by = 'inventory_tag', 'inventory_tag', owner_evidence)
                    as owner_evidence
            ),
            coalesce(listed.valid_from, date '1900-01-01') as owned_from,
            coalesce(listed.valid_to, date '9999-12-31') as owned_to
        from planted
        left join '{truth}/inventory_owners.parquet' as listed
            on listed.provider = 'aws' and listed.resource_id = planted.resource_id
    )
    select charges.*, planted.* rename ({renamed})
    from {charges} as charges
    inner join dated as planted
        on charges.x_source_name = planted.source
        and charges.sub_account_id = planted.usage_account_id
        and coalesce(charges.allocated_resource_id, charges.resource_id)
            is not distinct from planted.resource_id
        and charges.x_principal_id is not distinct from planted.iam_principal
        and (planted.usage_type is null or charges.x_usage_type = planted.usage_type)
        and (planted.operation is null or charges.x_operation = planted.operation)
        and charges.charge_period_start >= planted.owned_from
        and charges.charge_period_start < planted.owned_to
    where charges.x_source_part in ('charge', 'split')
"""


@pytest.fixture(scope="module")
def warehouse(whole_home) -> Warehouse:
    return Warehouse(whole_home.home)


@pytest.fixture(scope="module")
def found(whole_home) -> str:
    """A query of charges beside what was planted for them, planted columns named planted_."""
    renamed = ", ".join(f"{key} as planted_{key}" for key in (*KEYS, "phase"))
    query = PLANTED.format(
        truth=whole_home.estate / "truth", charges=CHARGES, keys=", ".join(KEYS), renamed=renamed
    )
    return f"({query})"


def test_no_charge_is_given_a_wrong_owner(warehouse, found):
    wrong = " or ".join(f"x_{key} <> planted_{key}" for key in KEYS)
    counts = warehouse.rows(f"select count(*), count(x_team) from {found}")
    assert counts[0][1] > 2_000
    query = f"select distinct resource_id, x_team, planted_team from {found} where {wrong}"
    assert warehouse.rows(query) == []


def test_a_value_is_given_only_where_one_was_planted(warehouse, found):
    invented = " or ".join(f"(x_{key} is not null and planted_{key} is null)" for key in KEYS)
    assert warehouse.rows(f"select distinct resource_id from {found} where {invented}") == []


@pytest.mark.parametrize("evidence", DECIDED_BY)
def test_all_that_is_derivable_is_found_by_its_evidence(warehouse, found, evidence):
    decided = warehouse.rows(
        f"select distinct x_owner_source from {found} where owner_evidence = '{evidence}'"
    )
    assert {source for (source,) in decided}
    assert {source for (source,) in decided} <= DECIDED_BY[evidence]


def test_whatever_has_no_owner_has_a_class(warehouse):
    query = f"select count(*) from {CHARGES} where (x_team is null) <> (x_owner_class is not null)"
    assert warehouse.rows(query) == [(0,)]
    unlisted = f"""
        select distinct x_owner_class from {CHARGES}
        where x_owner_class not in (select owner_class from reference.owner_classes)
    """
    assert warehouse.rows(unlisted) == []


@pytest.mark.parametrize("vendor", ["openai", "anthropic"])
def test_projects_and_workspaces_of_ai_vendors_have_their_planted_team(
    warehouse, whole_home, vendor
):
    planted = f"read_parquet('{whole_home.estate}/truth/{vendor}_groups.parquet')"
    query = f"""
        select count(*), count_if(x_team = team and x_project = project)
        from {CHARGES} inner join {planted} on x_resource_group = group_id
        where x_source_name = '{vendor}_cost' || if('{vendor}' = 'openai', 's', '')
    """
    ((rows, right),) = warehouse.rows(query)
    assert rows > 0
    assert right == rows


def test_tags_and_resource_groups_agree_where_both_name_the_project(warehouse):
    query = f"""
        select count(*), count_if('rg-' || x_project <> x_resource_group) from {CHARGES}
        where x_resource_group like 'rg-%' and x_project_source = 'bill_tag'
    """
    ((rows, different),) = warehouse.rows(query)
    assert rows > 0
    assert different == 0


def test_the_phase_is_right_where_a_sku_or_a_tag_decides(warehouse, found):
    """A training job does not tell that it trains again: that takes a tag or a run record."""
    query = f"""
        select distinct x_phase_source, x_workload_phase, planted_phase from {found}
        where x_phase_source in ('sku', 'tag') and x_workload_phase <> planted_phase
    """
    assert set(warehouse.rows(query)) <= {("sku", "training", "retraining")}
    decided = warehouse.rows(f"select distinct x_phase_source from {found}")
    assert {source for (source,) in decided} == {"sku", "tag", "default", "project", "unknown"}


def test_accelerators_are_those_of_the_machine(warehouse):
    query = f"""
        select distinct x_accelerator_model, x_accelerator_count, x_accelerator_source
        from {CHARGES} where x_instance_type = '{{}}'
    """
    assert warehouse.rows(query.format("g5.12xlarge"))[0][1] == 4
    assert warehouse.rows(query.format("ml.p5.48xlarge"))[0][1] == 8
    assert warehouse.rows(query.format("cc.h200-8")) == [("H200", 8, "sku")]
    assert warehouse.rows(query.format("m6i.xlarge")) == [(None, None, None)]


@pytest.mark.parametrize(
    "damage",
    [
        "delete from ai_finops.ownership.attributions where team = 'vision'",
        "insert into ai_finops.ownership.attributions"
        " select * from ai_finops.ownership.attributions where team = 'vision' limit 1",
        "update ai_finops.ownership.attributions set valid_to = timestamp '2026-06-15 00:00:00'"
        " where team = 'vision'",
    ],
)
def test_conservation_notices_lost_and_doubled_attributions(warehouse, tmp_path_factory, damage):
    copy = warehouse.copy_to(tmp_path_factory.mktemp("damaged") / "home")
    assert copy.dbt("test", "--select", CONSERVATION) == {CONSERVATION: "pass"}
    copy.execute(damage)
    assert copy.dbt("test", "--select", CONSERVATION) == {CONSERVATION: "fail"}
