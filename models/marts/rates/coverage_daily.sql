-- One row per day, source, billing period, currency, provider, account, service, region, machine
-- family, accelerator model and team: what was paid on demand, under commitments, as spot and in
-- reserved capacity, of all that could have been committed.
{% set who = [
    'provider', 'sub_account_id', 'service_name', 'region_id', 'machine_family',
    'accelerator_model', 'team'
] %}
with charged as (

    select
        keys.*,
        daily.charge_date,
        daily.effective_cost,
        daily.list_cost,
        attributions.team,
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
    left join {{ ref('key_attributions') }} as attributions
        on
            daily.source_name = attributions.source_name
            and daily.billing_period = attributions.billing_period
            and daily.attribution_key = attributions.attribution_key
            and cast(daily.charge_date as timestamp) >= attributions.valid_from
            and cast(daily.charge_date as timestamp) < attributions.valid_to
    where keys.is_in_coverage

),

summed as (

    select
        charge_date,
        source_name,
        billing_period,
        billing_currency,
        {{ who | join(',\n        ') }},
        min(programmes) as programmes,
        sum(effective_cost) as effective_cost,
        {%- for price_class in [
            'on_demand', 'committed', 'spot', 'reserved', 'reserved_unused', 'no_list_price'
        ] %}
        sum(case when price_class = '{{ price_class }}' then effective_cost else 0 end)
            as {{ price_class }}_cost,
        {%- endfor %}
        sum(case when price_class in ('prepaid', 'prepaid_fee') then effective_cost else 0 end)
            as prepaid_cost,
        sum(case when eligibility = 'eligible' then list_cost else 0 end) as eligible_list_cost,
        sum(case when price_class = 'committed' then list_cost else 0 end) as committed_list_cost,
        sum(case
            when eligibility = 'eligible' and price_class <> 'committed' then effective_cost
            else 0
        end) as uncovered_cost,
        sum(case when eligibility = 'unknown' then effective_cost else 0 end)
            as unknown_eligibility_cost,
        sum(case when eligibility = 'eligible' then accelerator_hours end)
            as eligible_accelerator_hours,
        sum(case when price_class = 'committed' then accelerator_hours end)
            as committed_accelerator_hours
    from charged
    group by
        charge_date,
        source_name,
        billing_period,
        billing_currency,
        {{ who | join(',\n        ') }}

)

select
    charge_date,
    source_name,
    billing_period,
    billing_currency,
    {{ who | join(',\n    ') }},
    {{ money('effective_cost') }} as effective_cost,
    {{ money('on_demand_cost') }} as on_demand_cost,
    {{ money('committed_cost') }} as committed_cost,
    {{ money('spot_cost') }} as spot_cost,
    {{ money('reserved_cost') }} as reserved_capacity_cost,
    {{ money('reserved_unused_cost') }} as reserved_capacity_unused_cost,
    {{ money('prepaid_cost') }} as prepaid_cost,
    {{ money('no_list_price_cost') }} as without_list_price_cost,
    programmes,
    {{ money('eligible_list_cost') }} as eligible_list_cost,
    {{ money('committed_list_cost') }} as committed_list_cost,
    -- Of a day that only takes back what another charged nothing is covered.
    case
        when eligible_list_cost > 0
            then round({{ ratio('committed_list_cost', 'eligible_list_cost') }}, 9)
    end as coverage_ratio,
    {{ money('uncovered_cost') }} as uncovered_cost,
    {{ money('unknown_eligibility_cost') }} as unknown_eligibility_cost,
    {{ quantity('eligible_accelerator_hours') }} as eligible_accelerator_hours,
    {{ quantity('coalesce(committed_accelerator_hours, 0)') }} as committed_accelerator_hours
from summed
