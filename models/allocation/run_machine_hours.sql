-- One row per attribution key of a machine, hour, part of the hour that the same runs held, and run
-- that held it: its share of what the hour cost. Rows of kind idle are what no run held: with them
-- the hour adds up to its bill.
{% set amounts = ['billed_cost', 'effective_cost', 'list_cost', 'contracted_cost'] %}
{% set hours = ['machine_hours', 'accelerator_hours'] %}
{% set per_machine = 'provider, resource_key, hour_start' %}
{% set key_hour -%}
    source_name, billing_period, attribution_key, billing_currency, hour_start
{%- endset %}
with unheld as (

    select
        holds.provider,
        holds.resource_key,
        holds.hour_start,
        coalesce(max(shares.hour_seconds), max(3600 * holds.billed_hours)) as hour_seconds,
        cast(1 - coalesce(sum(shares.share_ratio), 0) as decimal(18, 12)) as share_ratio
    from (
        select distinct {{ per_machine }}, billed_hours from {{ ref('run_machine_holds') }}
    ) as holds
    left join {{ ref('run_machine_parts') }} as shares
        on
            holds.provider = shares.provider
            and holds.resource_key = shares.resource_key
            and holds.hour_start = shares.hour_start
    group by holds.provider, holds.resource_key, holds.hour_start

),

shares as (

    select * from {{ ref('run_machine_parts') }}
    union all
    select
        {{ per_machine }},
        cast(null as timestamp) as part_start,
        cast(null as timestamp) as part_end,
        cast(null as string) as run_source_name,
        cast(null as string) as run_id,
        'idle' as share_kind,
        cast(null as string) as waste_class,
        cast(share_ratio as double) * hour_seconds as seconds,
        hour_seconds,
        share_ratio
    from unheld
    -- Less than this is what rounding left: it goes to the largest share.
    where share_ratio > 0.000000001

),

ranked as (

    select
        *,
        row_number() over (
            partition by {{ per_machine }}
            order by share_ratio desc, share_kind, run_source_name, run_id, part_start
        ) = 1 as takes_remainder,
        -- A ratio that rounding left goes with the money.
        1 - sum(share_ratio) over (partition by {{ per_machine }}) as remainder
    from shares

),

shared as (

    select
        hours.source_name,
        hours.billing_period,
        hours.attribution_key,
        hours.billing_currency,
        hours.hour_start,
        hours.provider,
        hours.resource_key,
        shares.part_start,
        shares.part_end,
        shares.run_source_name,
        shares.run_id,
        shares.share_kind,
        shares.waste_class,
        shares.seconds,
        shares.share_ratio + case when shares.takes_remainder then shares.remainder else 0 end
            as share_ratio,
        shares.takes_remainder,
        {%- for column in amounts + hours %}
        hours.{{ column }} as whole_{{ column }},
        {%- endfor %}
        {%- for column in amounts %}
        {{ share_of('hours.' ~ column, 'shares.share_ratio') }} as {{ column }},
        {%- endfor %}
        {%- for column in hours %}
        {{ quantity(share_of('hours.' ~ column, 'shares.share_ratio')) }} as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('machine_hours') }} as hours
    inner join ranked as shares
        on
            hours.provider = shares.provider
            and hours.resource_key = shares.resource_key
            and hours.hour_start = shares.hour_start

)

select
    run_source_name,
    run_id,
    source_name,
    billing_period,
    attribution_key,
    billing_currency,
    provider,
    resource_key,
    hour_start,
    part_start,
    part_end,
    share_kind,
    waste_class,
    seconds,
    share_ratio,
    {%- for column in hours + amounts %}
    -- The largest share has what rounding leaves.
    {{ column }} + case
        when takes_remainder
            then whole_{{ column }} - sum({{ column }}) over (partition by {{ key_hour }})
        else 0
    end as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from shared
