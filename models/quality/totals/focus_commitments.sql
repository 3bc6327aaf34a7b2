-- One row per source, billing period, billing account, currency and commitment: what FOCUS holds of
-- it. Read once per changed period.
with charges as (

    select * from {{ ref('cost_and_usage') }}
    where
        {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
        and commitment_discount_id is not null

),

-- A correction of a fee belongs to the month it corrects, not to this month's fee.
classified as (

    select
        *,
        charge_category = 'Purchase' and charge_class is null as is_fee,
        charge_category = 'Purchase' and charge_class is null and charge_frequency = 'Recurring'
            as is_recurring_fee,
        charge_category = 'Purchase' and charge_class is null and charge_frequency = 'One-Time'
            as is_upfront_fee,
        commitment_discount_status = 'Used' as is_used,
        commitment_discount_status = 'Unused' as is_unused
    from charges

)

select
    x_source_name as source_name,
    x_billing_period as billing_period,
    billing_account_id,
    billing_currency,
    commitment_discount_id,
    max(commitment_discount_type) as commitment_discount_type,
    {{ money("sum(case when is_recurring_fee then billed_cost else 0 end)") }}
        as recurring_fee_cost,
    {{ money("sum(case when is_upfront_fee then billed_cost else 0 end)") }} as upfront_fee_cost,
    {{ money('sum(coalesce(x_amortized_upfront_cost, 0))') }} as amortized_upfront_cost,
    {{ money('sum(case when is_used then effective_cost else 0 end)') }} as effective_used_cost,
    {{ money('sum(case when is_unused then effective_cost else 0 end)') }}
        as effective_unused_cost,
    {{ money('sum(case when is_fee then effective_cost else 0 end)') }} as effective_fee_cost
from classified
group by
    x_source_name, x_billing_period, billing_account_id, billing_currency, commitment_discount_id
