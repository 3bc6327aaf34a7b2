-- One row per source, billing period, attribution key and interval: what its charges cost, whose
-- they are before anything is shared, and the accelerator-hours and tokens that they bill.
with keys as (

    select
        source_name,
        billing_period,
        attribution_key,
        billing_currency,
        billing_account_id,
        sub_account_id,
        service_category,
        service_name,
        charge_category,
        commitment_discount_status,
        host_provider_name,
        sku_meter
    from {{ ref('attribution_keys') }}

),

sums as (

    select
        daily.source_name,
        daily.billing_period,
        daily.attribution_key,
        attributions.valid_from,
        keys.billing_currency,
        cast(sum(daily.charge_rows) as bigint) as charge_rows,
        {{ money('sum(daily.billed_cost)') }} as billed_cost,
        {{ money('sum(daily.effective_cost)') }} as effective_cost,
        {{ money('sum(daily.list_cost)') }} as list_cost,
        {{ money('sum(daily.contracted_cost)') }} as contracted_cost,
        case
            when count_if(rates.exchange_rate is null and daily.effective_cost <> 0) = 0
                then sum({{ converted('daily.effective_cost', 'rates.exchange_rate') }})
        end as reporting_effective_cost,
        sum(case when daily.consumed_unit = 'Tokens' then daily.consumed_quantity end) as tokens,
        sum(case when daily.consumed_unit = 'Hours' then daily.consumed_quantity end) as hours,
        sum(case when daily.consumed_unit = 'GPU-Hours' then daily.consumed_quantity end)
            as counted_gpu_hours
    from {{ ref('daily_costs') }} as daily
    inner join keys
        on
            daily.source_name = keys.source_name
            and daily.billing_period = keys.billing_period
            and daily.attribution_key = keys.attribution_key
    inner join {{ ref('key_attributions') }} as attributions
        on
            daily.source_name = attributions.source_name
            and daily.billing_period = attributions.billing_period
            and daily.attribution_key = attributions.attribution_key
            and cast(daily.charge_date as timestamp) >= attributions.valid_from
            and cast(daily.charge_date as timestamp) < attributions.valid_to
    left join {{ ref('daily_exchange_rates') }} as rates
        on
            keys.billing_currency = rates.billing_currency
            and daily.charge_date = rates.charge_date
    group by
        daily.source_name, daily.billing_period, daily.attribution_key, attributions.valid_from,
        keys.billing_currency

)

select
    sums.source_name,
    sums.billing_period,
    sums.attribution_key,
    sums.valid_from,
    sums.billing_currency,
    keys.billing_account_id,
    keys.sub_account_id,
    keys.service_category,
    keys.service_name,
    keys.charge_category,
    keys.commitment_discount_status,
    attributions.business_unit,
    attributions.cost_centre,
    attributions.team,
    attributions.project,
    attributions.owner_class,
    sums.charge_rows,
    sums.billed_cost,
    sums.effective_cost,
    sums.list_cost,
    sums.contracted_cost,
    {{ money('sums.reporting_effective_cost') }} as reporting_effective_cost,
    {{ quantity('sums.tokens') }} as tokens,
    -- NULL where the machine's accelerators are not known; 0 where it has none.
    {{ accelerator_hours(
        'attributions.accelerator_source', 'attributions.accelerator_count',
        'keys.host_provider_name', 'keys.sku_meter', 'sums.hours', 'sums.counted_gpu_hours'
    ) }} as gpu_hours
from sums
inner join keys
    on
        sums.source_name = keys.source_name
        and sums.billing_period = keys.billing_period
        and sums.attribution_key = keys.attribution_key
inner join {{ ref('key_attributions') }} as attributions
    on
        sums.source_name = attributions.source_name
        and sums.billing_period = attributions.billing_period
        and sums.attribution_key = attributions.attribution_key
        and sums.valid_from = attributions.valid_from
