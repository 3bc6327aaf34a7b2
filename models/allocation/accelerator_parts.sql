-- One row per source, billing period, attribution key, hour and accelerator, MIG slice or rest of
-- the machine: what part of the accelerator-hours of the key it is. Where the bill parts a machine
-- among pods, accelerators that a pod held are those of its key, and the others of the other keys.
{%- set key_hour = 'source_name, billing_period, attribution_key, hour_start' %}
{%- set machine_hour = 'provider, resource_key, hour_start' %}
with charged as (

    select
        charges.source_name,
        charges.billing_period,
        charges.attribution_key,
        charges.hour_start,
        charges.provider,
        charges.resource_key,
        keys.capacity_reservation_status = 'Unused' as is_empty_reservation,
        case
            when keys.allocated_resource_id is not null
                then split_part(resources.resource_key, '/', -1)
        end as pod_name
    from {{ ref('accelerator_charges') }} as charges
    inner join {{ ref('attribution_keys') }} as keys
        on
            charges.source_name = keys.source_name
            and charges.billing_period = keys.billing_period
            and charges.attribution_key = keys.attribution_key
    inner join {{ ref('billed_resources') }} as resources
        on
            charges.source_name = resources.source_name
            and charges.billing_period = resources.billing_period
            and charges.attribution_key = resources.attribution_key

),

-- Where nobody tells anything of a machine-hour it stays one row.
paired as (

    select
        charged.*,
        coalesce(states.device_id, '') as device_id,
        states.held_told_by,
        coalesce(states.machine_share, 1) as machine_share,
        {%- for state in ['used', 'idle_held', 'idle_free'] %}
        case when charged.is_empty_reservation then 0 else coalesce(states.{{ state }}_part, 0) end
            as {{ state }}_part,
        {%- endfor %}
        -- A reservation in which no machine runs is held by nobody.
        case when charged.is_empty_reservation then 1 else coalesce(states.unallocated_part, 0) end
            as unallocated_part,
        case when charged.pod_name = states.pod_name then 1 else 0 end as is_own
    from charged
    left join {{ ref('accelerator_states') }} as states
        on
            charged.provider = states.provider
            and charged.resource_key = states.resource_key
            and charged.hour_start = states.hour_start

),

claimed as (

    select
        *,
        max(is_own) over (partition by {{ key_hour }}) as key_has_own,
        max(is_own) over (partition by {{ machine_hour }}, device_id) as is_taken
    from paired

),

offered as (

    select
        *,
        min(is_taken) over (partition by {{ machine_hour }}) as all_are_taken
    from claimed

)

select
    {{ key_hour }},
    device_id,
    held_told_by,
    {%- for state in accelerator_states() if state != 'unknown' %}
    cast({{ state }}_part as decimal(10, 9)) as {{ state }}_part,
    {%- endfor %}
    cast(greatest(
        0, 1 - used_part - idle_held_part - idle_free_part - unallocated_part
    ) as decimal(10, 9)) as unknown_part,
    cast({{ ratio(
        'machine_share', 'sum(machine_share) over (partition by ' ~ key_hour ~ ')'
    ) }} as decimal(13, 12)) as key_share,
    row_number() over (
        partition by {{ key_hour }} order by machine_share desc, device_id
    ) as place
from offered
where is_own = 1 or (key_has_own = 0 and is_taken <= all_are_taken)
