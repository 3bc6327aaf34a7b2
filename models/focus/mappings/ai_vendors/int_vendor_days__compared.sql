{% set dimensions = [
    'group_id', 'credential_id', 'service_tier', 'context_window', 'inference_geo'
] %}

-- One row per source, billing account and day of AI vendor cost: what it can be compared by with
-- the usage of that day. Vendors group both exports as they are asked to, so that a key may be
-- missing in one of them: an export has it on a day on which some row names a value.
with charges as (

    select * from {{ ref('int_vendor_charges__gathered') }}

),

usage as (

    select * from {{ ref('int_vendor_usage__gathered') }}

),

charge_days as (

    select
        provider,
        source_name,
        billing_period,
        account_id,
        cast(started_at as date) as charge_date
        {%- for dimension in dimensions %},
        count({{ dimension }}) > 0 as has_{{ dimension }}
        {%- endfor %}
    from charges
    group by provider, source_name, billing_period, account_id, cast(started_at as date)

),

usage_days as (

    select
        provider,
        billing_period,
        account_id,
        usage_date
        {%- for dimension in dimensions %},
        count({{ dimension }}) > 0 as has_{{ dimension }}
        {%- endfor %}
    from usage
    group by provider, billing_period, account_id, usage_date

)

select
    charge_days.provider,
    charge_days.source_name,
    charge_days.billing_period,
    charge_days.account_id,
    charge_days.charge_date,
    charge_days.has_group_id as names_groups,
    usage_days.usage_date is not null as has_usage
    {%- for dimension in dimensions %},
    coalesce(charge_days.has_{{ dimension }} and usage_days.has_{{ dimension }}, false)
        as by_{{ dimension }}
    {%- endfor %}
from charge_days
left join usage_days
    on
        charge_days.provider = usage_days.provider
        and charge_days.billing_period = usage_days.billing_period
        and charge_days.account_id = usage_days.account_id
        and charge_days.charge_date = usage_days.usage_date
