-- Fails with each source, billing period and currency where list prices less savings are not what
-- was paid, where that and the rest are not the bill, and where the kinds of prices of coverage do
-- not add up to what it covers.
with bill as (

    select
        keys.source_name,
        keys.billing_period,
        keys.billing_currency,
        sum(keys.effective_cost) as effective_cost,
        coalesce(sum(case when rates.is_in_coverage then keys.effective_cost end), 0)
            as coverage_cost,
        count(*) - count(rates.attribution_key) as keys_without_rate
    from {{ ref('attribution_keys') }} as keys
    left join {{ ref('rate_keys') }} as rates
        on
            keys.source_name = rates.source_name
            and keys.billing_period = rates.billing_period
            and keys.attribution_key = rates.attribution_key
    group by keys.source_name, keys.billing_period, keys.billing_currency

),

savings as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(effective_cost + other_cost) as effective_cost,
        count(case
            when
                effective_cost <> list_cost - negotiated_savings - commitment_savings
                + unused_commitment_cost - spot_savings - prepaid_savings - other_savings
                then 1
        end) as broken_rows
    from {{ ref('savings_monthly') }}
    group by source_name, billing_period, billing_currency

),

coverage as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(effective_cost) as effective_cost,
        count(case
            when
                effective_cost <> on_demand_cost + committed_cost + spot_cost
                + reserved_capacity_cost + reserved_capacity_unused_cost + prepaid_cost
                + without_list_price_cost
                then 1
        end) as broken_rows
    from {{ ref('coverage_daily') }}
    group by source_name, billing_period, billing_currency

)

select
    coalesce(bill.source_name, savings.source_name) as source_name,
    coalesce(bill.billing_period, savings.billing_period) as billing_period,
    bill.effective_cost,
    savings.effective_cost as effective_cost_of_savings,
    savings.broken_rows as broken_savings,
    bill.coverage_cost,
    coverage.effective_cost as effective_cost_of_coverage,
    coverage.broken_rows as broken_coverage
from bill
full outer join savings
    on
        bill.source_name = savings.source_name
        and bill.billing_period = savings.billing_period
        and bill.billing_currency is not distinct from savings.billing_currency
left join coverage
    on
        bill.source_name = coverage.source_name
        and bill.billing_period = coverage.billing_period
        and bill.billing_currency is not distinct from coverage.billing_currency
where
    bill.effective_cost is distinct from savings.effective_cost
    or bill.coverage_cost <> coalesce(coverage.effective_cost, 0)
    or bill.keys_without_rate > 0
    or savings.broken_rows > 0
    or coverage.broken_rows > 0
