-- One row per usage source, billing period, billing account, model, meter, service tier and reason:
-- what an AI vendor counted and no row of the bill stands for. It is used and it is not in
-- focus.cost_and_usage.
with usage as (

    select * from {{ ref('int_vendor_usage__keyed') }}

),

-- The same key as that of the join between charges and usage.
charges as (

    select
        source_name,
        billing_period,
        account_id,
        charge_date,
        model_key,
        meter,
        match_key,
        min(quantity_state) as quantity_state
    from {{ ref('int_vendor_charges__measured') }}
    where meter is not null
    group by source_name, billing_period, account_id, charge_date, model_key, meter, match_key

),

meters as (

    select * from {{ ref('ai_vendor_meters') }}

),

explained as (

    select
        usage.*,
        meters.native_unit,
        case
            when charges.quantity_state = 'not_separable' then 'not_separable'
            when usage.source_name is null then 'cost_not_landed'
            when meters.is_free then 'free'
            when usage.service_tier in ('scale', 'priority', 'priority_on_demand')
                then 'billed_elsewhere'
            else 'no_cost_row'
        end as reason
    from usage
    inner join meters on usage.provider = meters.provider and usage.meter = meters.meter
    left join charges
        on
            usage.source_name = charges.source_name
            and usage.billing_period = charges.billing_period
            and usage.account_id = charges.account_id
            and usage.usage_date = charges.charge_date
            and usage.model_key = charges.model_key
            and usage.meter = charges.meter
            and usage.match_key = charges.match_key
    where charges.quantity_state is null or charges.quantity_state = 'not_separable'

)

select
    usage_source_name as source_name,
    billing_period,
    account_id as billing_account_id,
    provider,
    model_id,
    meter,
    service_tier,
    reason,
    max(native_unit) as unit,
    count(distinct usage_date) as days,
    {{ quantity('sum(metered_quantity)') }} as quantity
from explained
group by
    usage_source_name, billing_period, account_id, provider, model_id, meter, service_tier, reason
