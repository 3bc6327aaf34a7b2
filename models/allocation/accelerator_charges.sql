-- One row per source, billing period, attribution key and hour that bills accelerators: how many
-- hours, and what the machine cost in it. What else is billed of the machine in that hour (Google
-- Cloud bills cores and memory alone) goes to its accelerators by their hours.
with hours as (

    select
        hours.source_name,
        hours.billing_period,
        hours.attribution_key,
        hours.hour_start,
        hours.provider,
        hours.resource_key,
        hours.billing_currency,
        accelerators.accelerator_model,
        accelerators.accelerator_count,
        hours.accelerator_hours,
        hours.billed_cost,
        hours.effective_cost,
        hours.list_cost,
        -- Corrections count less than nothing. Where nothing counts accelerators, what is there
        -- stands for itself.
        coalesce(hours.accelerator_hours, 1) <> 0
        or max(case when hours.accelerator_hours = 0 then 0 else 1 end) over machine_hour = 0
            as is_counted
    from {{ ref('machine_hours') }} as hours
    inner join {{ ref('key_accelerators') }} as accelerators
        on
            hours.source_name = accelerators.source_name
            and hours.billing_period = accelerators.billing_period
            and hours.attribution_key = accelerators.attribution_key
    window machine_hour as (
        partition by
            hours.source_name, hours.billing_period, hours.billing_currency, hours.provider,
            hours.resource_key, hours.hour_start
    )

),

-- Few machine-hours have something to hand on; only those are joined.
companions as (

    select
        source_name,
        billing_period,
        billing_currency,
        provider,
        resource_key,
        hour_start,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        sum(list_cost) as list_cost
    from hours
    where not is_counted
    group by source_name, billing_period, billing_currency, provider, resource_key, hour_start

),

shares as (

    select
        hours.*,
        companions.billed_cost as companion_billed_cost,
        companions.effective_cost as companion_effective_cost,
        companions.list_cost as companion_list_cost,
        row_number() over (
            machine_hour order by hours.accelerator_hours desc, hours.attribution_key
        ) as rank_in_hour,
        cast(coalesce({{ ratio(
            'hours.accelerator_hours', 'sum(hours.accelerator_hours) over machine_hour'
        ) }}, 1) as decimal(13, 12)) as share
    from hours
    left join companions
        on
            hours.source_name = companions.source_name
            and hours.billing_period = companions.billing_period
            and hours.billing_currency = companions.billing_currency
            and hours.provider = companions.provider
            and hours.resource_key = companions.resource_key
            and hours.hour_start = companions.hour_start
    where hours.is_counted
    window machine_hour as (
        partition by
            hours.source_name, hours.billing_period, hours.billing_currency, hours.provider,
            hours.resource_key, hours.hour_start
    )

)

select
    source_name,
    billing_period,
    attribution_key,
    hour_start,
    provider,
    resource_key,
    billing_currency,
    accelerator_model,
    accelerator_count,
    accelerator_hours
    {%- for column in ['billed_cost', 'effective_cost', 'list_cost'] %},
    {{ money(
        column ~ ' + coalesce(' ~ shared_out(
            'companion_' ~ column, 'share', 'rank_in_hour',
            'source_name, billing_period, billing_currency, provider, resource_key, hour_start',
            'money'
        ) ~ ', 0)'
    ) }} as {{ column }}
    {%- endfor %}
from shares
