-- One row per policy, billing period, scope, currency of weights and recipient: which part of a
-- shared cost it carries. Where nobody can, one row without recipient that says why.
{% set scopes = ['sub_account', 'billing_account', 'source', 'company'] %}

with pools as (

    select distinct
        policy, method, driver, scope, level, billing_period, scope_key, weight_currency
    from {{ ref('shared_pools') }}

),

drivers as (

    select * from {{ ref('usage_drivers') }}

),

weights as (

    {% for scope in scopes %}
    select
        pools.policy,
        pools.billing_period,
        pools.scope_key,
        pools.weight_currency,
        drivers.team,
        case when pools.level = 'project' then drivers.project end as project,
        {%- if scope == 'company' %}
        sum(drivers.reporting_quantity) as weight,
        sum(drivers.unreported_rows) as unknown_rows
        {%- else %}
        sum(drivers.quantity) as weight,
        sum(drivers.unknown_rows) as unknown_rows
        {%- endif %}
    from pools
    inner join drivers
        on
            pools.driver = drivers.driver
            and pools.billing_period = drivers.billing_period
            {%- if scope != 'company' %}
            and pools.scope_key = {{ scope_key("'" ~ scope ~ "'", 'drivers') }}
            and pools.weight_currency
            = {{ weight_currency("'" ~ scope ~ "'", 'drivers.driver', 'drivers') }}
            {%- endif %}
    where pools.scope = '{{ scope }}' and pools.method <> 'fixed'
    group by
        pools.policy, pools.billing_period, pools.scope_key, pools.weight_currency, drivers.team,
        case when pools.level = 'project' then drivers.project end
    union all
    {% endfor %}
    select
        pools.policy,
        pools.billing_period,
        pools.scope_key,
        pools.weight_currency,
        shares.team,
        shares.project,
        cast(shares.share as decimal(38, 16)) as weight,
        0 as unknown_rows
    from pools
    inner join {{ ref('shared_cost_fixed_shares') }} as shares
        on
            pools.policy = shares.policy
            and cast(concat(pools.billing_period, '-01') as timestamp)
            >= {{ open_start('shares.valid_from') }}
            and cast(concat(pools.billing_period, '-01') as timestamp)
            < {{ open_end('shares.valid_to') }}
    where pools.method = 'fixed'

),

-- Only what is positive weighs: a team that credits leave below zero carries nothing.
totals as (

    select
        policy,
        billing_period,
        scope_key,
        weight_currency,
        sum(case when weight > 0 then weight else 0 end) as total_weight,
        count_if(weight > 0) as recipients,
        sum(unknown_rows) as unknown_rows
    from weights
    group by policy, billing_period, scope_key, weight_currency

),

judged as (

    select
        pools.*,
        totals.total_weight,
        totals.recipients,
        case
            when pools.method = 'fixed' and coalesce(totals.total_weight, 0) <> 1
                then 'shares_not_whole'
            when totals.unknown_rows > 0 then 'unknown_weight'
            when coalesce(totals.recipients, 0) = 0
                then case pools.method when 'driver' then 'no_driver' else 'no_recipients' end
        end as residual_class
    from pools
    left join totals
        on
            pools.policy = totals.policy
            and pools.billing_period = totals.billing_period
            and pools.scope_key = totals.scope_key
            and pools.weight_currency = totals.weight_currency

)

select
    judged.policy,
    judged.billing_period,
    judged.scope_key,
    judged.weight_currency,
    judged.residual_class,
    weights.team,
    weights.project,
    cast(weights.weight as decimal(38, 16)) as weight,
    cast(
        case
            when judged.residual_class is not null then 1
            when judged.method = 'even' then {{ ratio('1', 'judged.recipients') }}
            else {{ ratio('weights.weight', 'judged.total_weight') }}
        end as decimal(13, 12)
    ) as ratio
from judged
left join weights
    on
        judged.residual_class is null
        and judged.policy = weights.policy
        and judged.billing_period = weights.billing_period
        and judged.scope_key = weights.scope_key
        and judged.weight_currency = weights.weight_currency
        and weights.weight > 0
