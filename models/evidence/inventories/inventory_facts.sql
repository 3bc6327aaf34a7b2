-- One row per provider, resource, fact and time that it held: inventories and their scopes brought
-- together, changes only. Where two tell different values, the one told later counts.
with observations as (

    select * from {{ ref('inventory_observations') }}

),

marks as (

    select provider, resource_key, fact_kind, fact_name, valid_from as marked_at from observations
    union
    select provider, resource_key, fact_kind, fact_name, valid_to as marked_at from observations
    where valid_to is not null

),

spans as (

    select
        *,
        lead(marked_at) over (
            partition by provider, resource_key, fact_kind, fact_name order by marked_at
        ) as span_to
    from marks

),

candidates as (

    select
        observations.*,
        spans.marked_at as span_from,
        spans.span_to,
        row_number() over (
            partition by
                spans.provider, spans.resource_key, spans.fact_kind, spans.fact_name,
                spans.marked_at
            order by
                observations.valid_from desc, observations.source_name,
                observations.snapshot_scope, observations.fact_value
        ) as choice
    from spans
    inner join observations
        on
            spans.provider = observations.provider
            and spans.resource_key = observations.resource_key
            and spans.fact_kind = observations.fact_kind
            and spans.fact_name = observations.fact_name
            and spans.marked_at >= observations.valid_from
            and (observations.valid_to is null or spans.marked_at < observations.valid_to)

),

compared as (

    select
        *,
        lag(fact_value) over history as value_before,
        lag(span_to) over history as span_to_before
    from candidates
    where choice = 1
    window history as (
        partition by provider, resource_key, fact_kind, fact_name order by span_from
    )

),

numbered as (

    select
        *,
        sum(
            case when value_before = fact_value and span_to_before = span_from then 0 else 1 end
        ) over (
            partition by provider, resource_key, fact_kind, fact_name
            order by span_from rows unbounded preceding
        ) as run_number
    from compared

)

select
    provider,
    max(item_type) as item_type,
    resource_key,
    fact_kind,
    fact_name,
    fact_value,
    min(span_from) as valid_from,
    case when max(case when span_to is null then 1 else 0 end) = 0 then max(span_to) end
        as valid_to,
    min(source_name) as source_name,
    max(case when run_number = 1 and may_be_older then 1 else 0 end) = 1 as may_be_older
from numbered
group by provider, resource_key, fact_kind, fact_name, fact_value, run_number
