-- Fails with each source, billing period, currency and governed key whose coverage adds up to
-- something else than the bill, and with each whose parts do not make the whole.
with charges as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(charge_rows) as charge_rows,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('attribution_keys') }}
    group by source_name, billing_period, billing_currency

),

wanted as (

    select charges.*, governed_keys.governed_key
    from charges
    cross join {{ ref('governed_keys') }} as governed_keys

),

counted as (

    select
        source_name,
        billing_period,
        billing_currency,
        governed_key,
        sum(charge_rows) as charge_rows,
        sum(total_billed_cost) as billed_cost,
        sum(total_effective_cost) as effective_cost,
        sum(taggable_effective_cost) as taggable_effective_cost,
        sum(
            covered_effective_cost + conflict_effective_cost + unknown_value_effective_cost
            + untagged_effective_cost
        ) as stated_effective_cost,
        sum(covered_effective_cost) as covered_effective_cost,
        sum(
            bill_tag_effective_cost + inventory_tag_effective_cost + parent_effective_cost
            + virtual_tag_effective_cost + default_owner_effective_cost
        ) as decided_effective_cost
    from {{ ref('tag_coverage_daily') }}
    group by source_name, billing_period, billing_currency, governed_key

)

select
    coalesce(wanted.source_name, counted.source_name) as source_name,
    coalesce(wanted.billing_period, counted.billing_period) as billing_period,
    coalesce(wanted.governed_key, counted.governed_key) as governed_key,
    wanted.effective_cost as expected_effective_cost,
    counted.effective_cost,
    counted.taggable_effective_cost,
    counted.covered_effective_cost
from wanted
full outer join counted
    on
        wanted.source_name = counted.source_name
        and wanted.billing_period = counted.billing_period
        and wanted.billing_currency is not distinct from counted.billing_currency
        and wanted.governed_key = counted.governed_key
where
    wanted.charge_rows is distinct from counted.charge_rows
    or wanted.billed_cost is distinct from counted.billed_cost
    or wanted.effective_cost is distinct from counted.effective_cost
    or counted.taggable_effective_cost is distinct from counted.stated_effective_cost
    or counted.covered_effective_cost is distinct from counted.decided_effective_cost
