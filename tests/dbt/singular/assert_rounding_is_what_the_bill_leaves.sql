-- Fails with each AWS bill whose rounding rows carry anything but what the bill leaves over: the
-- invoiced cost of lines that a commitment pays, which their negations take back, and the
-- difference between net and unblended costs while it stays below a cent. They make the sum come
-- out, so a wrong amount here would hide an error elsewhere.
with staged as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        sum(case
            when
                charge_type
                in ('SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'DiscountedUsage')
                then charged_cost
            else 0
        end) as covered_cost,
        sum(staged_cost - charged_cost) as net_difference
    from {{ ref('staged_totals_aws') }}
    group by source_name, billing_period, billing_account_id, billing_currency

),

reconciliation as (

    select * from {{ ref('reconciliation') }}

),

compared as (

    select
        reconciliation.source_name,
        reconciliation.billing_period,
        reconciliation.billing_account_id,
        reconciliation.billing_currency,
        staged.covered_cost
        + case when abs(staged.net_difference) < 0.01 then staged.net_difference else 0 end
            as expected_cost,
        reconciliation.rounding_cost as actual_cost
    from reconciliation
    inner join staged
        on
            reconciliation.source_name = staged.source_name
            and reconciliation.billing_period = staged.billing_period
            and reconciliation.billing_account_id is not distinct from staged.billing_account_id
            and reconciliation.billing_currency is not distinct from staged.billing_currency

)

select
    *,
    actual_cost - expected_cost as gap
from compared
where actual_cost <> expected_cost
