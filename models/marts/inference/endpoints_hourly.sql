-- One row per source, billing period, currency, provider, serving machine, endpoint or provisioned
-- deployment and hour: cost, requests, how busy it was, spikes, idle and superfluous replicas.
{% set thing = ['source_name', 'billing_period', 'billing_currency', 'provider', 'resource_key'] %}
{% set counted = [
    'requests', 'failed_requests', 'input_tokens', 'output_tokens', 'cache_read_tokens',
    'cache_write_tokens'
] %}
{% set per_thing = 'provider, resource_key, billing_currency' %}
with hours as (

    select
        costs.*,
        coalesce(usage.model, costs.tagged_model) as model,
        {%- for column in counted %}
        usage.{{ column }},
        {%- endfor %}
        usage.provisioned_utilisation_ratio,
        usage.used_ratio,
        {{ ratio('usage.requests', 'costs.replicas') }} as requests_per_replica,
        {{ ratio('costs.effective_cost', 'usage.requests') }} as cost_per_request
    from {{ ref('serving_costs') }} as costs
    left join {{ ref('serving_usage') }} as usage
        on
            costs.provider = usage.provider
            and costs.resource_key = usage.resource_key
            and costs.hour_start = usage.hour_start

),

-- What is usual of an hour of the week; of the same hour of any day while weeks are few.
{% set weekly = per_thing ~ ', dayofweek(hour_start), hour(hour_start)' %}
{% set daily = per_thing ~ ', hour(hour_start)' %}
compared as (

    select
        *,
        {%- for measure in ['requests', 'effective_cost'] %}
        case
            when count({{ measure }}) over (partition by {{ weekly }})
                >= {{ inference_parameter('baseline_points') }}
                then median(cast({{ measure }} as double)) over (partition by {{ weekly }})
            when count({{ measure }}) over (partition by {{ daily }})
                >= {{ inference_parameter('baseline_points') }}
                then median(cast({{ measure }} as double)) over (partition by {{ daily }})
        end as usual_{{ measure }},
        {%- endfor %}
        max(requests_per_replica) over (partition by provider, resource_key)
            as busiest_requests,
        lag(replicas) over (partition by {{ per_thing }} order by hour_start) as replicas_before
    from hours

),

judged as (

    select
        *,
        case
            when provisioned_utilisation_ratio is not null then 'provisioned'
            when used_ratio is not null then 'accelerators'
            when requests_per_replica is not null and busiest_requests > 0 then 'busiest_hour'
        end as utilisation_basis,
        cast(coalesce(
            provisioned_utilisation_ratio,
            used_ratio,
            {{ ratio('requests_per_replica', 'busiest_requests') }}
        ) as double) as utilisation_ratio,
        requests >= {{ inference_parameter('spike_minimum_requests') }}
        and requests > {{ inference_parameter('spike_ratio') }} * usual_requests
            as is_request_spike,
        effective_cost >= {{ inference_parameter('spike_minimum_cost') }}
        and effective_cost > {{ inference_parameter('spike_ratio') }} * usual_effective_cost
            as is_cost_spike
    from compared

),

-- As many replicas as would be busy to the policy's target; what was busiest was served as it was.
needed as (

    select
        {{ per_thing }},
        hour_start,
        {{ quantity('greatest(replicas - greatest(1, ceil(round(cast(replicas as double)'
            ~ ' * utilisation_ratio / case utilisation_basis when \'busiest_hour\' then 1 else '
            ~ inference_parameter('target_utilisation') ~ ' end, 6))), 0)') }}
            as superfluous_replicas
    from judged
    where utilisation_ratio is not null

),

-- The first hour in which more replicas than before the spike are there.
scaled as (

    select
        spikes.{{ per_thing.replace(', ', ', spikes.') }},
        spikes.hour_start,
        min({{ seconds_between('spikes.hour_start', 'later.hour_start') }}) / 3600 as scaling_hours
    from judged as spikes
    inner join judged as later
        on
            spikes.provider = later.provider
            and spikes.resource_key = later.resource_key
            and spikes.billing_currency = later.billing_currency
            and later.hour_start >= spikes.hour_start
            and later.replicas > spikes.replicas_before
    where spikes.is_request_spike
    group by spikes.{{ per_thing.replace(', ', ', spikes.') }}, spikes.hour_start

)

select
    {% for column in thing %}judged.{{ column }},
    {% endfor -%}
    judged.hour_start,
    judged.serving_kind,
    judged.team,
    judged.project,
    judged.model,
    judged.instance_type,
    judged.accelerator_model,
    judged.replicas,
    judged.accelerator_hours,
    judged.billed_cost,
    judged.effective_cost,
    judged.list_cost,
    {%- for column in counted %}
    {{ quantity('judged.' ~ column) }} as {{ column }},
    {%- endfor %}
    round(judged.cost_per_request * 1000, 9) as cost_per_1000_requests,
    round(judged.utilisation_ratio, 6) as utilisation_ratio,
    judged.utilisation_basis,
    judged.usual_requests,
    round(judged.usual_effective_cost, 9) as usual_effective_cost,
    judged.is_request_spike,
    judged.is_cost_spike,
    case when scaled.scaling_hours <= {{ inference_parameter('scaling_hours') }}
        then cast(scaled.scaling_hours as double) end as scaling_lag_hours,
    {{ money('case when judged.requests = 0 then judged.effective_cost'
        ~ ' when judged.requests is not null then 0 end') }} as warm_idle_cost,
    needed.superfluous_replicas,
    {{ money('round(cast(judged.effective_cost as double) * '
        ~ ratio('needed.superfluous_replicas', 'judged.replicas') ~ ', 10)') }}
        as superfluous_cost
from judged
{%- for relation in ['needed', 'scaled'] %}
left join {{ relation }}
    on
        judged.provider = {{ relation }}.provider
        and judged.resource_key = {{ relation }}.resource_key
        and judged.billing_currency = {{ relation }}.billing_currency
        and judged.hour_start = {{ relation }}.hour_start
{%- endfor %}
