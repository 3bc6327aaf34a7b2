-- One row per day of charge, source, billing period, currency, provider, billing account, sub
-- account, service category, team, AI spend or not, and governed key: what was charged, what of it
-- could carry the key, and who says what its value is.
{% set known = ['bill_tag', 'inventory_tag', 'parent', 'virtual_tag', 'default_owner'] %}
{% set unknown = ['conflict', 'unknown_value', 'untagged'] %}
{% set measures = {
    'total': 'true',
    'taggable': "tag_state <> 'untaggable'",
    'covered': "tag_state in ('" ~ known | join("', '") ~ "')",
} %}
{% for state in known + unknown %}
{% do measures.update({state: "tag_state = '" ~ state ~ "'"}) %}
{% endfor %}

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

)

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
    {%- for measure, holds in measures.items() %}
    {{ money('sum(case when ' ~ holds ~ ' then days.effective_cost else 0 end)') }}
        as {{ measure }}_effective_cost,
    {{ money('sum(case when ' ~ holds ~ ' then days.billed_cost else 0 end)') }}
        as {{ measure }}_billed_cost,
    count(distinct case when {{ holds }} then keyed.resource_id end) as {{ measure }}_resources,
    {%- endfor %}
    cast(sum(days.charge_rows) as bigint) as charge_rows
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
    states.governed_key
