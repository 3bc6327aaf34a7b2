-- One row per statement month, source, billing period, billing account, currency, cost centre,
-- business unit, team, project, line type, corrected line type, class and service category: what
-- is stated to whom. The lines about a billing period add up to its bill.
{% set who = [
    'source_name', 'billing_period', 'billing_account_id', 'billing_currency', 'business_unit',
    'cost_centre', 'team', 'project', 'owner_class', 'service_category'
] %}
{% set last_month -%}
    cast(concat(max(coalesce(later.billing_period, closed.billing_period)), '-01') as date)
{%- endset %}

with closed as (

    select source_name, billing_period from {{ source('raw_ops', 'closed_periods') }}

),

kept as (

    select * from {{ source('raw_ops', 'kept_statements') }}

),

-- What the bills of today come to. In a closed month known keys are attributed as they were then.
today as (

    select
        {{ who | join(', ') }},
        line_type,
        {{ money('sum(billed_cost)') }} as billed_cost,
        {{ money('sum(effective_cost)') }} as effective_cost
    from {{ ref('allocated_costs') }}
    group by {{ who | join(', ') }}, line_type

),

periods as (

    select distinct source_name, billing_period from today
    union
    select source_name, billing_period from closed

),

-- Corrections of a closed month are stated in the first month after it that is still open.
receiving as (

    select
        closed.source_name,
        closed.billing_period,
        coalesce(
            min(case when still_closed.source_name is null then later.billing_period end),
            substring(cast({{ dbt.dateadd('month', 1, last_month) }} as string), 1, 7)
        ) as statement_month
    from closed
    left join periods as later
        on
            closed.source_name = later.source_name
            and closed.billing_period < later.billing_period
    left join closed as still_closed
        on
            later.source_name = still_closed.source_name
            and later.billing_period = still_closed.billing_period
    group by closed.source_name, closed.billing_period

),

compared as (

    select {{ who | join(', ') }}, line_type, billed_cost, effective_cost from today
    union all
    select
        {{ who | join(', ') }},
        coalesce(restated_line_type, line_type) as line_type,
        -billed_cost as billed_cost,
        -effective_cost as effective_cost
    from kept

),

differences as (

    select
        {% for column in who %}compared.{{ column }}, {% endfor %}
        compared.line_type,
        {{ money('sum(compared.billed_cost)') }} as billed_cost,
        {{ money('sum(compared.effective_cost)') }} as effective_cost
    from compared
    inner join closed
        on
            compared.source_name = closed.source_name
            and compared.billing_period = closed.billing_period
    group by
        {% for column in who %}compared.{{ column }}, {% endfor %}
        compared.line_type
    having sum(compared.billed_cost) <> 0 or sum(compared.effective_cost) <> 0

),

stated as (

    select
        today.*,
        today.billing_period as statement_month,
        cast(null as string) as restated_period,
        cast(null as string) as restated_line_type,
        false as is_closed
    from today
    left join closed
        on
            today.source_name = closed.source_name
            and today.billing_period = closed.billing_period
    where closed.source_name is null
    union all
    select
        {% for column in who %}differences.{{ column }}, {% endfor %}
        'restatement' as line_type,
        differences.billed_cost,
        differences.effective_cost,
        receiving.statement_month,
        differences.billing_period as restated_period,
        differences.line_type as restated_line_type,
        false as is_closed
    from differences
    inner join receiving
        on
            differences.source_name = receiving.source_name
            and differences.billing_period = receiving.billing_period
    union all
    select
        {{ who | join(', ') }},
        line_type,
        billed_cost,
        effective_cost,
        statement_month,
        restated_period,
        restated_line_type,
        true as is_closed
    from kept

)

select
    statement_month,
    {{ who[:6] | join(',\n    ') }},
    team,
    project,
    line_type,
    restated_period,
    restated_line_type,
    owner_class,
    service_category,
    is_closed,
    billed_cost,
    effective_cost
from stated
