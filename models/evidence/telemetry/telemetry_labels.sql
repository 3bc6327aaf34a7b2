-- One row per source, billing period and set of labels that samples bear.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
-- Samples have the same few sets of labels again and again: they are compared by one number, and
-- what stands behind it is read once.
with series as (

    select
        source_name,
        billing_period,
        {{ text_key(series_columns()) }} as series_key,
        any_value({{ as_one_value(series_columns()) }}) as found
    from {{ ref('stg_telemetry__samples') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and metric_name in (select metric_name from {{ ref('telemetry_metrics') }})
    group by source_name, billing_period, {{ text_key(series_columns()) }}

)

select
    source_name,
    billing_period,
    series_key
    {%- for column in series_columns() %},
    found.{{ column }}
    {%- endfor %}
from series
