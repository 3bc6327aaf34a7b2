-- One row per source, billing period, billing account and currency whose provider states effective
-- cost itself: what it states, what FOCUS holds, and the gap, which is exactly 0.
with landed_totals as (

    select * from {{ source('raw_ops', 'delivery_totals') }}
    where is_current and counts_as = 'effective'

),

staged_totals as (

    select * from {{ ref('staged_totals') }}
    where stated_effective_cost is not null

),

-- An amortised file holds the whole effective cost of its accounts. Where the provider states the
-- amount per line instead, staging adds the lines up.
stated as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        landed_cost as file_effective_cost,
        cast(null as decimal(38, 16)) as staged_effective_cost
    from landed_totals
    union all
    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        cast(null as decimal(38, 16)) as file_effective_cost,
        stated_effective_cost as staged_effective_cost
    from staged_totals

),

stated_by_account as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        {{ money('sum(file_effective_cost)') }} as file_effective_cost,
        {{ money('sum(staged_effective_cost)') }} as staged_effective_cost
    from stated
    group by source_name, billing_period, billing_account_id, billing_currency

),

focus_by_account as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        {{ money('sum(effective_cost)') }} as focus_effective_cost
    from {{ ref('focus_totals') }}
    group by source_name, billing_period, billing_account_id, billing_currency

),

compared as (

    select
        stated_by_account.*,
        {{ money('coalesce(focus_by_account.focus_effective_cost, 0)') }} as focus_effective_cost
    from stated_by_account
    left join focus_by_account
        on
            stated_by_account.source_name = focus_by_account.source_name
            and stated_by_account.billing_period = focus_by_account.billing_period
            and stated_by_account.billing_account_id
            is not distinct from focus_by_account.billing_account_id
            and stated_by_account.billing_currency
            is not distinct from focus_by_account.billing_currency

),

gaps as (

    select
        *,
        {{ money('coalesce(file_effective_cost, staged_effective_cost) - focus_effective_cost') }}
            as gap
    from compared

)

select
    *,
    case when gap <> 0 then 'gap' else 'reconciled' end as status
from gaps
