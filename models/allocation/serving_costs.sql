-- One row per source, billing period, currency, provider, serving machine, endpoint or provisioned
-- deployment and hour: what it cost, without what runs held of it.
{% set thing = ['source_name', 'billing_period', 'billing_currency', 'provider', 'resource_key'] %}
{% set costs = ['billed_cost', 'effective_cost', 'list_cost'] %}
with asked as (

    select distinct provider, resource_key from {{ ref('usage_hours') }}
    where resource_key is not null and evidence_kind in ('server_metrics', 'endpoint_metrics')

),

runs as (

    select
        source_name,
        billing_period,
        attribution_key,
        hour_start,
        billing_currency,
        {%- for column in costs %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('run_machine_hours') }}
    where share_kind = 'run'
    group by source_name, billing_period, attribution_key, hour_start, billing_currency

),

owned as (

    select
        attributions.*,
        keys.billing_currency,
        keys.service_category,
        keys.x_instance_type
    from {{ ref('key_attributions') }} as attributions
    inner join {{ ref('attribution_keys') }} as keys
        on
            attributions.source_name = keys.source_name
            and attributions.billing_period = keys.billing_period
            and attributions.attribution_key = keys.attribution_key

),

-- Capacity that is paid by the hour: the bill of a day is spread over its hours.
provisioned as (

    select
        daily.source_name,
        daily.billing_period,
        daily.attribution_key,
        {{ hours_later('cast(daily.charge_date as timestamp)', 'copies.hour_number') }}
            as hour_start,
        charges.billing_currency,
        charges.provider,
        {{ resource_key('charges.provider', 'charges.resource_id') }} as resource_key,
        {{ quantity(ratio('daily.consumed_quantity', '24')) }} as machine_hours,
        {%- for column in costs %}
        case
            when copies.hour_number > 0 then {{ money(ratio('daily.' ~ column, '24')) }}
            -- The first hour has what division leaves.
            else daily.{{ column }} - 23 * {{ money(ratio('daily.' ~ column, '24')) }}
        end as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('daily_costs') }} as daily
    inner join {{ ref('model_charges') }} as charges
        on
            daily.source_name = charges.source_name
            and daily.billing_period = charges.billing_period
            and daily.attribution_key = charges.attribution_key
    {{ numbered_copies('24', 'copies', 'hour_number') }}
    where
        charges.ruled_class = 'provisioned_throughput'
        and charges.resource_id is not null
        and daily.consumed_unit = 'Hours'

),

hours as (

    select
        machines.source_name,
        machines.billing_period,
        machines.attribution_key,
        machines.hour_start,
        machines.billing_currency,
        machines.provider,
        machines.resource_key,
        machines.machine_hours,
        machines.accelerator_hours,
        asked.resource_key is not null as is_asked,
        false as is_provisioned,
        {%- for column in costs %}
        machines.{{ column }} - coalesce(runs.{{ column }}, 0) as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('machine_hours') }} as machines
    left join asked
        on machines.provider = asked.provider and machines.resource_key = asked.resource_key
    left join runs
        on
            machines.source_name = runs.source_name
            and machines.billing_period = runs.billing_period
            and machines.attribution_key = runs.attribution_key
            and machines.hour_start = runs.hour_start
    union all
    select
        source_name, billing_period, attribution_key, hour_start, billing_currency, provider,
        resource_key, machine_hours, cast(null as decimal(38, 12)) as accelerator_hours,
        false as is_asked, true as is_provisioned, {{ costs | join(', ') }}
    from provisioned

)

select
    {% for column in thing %}hours.{{ column }},
    {% endfor -%}
    hours.hour_start,
    max(case
        when hours.is_provisioned then 'provisioned'
        when owned.service_category = 'AI and Machine Learning' then 'managed_endpoint'
        else 'self_hosted'
    end) as serving_kind,
    case when min(coalesce(owned.team, '')) = max(coalesce(owned.team, ''))
        then min(owned.team) end as team,
    case when min(coalesce(owned.project, '')) = max(coalesce(owned.project, ''))
        then min(owned.project) end as project,
    case when min(coalesce(owned.model, '')) = max(coalesce(owned.model, ''))
        then min(owned.model) end as tagged_model,
    max(owned.x_instance_type) as instance_type,
    max(owned.accelerator_model) as accelerator_model,
    -- Google Cloud bills a machine by its parts; its accelerators tell how many machines.
    {{ quantity('coalesce(' ~ ratio('sum(hours.accelerator_hours)', 'max(owned.accelerator_count)')
        ~ ', cast(sum(hours.machine_hours) as double))') }} as replicas,
    {{ quantity('sum(hours.accelerator_hours)') }} as accelerator_hours,
    {%- for column in costs %}
    {{ money('sum(hours.' ~ column ~ ')') }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from hours
inner join owned
    on
        hours.source_name = owned.source_name
        and hours.billing_period = owned.billing_period
        and hours.attribution_key = owned.attribution_key
        and {{ day_start('hours.hour_start') }} >= owned.valid_from
        and {{ day_start('hours.hour_start') }} < owned.valid_to
where hours.is_provisioned or hours.is_asked or owned.workload_phase = 'inference'
group by
    {% for column in thing %}hours.{{ column }}, {% endfor %}
    hours.hour_start
