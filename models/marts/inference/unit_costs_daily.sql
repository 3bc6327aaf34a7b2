-- One row per day, source, billing period, currency, provider, kind, what served, deployment, model
-- and request class: what a thousand requests and a million tokens cost, as billed and as used.
{% set day = ['charge_date', 'source_name', 'billing_period', 'billing_currency', 'provider'] %}
{% set unit = day + ['serving_kind', 'served_by', 'unit_model'] %}
{% set amounts = ['billed_cost', 'effective_cost', 'used_cost', 'judged_cost'] %}
{% set weighed = ['told_tokens', 'output_tokens', 'token_weight'] %}
{% set whole = unit | join(', ') %}
{% set owners -%}
    {%- for owner in ['team', 'project'] -%}
    case when min(coalesce({{ owner }}, '')) = max(coalesce({{ owner }}, ''))
        then min({{ owner }}) end as {{ owner }},
    {% endfor %}
{%- endset %}
with units as (

    select
        {{ day | join(', ') }},
        'api' as serving_kind,
        coalesce({{ resource_key('provider', 'resource_id') }}, sub_account_id, '') as served_by,
        model as unit_model,
        model as known_model,
        {{ owners }}
        sum(tokens) as tokens,
        sum(case when token_class = 'output' then tokens end) as written_tokens,
        {%- for column, condition in [
            ('read_price', "token_class <> 'output' and tokens <> 0"),
            ('written_price', "token_class = 'output' and tokens <> 0"),
        ] %}
        1000000 * {{ ratio(
            'sum(case when ' ~ condition ~ ' then effective_cost end)',
            'sum(case when ' ~ condition ~ ' then tokens end)'
        ) }} as {{ column }},
        {%- endfor %}
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        -- Nobody pays an API for waiting.
        sum(effective_cost) as used_cost,
        sum(effective_cost) as judged_cost
    from {{ ref('token_costs_daily') }}
    where
        token_class <> 'training'
        -- Deployments that are paid by the hour are endpoints.
        and not (
            token_class = 'provisioned_throughput'
            and resource_id is not null
            and consumed_unit is not distinct from 'Hours'
        )
    group by {{ day | join(', ') }}, served_by, model
    union all
    select
        cast(hour_start as date) as charge_date,
        {{ day[1:] | join(', ') }},
        serving_kind,
        resource_key as served_by,
        '' as unit_model,
        case when min(model) = max(model) then min(model) end as known_model,
        {{ owners }}
        cast(null as decimal(38, 12)) as tokens,
        cast(null as decimal(38, 12)) as written_tokens,
        cast(null as double) as read_price,
        cast(null as double) as written_price,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        sum({{ money('round(cast(effective_cost as double) * utilisation_ratio, 10)') }})
            as used_cost,
        sum(case when utilisation_ratio is not null then effective_cost end) as judged_cost
    from {{ ref('endpoints_hourly') }}
    group by cast(hour_start as date), {{ day[1:] | join(', ') }}, serving_kind, resource_key

),

-- Shared by weighted tokens where all parts tell them, else by requests, else evenly.
shares as (

    select
        {% for column in unit %}units.{{ column }}, {% endfor %}
        {% for column in ['team', 'project', 'read_price', 'written_price'] -%}
        units.{{ column }},
        {% endfor -%}
        {%- for amount in amounts %}
        {{ money('units.' ~ amount) }} as {{ amount }},
        {%- endfor %}
        {{ quantity('units.tokens') }} as tokens,
        {{ quantity('units.written_tokens') }} as written_tokens,
        coalesce(usage.model, units.known_model) as model,
        {% for column in ['deployment_name', 'request_class', 'requests'] + weighed -%}
        usage.{{ column }},
        {% endfor -%}
        row_number() over (
            partition by units.{{ unit | join(', units.') }}
            order by usage.token_weight desc, usage.requests desc, usage.deployment_name,
                usage.model, usage.request_class
        ) as place,
        cast(coalesce(
            case when count(usage.told_tokens) over parts = count(*) over parts
                then {{ ratio('usage.token_weight', 'sum(usage.token_weight) over parts') }} end,
            {{ ratio('usage.requests', 'sum(usage.requests) over parts') }},
            {{ ratio('1', 'count(*) over parts') }}
        ) as decimal(13, 12)) as share
    from units
    left join {{ ref('model_usage_daily') }} as usage
        on
            units.provider = usage.provider
            and units.served_by = usage.served_by
            and units.charge_date = usage.charge_date
            and (units.serving_kind = 'provisioned') = usage.is_provisioned
            and (units.serving_kind <> 'api' or units.unit_model = usage.model)
    window parts as (partition by units.{{ unit | join(', units.') }})

),

parted as (

    select
        *,
        {%- for amount in amounts %}
        {{ shared_out(amount, 'share', 'place', whole, 'money') }} as part_{{ amount }},
        {%- endfor %}
        case when serving_kind = 'api'
            then {{ shared_out('tokens', 'share', 'place', whole, 'quantity') }}
            else told_tokens end as part_tokens,
        case when serving_kind = 'api'
            then {{ shared_out('written_tokens', 'share', 'place', whole, 'quantity') }}
            else output_tokens end as part_output,
        -- Of the cost of a machine, written tokens bear their weight.
        {{ ratio('output_tokens * ' ~ inference_parameter('output_weight'), 'token_weight') }}
            as output_share
    from shares

)

select
    {{ day | join(',\n    ') }},
    serving_kind,
    nullif(served_by, '') as served_by,
    deployment_name,
    team,
    project,
    model,
    request_class,
    {% for amount in amounts[:3] %}{{ money('part_' ~ amount) }} as {{ amount }},
    {% endfor -%}
    {{ quantity('requests') }} as requests,
    {{ quantity('part_tokens') }} as tokens,
    {{ quantity('part_output') }} as output_tokens,
    {%- for name, cost in [('', 'part_effective_cost'), ('used_', 'part_used_cost')] %}
    round(1000 * {{ ratio(cost, 'requests') }}, 9) as {{ name }}cost_per_1000_requests,
    round(1000000 * {{ ratio(cost, 'part_tokens') }}, 9) as {{ name }}cost_per_million,
    {%- endfor %}
    round(case when serving_kind = 'api' then read_price else 1000000 * {{ ratio(
        'part_effective_cost * (1 - coalesce(output_share, 0))',
        'part_tokens - coalesce(part_output, 0)'
    ) }} end, 9) as input_cost_per_million,
    round(case when serving_kind = 'api' then written_price else 1000000 * {{ ratio(
        'part_effective_cost * output_share', 'part_output'
    ) }} end, 9) as output_cost_per_million,
    case when serving_kind = 'api' then 'bill' when token_weight > 0 then 'policy' end
        as split_basis,
    round({{ ratio('part_used_cost', 'part_judged_cost') }}, 6) as utilisation_ratio
from parted
