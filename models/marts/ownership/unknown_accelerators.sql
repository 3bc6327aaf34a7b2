-- One row per billing period, currency, source and machine type whose accelerators are not known:
-- add it to the seed accelerators. Most expensive first.
select
    machines.billing_period,
    keys.billing_currency,
    machines.source_name,
    machines.instance_type,
    cast(max(machines.accelerator_count) as decimal(18, 6)) as gpu_count,
    cast(sum(keys.charge_rows) as bigint) as charge_rows,
    {{ money('sum(keys.effective_cost)') }} as effective_cost
from {{ ref('key_accelerators') }} as machines
inner join {{ ref('attribution_keys') }} as keys
    on
        machines.source_name = keys.source_name
        and machines.billing_period = keys.billing_period
        and machines.attribution_key = keys.attribution_key
where machines.accelerator_source = 'unknown'
group by
    machines.billing_period,
    keys.billing_currency,
    machines.source_name,
    machines.instance_type
order by effective_cost desc
