-- One row per day, source, billing period, currency, accounts, service, owner, environment,
-- workload phase and class: what was charged on the day, before shared costs are shared.
{% set place = ['billing_currency', 'billing_account_id', 'sub_account_id', 'service_category',
    'service_name'] %}
{% set owner = ['business_unit', 'cost_centre', 'team', 'project', 'environment',
    'workload_phase', 'owner_class'] %}

with keys as (

    select source_name, billing_period, attribution_key, {{ place | join(', ') }}
    from {{ ref('attribution_keys') }}

),

attributions as (

    select
        source_name, billing_period, attribution_key, valid_from, valid_to,
        {{ owner | join(', ') }}
    from {{ ref('key_attributions') }}

)

select
    daily.charge_date,
    daily.source_name,
    daily.billing_period,
    {%- for column in place %}
    keys.{{ column }},
    {%- endfor %}
    {%- for column in owner %}
    attributions.{{ column }},
    {%- endfor %}
    cast(sum(daily.charge_rows) as bigint) as charge_rows,
    {{ money('sum(daily.billed_cost)') }} as billed_cost,
    {{ money('sum(daily.effective_cost)') }} as effective_cost,
    {{ money('sum(daily.list_cost)') }} as list_cost,
    {{ money('sum(daily.contracted_cost)') }} as contracted_cost,
    -- One currency and day have one rate, so it is known for all of the row or for nothing of it.
    {{ converted('sum(daily.effective_cost)', 'max(rates.exchange_rate)') }}
        as reporting_effective_cost
from {{ ref('daily_costs') }} as daily
inner join keys
    on
        daily.source_name = keys.source_name
        and daily.billing_period = keys.billing_period
        and daily.attribution_key = keys.attribution_key
inner join attributions
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
    daily.charge_date, daily.source_name, daily.billing_period,
    {%- for column in place %}
    keys.{{ column }},
    {%- endfor %}
    {%- for column in owner %}
    attributions.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
