-- One row per day of charge, source, billing period, currency, provider, billing account, sub
-- account, service category, team, AI spend or not, and governed key: what was charged, what of it
-- could carry the key, and who says what its value is.
{% set known = ['bill_tag', 'inventory_tag', 'parent', 'virtual_tag', 'default_owner'] %}
{% set unknown = ['conflict', 'unknown_value', 'untagged'] %}
{% set measures = {
    'total': known + unknown + ['untaggable'],
    'taggable': known + unknown,
    'covered': known,
} %}
{% for state in known + unknown %}
{% do measures.update({state: [state]}) %}
{% endfor %}
{% set dimensions = [
    'charge_date', 'source_name', 'billing_period', 'billing_currency', 'provider',
    'billing_account_id', 'sub_account_id', 'service_category', 'team', 'is_ai_spend',
    'governed_key',
] %}

with keyed as (

    select * from {{ ref('coverage_keys') }}

),

-- What tokens cost in which direction does not matter here.
days as (

    select
        daily.source_name,
        daily.billing_period,
        daily.attribution_key,
        keyed.valid_from,
        daily.charge_date,
        sum(daily.charge_rows) as charge_rows,
        sum(daily.billed_cost) as billed_cost,
        sum(daily.effective_cost) as effective_cost
    from {{ ref('daily_costs') }} as daily
    inner join keyed
        on
            daily.source_name = keyed.source_name
            and daily.billing_period = keyed.billing_period
            and daily.attribution_key = keyed.attribution_key
            and cast(daily.charge_date as timestamp) >= keyed.valid_from
            and cast(daily.charge_date as timestamp) < keyed.valid_to
    group by
        daily.source_name, daily.billing_period, daily.attribution_key, keyed.valid_from,
        daily.charge_date, keyed.billing_currency

),

-- Resources first: counting different ones of each state at once costs ten times as much.
resource_days as (

    select
        days.charge_date,
        keyed.source_name,
        keyed.billing_period,
        keyed.billing_currency,
        keyed.provider,
        keyed.billing_account_id,
        keyed.sub_account_id,
        keyed.service_category,
        keyed.team,
        keyed.is_ai_spend,
        states.governed_key,
        keyed.resource_id,
        {%- for state in measures.total %}
        sum(case when states.tag_state = '{{ state }}' then days.effective_cost else 0 end)
            as {{ state }}_effective_cost,
        sum(case when states.tag_state = '{{ state }}' then days.billed_cost else 0 end)
            as {{ state }}_billed_cost,
        max(case
            when states.tag_state = '{{ state }}' and keyed.resource_id is not null then 1 else 0
        end) as {{ state }}_resources,
        {%- endfor %}
        sum(days.charge_rows) as charge_rows
    from days
    inner join keyed
        on
            days.source_name = keyed.source_name
            and days.billing_period = keyed.billing_period
            and days.attribution_key = keyed.attribution_key
            and days.valid_from = keyed.valid_from
    inner join {{ ref('tag_states') }} as states
        on
            days.source_name = states.source_name
            and days.billing_period = states.billing_period
            and days.attribution_key = states.attribution_key
            and days.valid_from = states.valid_from
    group by
        days.charge_date, keyed.source_name, keyed.billing_period, keyed.billing_currency,
        keyed.provider, keyed.billing_account_id, keyed.sub_account_id, keyed.service_category,
        keyed.team, keyed.is_ai_spend, states.governed_key, keyed.resource_id

)

select
    {%- for column in dimensions %}
    {{ column }},
    {%- endfor %}
    {%- for measure, states in measures.items() %}
    {{ money('sum(' ~ states | join('_effective_cost + ') ~ '_effective_cost)') }}
        as {{ measure }}_effective_cost,
    {{ money('sum(' ~ states | join('_billed_cost + ') ~ '_billed_cost)') }}
        as {{ measure }}_billed_cost,
    cast(sum(greatest(0, {{ states | join('_resources, ') }}_resources)) as bigint)
        as {{ measure }}_resources,
    {%- endfor %}
    cast(sum(charge_rows) as bigint) as charge_rows
from resource_days
group by {{ dimensions | join(', ') }}
