-- Fails with each source, billing period and currency where what models cost and all other charges
-- do not add up to the bill, and where tokens of the bill are missing or counted twice.
with bill as (

    select
        daily.source_name,
        daily.billing_period,
        keys.billing_currency,
        sum(daily.billed_cost) as billed_cost,
        sum(daily.effective_cost) as effective_cost,
        sum(case when charges.attribution_key is null then daily.billed_cost else 0 end)
            as other_billed_cost,
        sum(case when charges.attribution_key is null then daily.effective_cost else 0 end)
            as other_effective_cost,
        coalesce(sum(
            case when daily.consumed_unit = 'Tokens' then daily.consumed_quantity end
        ), 0) as tokens
    from {{ ref('daily_costs') }} as daily
    inner join {{ ref('attribution_keys') }} as keys
        on
            daily.source_name = keys.source_name
            and daily.billing_period = keys.billing_period
            and daily.attribution_key = keys.attribution_key
    left join {{ ref('model_charges') }} as charges
        on
            daily.source_name = charges.source_name
            and daily.billing_period = charges.billing_period
            and daily.attribution_key = charges.attribution_key
    group by daily.source_name, daily.billing_period, keys.billing_currency

),

models as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        coalesce(sum(tokens), 0) as tokens
    from {{ ref('token_costs_daily') }}
    group by source_name, billing_period, billing_currency

)

select
    coalesce(bill.source_name, models.source_name) as source_name,
    coalesce(bill.billing_period, models.billing_period) as billing_period,
    bill.billed_cost,
    bill.other_billed_cost + coalesce(models.billed_cost, 0) as counted_billed_cost,
    bill.effective_cost,
    bill.other_effective_cost + coalesce(models.effective_cost, 0) as counted_effective_cost,
    bill.tokens,
    models.tokens as counted_tokens
from bill
full outer join models
    on
        bill.source_name = models.source_name
        and bill.billing_period = models.billing_period
        and bill.billing_currency is not distinct from models.billing_currency
where
    bill.billed_cost is distinct from bill.other_billed_cost + coalesce(models.billed_cost, 0)
    or bill.effective_cost
    is distinct from bill.other_effective_cost + coalesce(models.effective_cost, 0)
    or bill.tokens is distinct from coalesce(models.tokens, 0)
