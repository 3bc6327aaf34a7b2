-- One row per driver, source, billing period, account, currency, team and project: what shared
-- costs are weighed by. Billed drivers count what each team has itself; landed ones name no
-- account.
{% set billed_drivers = {
    'direct_cost': ('effective_cost', 'reporting_effective_cost'),
    'committed_cost': ('committed_cost', 'reporting_committed_cost'),
    'gpu_hours': ('gpu_hours', 'gpu_hours'),
    'tokens': ('tokens', 'tokens'),
} %}

with shared_keys as (

    select source_name, billing_period, attribution_key, valid_from from {{ ref('shared_pools') }}
    union
    select source_name, billing_period, attribution_key, valid_from from {{ ref('kept_shares') }}

),

own_costs as (

    select
        costs.*,
        case
            when costs.commitment_discount_status = 'Used' then costs.effective_cost else 0
        end as committed_cost,
        case
            when costs.commitment_discount_status = 'Used' then costs.reporting_effective_cost
            else 0
        end as reporting_committed_cost
    from {{ ref('attributed_costs') }} as costs
    -- What is shared itself weighs nothing: otherwise the hub would carry part of the hub.
    left join shared_keys
        on
            costs.source_name = shared_keys.source_name
            and costs.billing_period = shared_keys.billing_period
            and costs.attribution_key = shared_keys.attribution_key
            and costs.valid_from = shared_keys.valid_from
    where costs.team is not null and shared_keys.source_name is null

)

{% for driver, (quantity_column, reported_column) in billed_drivers.items() %}
select
    '{{ driver }}' as driver,
    source_name,
    billing_period,
    billing_account_id,
    sub_account_id,
    billing_currency,
    team,
    project,
    cast(sum({{ quantity_column }}) as decimal(38, 16)) as quantity,
    cast(sum({{ reported_column }}) as decimal(38, 16)) as reporting_quantity,
    {%- if driver == 'tokens' %}
    0 as unknown_rows,
    0 as unreported_rows
    {%- else %}
    count_if({{ quantity_column }} is null) as unknown_rows,
    count_if({{ reported_column }} is null) as unreported_rows
    {%- endif %}
from own_costs
{%- if driver == 'tokens' %}
where tokens is not null
{%- endif %}
group by
    source_name, billing_period, billing_account_id, sub_account_id, billing_currency, team,
    project
union all
{% endfor %}
select
    driver,
    cast(null as string) as source_name,
    billing_period,
    cast(null as string) as billing_account_id,
    cast(null as string) as sub_account_id,
    cast(null as string) as billing_currency,
    team,
    project,
    cast(sum(quantity) as decimal(38, 16)) as quantity,
    cast(sum(quantity) as decimal(38, 16)) as reporting_quantity,
    0 as unknown_rows,
    0 as unreported_rows
from {{ ref('landed_drivers') }}
group by driver, billing_period, team, project
