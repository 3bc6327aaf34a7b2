"""What the sample estate planted is what the warehouse shows, to the last decimal."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sample_estate.aws.commitments import EDP_PCT
from tests.warehouse.warehouse import Warehouse

# Planted kind of charge: the FOCUS rows in which it is to be found. Kinds that FOCUS does not tell
# apart by the provider's line type are compared together.
GROUPS = {
    "Usage": (
        "usage", "spot_usage", "capacity_reserved", "capacity_unused", "capacity_block_usage",
        "capacity_block_unused", "training_plan_usage", "training_plan_unused", "free_tier",
        "free_transfer", "marketplace", "split",
    ),
    "Fee": ("capacity_block_fee", "training_plan_fee", "support"),
    "Upfront fee of a reservation": ("ri_upfront_fee",),
    "RIFee": ("ri_fee",),
    "RIFee, unused": ("ri_unused",),
    "DiscountedUsage": ("ri_covered",),
    "SavingsPlanUpfrontFee": ("sp_upfront_fee",),
    "SavingsPlanRecurringFee": ("sp_recurring_fee",),
    "SavingsPlanRecurringFee, unused": ("sp_unused",),
    "SavingsPlanCoveredUsage": ("sp_covered", "sp_negation"),
    "EdpDiscount": ("edp_discount",),
    "PrivateRateDiscount": ("private_discount",),
    "BundledDiscount": ("bundled_discount",),
    "Credit": ("credit",),
    "Refund": ("refund",),
    "Tax": ("tax",),
}  # fmt: skip

FOUND = """
    select
        x_source_name, x_billing_period,
        case
            when x_source_part = 'rounding' then 'rounding'
            when x_source_part = 'unused_commitment' then x_charge_type || ', unused'
            when x_charge_type = 'Fee' and commitment_discount_id is not null
                then 'Upfront fee of a reservation'
            else x_charge_type
        end as found_as,
        sum(billed_cost), sum(effective_cost)
    from ai_finops.focus.cost_and_usage
    group by all
"""
# Prepaid capacity keeps its effective cost at the purchase, as FOCUS has it for what is no
# commitment discount: the estate plants both readings.
PLANTED = """
    select source, month, charge_kind, sum(billed_cost), sum(effective_cost_prepaid_at_purchase)
    from read_parquet('{truth}/totals.parquet')
    group by all
"""

NET = f"0.{100 - EDP_PCT:02d}"

Costs = dict[tuple[str, str, str], tuple[Decimal, Decimal]]


@pytest.fixture(scope="module")
def warehouse(built_home) -> Warehouse:
    return Warehouse(built_home.home)


def without_zeros(costs: Costs) -> Costs:
    """A kind whose lines are inside others costs 0 in the truth and has no rows in FOCUS."""
    return {key: amounts for key, amounts in costs.items() if any(amounts)}


def test_billed_and_effective_cost_per_kind_and_month_are_what_was_planted(warehouse, built_home):
    group_of = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
    planted: Costs = {}
    for source, month, kind, billed, effective in warehouse.rows(
        PLANTED.format(truth=built_home.estate / "truth")
    ):
        key = (source, month, group_of[kind])
        sums = planted.get(key, (Decimal(0), Decimal(0)))
        planted[key] = (sums[0] + billed, sums[1] + effective)
    found: Costs = {
        (source, month, kind): (billed, effective)
        for source, month, kind, billed, effective in warehouse.rows(FOUND)
    }
    assert len(planted) > 60
    assert without_zeros(found) == without_zeros(planted)


def test_each_commitment_is_used_and_unused_as_planted(warehouse, built_home):
    planted = warehouse.rows(
        f"""
        select source, month, commitment_id, recurring_fee, amortised_upfront_fee,
            used_effective_cost, unused_effective_cost
        from read_parquet('{built_home.estate}/truth/commitments.parquet') order by all
        """
    )
    found = warehouse.rows(
        """
        select source_name, billing_period, commitment_discount_id, recurring_fee_cost,
            amortized_upfront_cost, effective_used_cost, effective_unused_cost
        from ai_finops.quality.commitment_balance order by all
        """
    )
    assert planted
    assert found == planted


def test_shared_machines_are_split_as_planted(warehouse, built_home):
    """Planted before the enterprise discount, which the main bill's net columns take off."""
    planted = warehouse.rows(
        f"""
        select month, parent_resource_id, {NET} * amortised_cost,
            {NET} * (split_cost + unused_cost), {NET} * remainder_cost
        from read_parquet('{built_home.estate}/truth/split_nodes.parquet') order by all
        """
    )
    found = warehouse.rows(
        """
        select billing_period, machine_id, machine_cost, shared_cost, remainder_cost
        from ai_finops.quality.split_balance order by all
        """
    )
    assert planted
    assert [row[:3] for row in found] == [row[:3] for row in planted]
    # Shares are cut at 12 digits, so a machine's month may differ from the plan in the ninth.
    for machine, plan in zip(found, planted, strict=True):
        assert machine[3:] == pytest.approx(plan[3:], abs=Decimal("0.00000001")), machine[:2]
