-- One row per node and hour of an on-prem rate card, used or not: what the node costs in the hour.
with card_months as (

    select * from {{ ref('stg_on_prem__rate_card_months') }}

),

nodes as (

    select
        card_months.*,
        cast(node_numbers.node_number as integer) as node_number
    from card_months
    {{ numbered_copies('card_months.nodes', 'node_numbers', 'node_number') }}

),

node_hours as (

    select
        nodes.*,
        cast(hour_numbers.hour_number as integer) as hour_number
    from nodes
    {{ numbered_copies('nodes.accrued_hours', 'hour_numbers', 'hour_number') }}

)

select
    *,
    split_part(node_names, ';', node_number + 1) as node_name,
    {{ dbt.dateadd('hour', 'hour_number', 'accrual_started_at') }} as hour_started_at,
    {{ dbt.dateadd('hour', 'hour_number + 1', 'accrual_started_at') }} as hour_ended_at,
    -- All node-hours of a line cost the same; what cutting to 16 decimals leaves (below a billionth
    -- of a cent per line and month) goes to the last one, so that they sum to the line exactly.
    case
        when node_number = nodes - 1 and hour_number = accrued_hours - 1
            then {{ money('node_hour_cost + remainder_cost') }}
        else node_hour_cost
    end as hour_cost
from node_hours
