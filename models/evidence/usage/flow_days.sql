-- One row per source, billing period, day and pair of places between which data moved: how much, as
-- sums of flow logs say.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
{%- set places = [
    'from_provider', 'from_region', 'from_zone', 'from_resource_key', 'to_provider', 'to_region',
    'to_zone', 'to_resource_key', 'to_service', 'team', 'project',
] %}
with flows as (

    select
        *,
        {{ resource_key('from_provider', 'from_resource') }} as from_resource_key,
        {{ resource_key('to_provider', 'to_resource') }} as to_resource_key
    from {{ ref('stg_usage__flows') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    source_name,
    billing_period,
    cast(flow_at as date) as flow_date,
    {{ places | join(',\n    ') }},
    {{ quantity('sum(flow_bytes)') }} as moved_bytes
from flows
group by
    source_name, billing_period, cast(flow_at as date),
    {{ places | join(', ') }}
