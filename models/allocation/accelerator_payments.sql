-- One row per month, provider, region, purchase option and accelerator: what was paid for hours of
-- machines with it, in the reporting currency. Hours that were bought in advance count when bought;
-- commitments that nobody used count in rates.unused_capacity.
with specs as (

    select *, count(*) over (partition by accelerator_model) as sizes
    from {{ ref('accelerator_specs') }}

),

hours as (

    select
        daily.charge_date,
        keys.*,
        daily.effective_cost,
        daily.list_cost,
        {{ accelerator_hours(
            'keys.accelerator_source', 'keys.accelerator_count', 'keys.host_provider_name',
            'keys.sku_meter',
            "case when daily.consumed_unit = 'Hours' then daily.consumed_quantity end",
            "case when daily.consumed_unit = 'GPU-Hours' then daily.consumed_quantity end"
        ) }} as accelerator_hours
    from {{ ref('daily_costs') }} as daily
    inner join {{ ref('rate_keys') }} as keys
        on
            daily.source_name = keys.source_name
            and daily.billing_period = keys.billing_period
            and daily.attribution_key = keys.attribution_key
    where
        keys.accelerator_source is not null
        and keys.price_class in ('on_demand', 'reserved', 'committed', 'spot')
        -- Refunds and markers of reserved hours count no use.
        and daily.list_cost <> 0
    union all
    select
        prepaid.charge_date,
        keys.*,
        prepaid.effective_cost,
        cast(null as decimal(38, 16)) as list_cost,
        {{ quantity(
            'cast(prepaid.bought_hours as decimal(26, 12))'
            ~ ' * cast(keys.accelerator_count as decimal(11, 0))'
        ) }} as accelerator_hours
    from {{ ref('prepaid_capacity') }} as prepaid
    inner join {{ ref('rate_keys') }} as keys
        on
            prepaid.source_name = keys.source_name
            and prepaid.billing_period = keys.billing_period
            and prepaid.attribution_key = keys.attribution_key
    where keys.accelerator_source is not null

),

named as (

    select
        *,
        cast({{ dbt.date_trunc('month', 'charge_date') }} as date) as usage_month,
        case
            when provider = 'on_prem' then 'on_prem'
            when price_class = 'prepaid_fee' then 'prepaid'
            else price_class
        end as purchase_option,
        {{ accelerator_base_name('accelerator_model') }} as base_name,
        {{ accelerator_whole_memory(
            'accelerator_model', 'accelerator_memory_gib', 'accelerator_count'
        ) }} as whole_memory_gib
    from hours

)

select
    named.usage_month,
    named.provider,
    named.region_id,
    named.purchase_option,
    coalesce(specs.accelerator_model, named.base_name) as accelerator_model,
    coalesce(specs.memory_gib, named.whole_memory_gib) as memory_gib,
    specs.dense_16bit_tflops,
    specs.has_bf16,
    rates.reporting_currency,
    min(named.instance_type) as instance_type,
    cast(count(distinct named.instance_type) as bigint) as instance_types,
    {{ quantity('sum(named.accelerator_hours)') }} as accelerator_hours,
    -- Of what has no exchange rate in part, the whole has none.
    case when count(rates.exchange_rate) = count(*)
        then {{ money('sum(' ~ converted('named.effective_cost', 'rates.exchange_rate') ~ ')') }}
    end as reporting_effective_cost,
    case when count(rates.exchange_rate) = count(*) and count(named.list_cost) = count(*)
        then {{ money('sum(' ~ converted('named.list_cost', 'rates.exchange_rate') ~ ')') }}
    end as reporting_list_cost
from named
left join specs on {{ is_spec_of('specs', 'named.base_name', 'named.whole_memory_gib') }}
left join {{ ref('daily_exchange_rates') }} as rates
    on
        named.billing_currency = rates.billing_currency
        and named.charge_date = rates.charge_date
group by
    named.usage_month,
    named.provider,
    named.region_id,
    named.purchase_option,
    coalesce(specs.accelerator_model, named.base_name),
    coalesce(specs.memory_gib, named.whole_memory_gib),
    specs.dense_16bit_tflops,
    specs.has_bf16,
    rates.reporting_currency
