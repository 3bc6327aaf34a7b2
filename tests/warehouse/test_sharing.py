"""Shared costs go to those whom policy names, to the last digit, and nothing of them is lost."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.warehouse.warehouse import Warehouse

SHARED = "ai_finops.ownership.shared_costs"
ALLOCATED = "ai_finops.ownership.allocated_costs"
COSTS = ("billed_cost", "effective_cost", "list_cost", "contracted_cost")


@pytest.fixture(scope="module")
def warehouse(whole_home) -> Warehouse:
    return Warehouse(whole_home.home)


def test_every_method_shares_something(warehouse):
    query = f"select distinct method, driver from {SHARED} where residual_class is null"
    found = set(warehouse.rows(query))
    assert {method for method, _ in found} == {"proportional", "even", "fixed", "driver"}
    assert {"direct_cost", "committed_cost", "tokens", "gpu_hours"} <= {d for _, d in found}


def test_shares_and_residual_are_the_pool_in_each_cost(warehouse):
    sums = ", ".join(f"sum({cost})" for cost in COSTS)
    pools = f"""
        select source_name, billing_period, attribution_key, {sums} from {{}}
        where (source_name, billing_period, attribution_key) in (
            select (source_name, billing_period, attribution_key) from {SHARED}
        )
        group by all order by all
    """
    shared = warehouse.rows(pools.format(ALLOCATED))
    assert len(shared) > 20
    assert shared == warehouse.rows(pools.format("allocation.daily_costs"))


def test_a_share_has_the_sign_of_what_is_shared(warehouse):
    """Credits among the weights must not turn somebody's share around."""
    for cost in COSTS:
        query = f"""
            select count(*) from {SHARED}
            inner join allocation.attributed_costs as pools
                using (source_name, billing_period, attribution_key, valid_from)
            where {SHARED}.{cost} * sign(pools.{cost}) < 0 or ratio <= 0 or weight <= 0
        """
        assert warehouse.rows(query) == [(0,)]


def test_no_share_differs_from_its_ratio_by_more_than_rounding(warehouse):
    query = f"""
        select max(abs(shares.effective_cost / pools.effective_cost - ratio))
        from {SHARED} as shares
        inner join allocation.attributed_costs as pools
            using (source_name, billing_period, attribution_key, valid_from)
        where pools.effective_cost <> 0
    """
    assert warehouse.rows(query)[0][0] < 1e-10


def test_the_hub_carries_no_part_of_itself(warehouse):
    query = f"select distinct team, method, allocated_method_id from {SHARED} where policy = '{{}}'"
    hub = warehouse.rows(query.format("network-hub"))
    assert {team for team, _, _ in hub} == {"foundation", "vision", "assistant", "search", "data"}
    assert {(method, name) for _, method, name in hub} == {("fixed", "network-hub")}
    # Nothing is left with the team that runs it, and it weighs nothing where others share.
    here = "where project = 'network-hub'"
    assert warehouse.rows(f"select count(*) from {ALLOCATED} {here}") == [(0,)]
    assert warehouse.rows(f"select count(*) from allocation.usage_drivers {here}") == [(0,)]
    owned = "select count(*) from ai_finops.ownership.attributions where project = 'network-hub'"
    assert warehouse.rows(owned)[0][0] > 0


def test_split_columns_have_the_shape_that_focus_asks_for(warehouse):
    rows = warehouse.rows(f"""
        select method, ratio, allocated_method_details, allocated_resource_id, allocated_tags,
            team, project
        from {SHARED} where residual_class is null
    """)
    for method, ratio, details, resource, tags, team, project in rows:
        (element,) = json.loads(details, parse_float=Decimal)["Elements"]
        assert element["AllocatedRatio"] == ratio
        assert ("UsageQuantity" in element) == (method in ("proportional", "driver"))
        assert resource == (f"{team}/{project}" if project else team)
        assert tags == {"team": team} | ({"project": project} if project else {})
    left = f"select count(allocated_method_id) from {SHARED} where residual_class is not null"
    assert warehouse.rows(left) == [(0,)]


def test_commitments_are_carried_by_those_whom_they_cover(warehouse):
    query = f"""
        select count(*) from {SHARED} as shares
        where policy in ('unused-commitments', 'commitment-fees') and residual_class is null
            and not exists (
                from allocation.attributed_costs as covered
                where covered.source_name = shares.source_name
                    and covered.billing_period = shares.billing_period
                    and covered.billing_account_id = shares.billing_account_id
                    and covered.commitment_discount_status = 'Used'
                    and covered.team = shares.team
                    and covered.project is not distinct from shares.project
            )
    """
    assert warehouse.rows(query) == [(0,)]


def test_statements_tie_to_the_invoice_and_name_every_line(warehouse):
    query = """
        select source_name, billing_period, billing_account_id, billing_currency, sum(billed_cost)
        from {} group by all order by all
    """
    statements = warehouse.rows(query.format("ai_finops.ownership.statement_monthly"))
    assert len(statements) > 20
    bill = "(select x_source_name as source_name, x_billing_period as billing_period, * from {})"
    assert statements == warehouse.rows(query.format(bill.format("ai_finops.focus.cost_and_usage")))
    unnamed = """
        select count(*) from ai_finops.ownership.statement_monthly
        where (line_type = 'unattributed') <> (team is null)
            or (team is null and owner_class is null) or (team is not null and cost_centre is null)
    """
    assert warehouse.rows(unnamed) == [(0,)]
