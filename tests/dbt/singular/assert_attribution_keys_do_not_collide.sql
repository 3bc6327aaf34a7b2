-- Fails with each key of a changed period whose charges differ in something that rules may look at.
-- Rules answer for one of them, so the others would get an owner that is not theirs.
with queued as (

    select distinct source_name, billing_period
    from {{ source('raw_ops', 'rebuild_queue') }}

),

keys as (

    select attribution_keys.*
    from {{ ref('attribution_keys') }} as attribution_keys
    inner join queued
        on
            attribution_keys.source_name = queued.source_name
            and attribution_keys.billing_period = queued.billing_period

)

select
    keys.source_name,
    keys.billing_period,
    keys.attribution_key,
    count(*) as different_charges
from {{ ref('cost_and_usage') }} as charges
inner join keys
    on
        charges.x_source_name = keys.source_name
        and charges.x_billing_period = keys.billing_period
        and charges.x_attribution_key = keys.attribution_key
where
    {%- for column in attribution_columns() %}
    {%- if column in attribution_maps() %}
    {{ 'or ' if not loop.first }}{{ map_key('charges.' ~ column) }}
        is distinct from {{ map_key('keys.' ~ column) }}
    {%- else %}
    {{ 'or ' if not loop.first }}charges.{{ column }} is distinct from keys.{{ column }}
    {%- endif %}
    {%- endfor %}
group by keys.source_name, keys.billing_period, keys.attribution_key
