-- One row per source, billing period, hour and whatever a log tells of its requests: how many there
-- were and their tokens.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
{%- set counted = usage_counted() + ['stated_cost'] %}
{%- set prices = ['stated_input_price', 'stated_output_price', 'stated_cache_read_price'] %}
with requests as (

    select
        *,
        {{ text_key(['source_name', 'billing_period', 'request_id']) }} as request_key
    from {{ ref('stg_usage__requests') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- Dumps that overlap list a request again. Few do: ordering all requests takes five times as long.
repeated as (

    select request_key
    from requests
    where request_id is not null
    group by request_key
    having count(*) > 1

),

once as (

    select * from requests
    where request_id is null or request_key not in (select request_key from repeated)
    union all
    select * from requests
    where request_id is not null and request_key in (select request_key from repeated)
    -- The later file counts.
    qualify
        row_number() over (
            partition by source_name, billing_period, request_id
            order by source_file desc, source_row desc
        ) = 1

)

select
    source_name,
    billing_period,
    date_trunc('hour', requested_at) as hour_start,
    {{ usage_told() | join(',\n    ') }},
    {%- for column in counted %}
    sum({{ column }}) as {{ column }},
    {%- endfor %}
    {%- for column in prices %}
    max({{ column }}) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from once
group by
    source_name, billing_period, date_trunc('hour', requested_at),
    {{ usage_told() | join(', ') }}
