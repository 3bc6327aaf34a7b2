-- One row per attribution key and day of what is billed under the name of a run's machine and
-- counts no hours of it (disks, data transfer), and run: its share, by what it held of the machine
-- that day. Rows of kind idle are what no run held.
{% set amounts = ['billed_cost', 'effective_cost', 'list_cost', 'contracted_cost'] %}
{% set key_day = 'source_name, billing_period, attribution_key, billing_currency, charge_date' %}
with held as (

    select
        parts.provider,
        parts.resource_key,
        cast(parts.hour_start as date) as charge_date,
        parts.run_source_name,
        parts.run_id,
        sum(cast(parts.share_ratio as double)) as hours_held
    from {{ ref('run_machine_parts') }} as parts
    group by
        parts.provider,
        parts.resource_key,
        cast(parts.hour_start as date),
        parts.run_source_name,
        parts.run_id

),

days as (

    select
        provider,
        resource_key,
        cast(hour_start as date) as charge_date,
        count(distinct hour_start) as hours_billed
    from {{ ref('run_machine_holds') }}
    group by provider, resource_key, cast(hour_start as date)

),

attached as (

    select
        resources.source_name,
        resources.billing_period,
        resources.attribution_key,
        resources.billing_currency,
        resources.provider,
        resources.resource_key,
        daily.charge_date,
        {%- for amount in amounts %}
        sum(daily.{{ amount }}) as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('billed_resources') }} as resources
    inner join (select distinct provider, resource_key from days) as machines
        on
            resources.provider = machines.provider
            and resources.resource_key = machines.resource_key
    inner join {{ ref('daily_costs') }} as daily
        on
            resources.source_name = daily.source_name
            and resources.billing_period = daily.billing_period
            and resources.attribution_key = daily.attribution_key
    left join (
        select distinct source_name, billing_period, attribution_key
        from {{ ref('machine_charges') }}
    ) as counted
        on
            resources.source_name = counted.source_name
            and resources.billing_period = counted.billing_period
            and resources.attribution_key = counted.attribution_key
    where counted.attribution_key is null and resources.resource_type is distinct from 'pod'
    group by
        resources.source_name,
        resources.billing_period,
        resources.attribution_key,
        resources.billing_currency,
        resources.provider,
        resources.resource_key,
        daily.charge_date

),

shares as (

    select
        attached.*,
        held.run_source_name,
        held.run_id,
        cast(round(held.hours_held / days.hours_billed, 12) as decimal(18, 12)) as share_ratio
    from attached
    inner join held
        on
            attached.provider = held.provider
            and attached.resource_key = held.resource_key
            and attached.charge_date = held.charge_date
    inner join days
        on
            attached.provider = days.provider
            and attached.resource_key = days.resource_key
            and attached.charge_date = days.charge_date

),

given as (

    select
        source_name,
        billing_period,
        attribution_key,
        billing_currency,
        charge_date,
        run_source_name,
        run_id,
        'run' as share_kind,
        {%- for amount in amounts %}
        {{ share_of(amount, 'share_ratio') }} as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}
    from shares

),

-- What the runs leave, rounding included, is nobody's.
rest as (

    select
        {{ key_day }},
        {%- for amount in amounts %}
        sum({{ amount }}) as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}
    from given
    group by {{ key_day }}

)

select * from given
union all
select
    attached.source_name,
    attached.billing_period,
    attached.attribution_key,
    attached.billing_currency,
    attached.charge_date,
    cast(null as string) as run_source_name,
    cast(null as string) as run_id,
    'idle' as share_kind,
    {%- for amount in amounts %}
    attached.{{ amount }} - coalesce(rest.{{ amount }}, 0) as {{ amount }}{{ ',' if not loop.last }}
    {%- endfor %}
from attached
left join rest
    on
        attached.source_name = rest.source_name
        and attached.billing_period = rest.billing_period
        and attached.attribution_key = rest.attribution_key
        and attached.charge_date = rest.charge_date
