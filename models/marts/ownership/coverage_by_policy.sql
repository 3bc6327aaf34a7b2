-- One row per coverage policy and currency: what it measures on the bills as they stand. Costs are
-- in the reporting currency; what has no exchange rate is measured in a row of its own.
with scoped as (

    select
        policies.policy,
        policies.check_kind,
        policies.window_days,
        days.source_name,
        days.charge_date,
        days.billing_period,
        days.provider,
        days.charge_rows,
        case when policies.check_kind not in ('volume', 'inventory_freshness', 'bill_freshness')
            then coalesce(
                case when rates.exchange_rate is not null then rates.reporting_currency end,
                days.billing_currency
            ) end as currency,
        case policies.check_kind
            when 'allowed_values' then
                days.bill_tag_effective_cost + days.inventory_tag_effective_cost
                + days.parent_effective_cost + days.conflict_effective_cost
                + days.unknown_value_effective_cost
            else days.taggable_effective_cost
        end as judged_cost,
        case policies.check_kind
            when 'allowed_values' then
                days.bill_tag_effective_cost + days.inventory_tag_effective_cost
                + days.parent_effective_cost
            when 'tag_coverage' then
                days.bill_tag_effective_cost + days.inventory_tag_effective_cost
            else days.covered_effective_cost
        end as good_cost,
        coalesce(rates.exchange_rate, 1) as exchange_rate
    from {{ ref('tag_coverage_daily') }} as days
    inner join {{ ref('coverage_policies') }} as policies
        on
            days.governed_key = case policies.governed_key
                when '*' then 'team' else policies.governed_key
            end
            and {{ in_coverage_scope('policies', 'days') }}
    left join {{ ref('daily_exchange_rates') }} as rates
        on days.billing_currency = rates.billing_currency and days.charge_date = rates.charge_date

),

-- Bills are not equally far: a window ends where each of them does.
newest as (

    select
        policy,
        source_name,
        max(charge_date) as newest_day,
        max(billing_period) as newest_period
    from scoped
    group by policy, source_name

),

-- An empty window is the latest billing period.
windowed as (

    select
        scoped.*,
        case
            when scoped.window_days is null then scoped.billing_period = newest.newest_period
            else {{ dbt.datediff('scoped.charge_date', 'newest.newest_day', 'day') }}
                < scoped.window_days
        end as in_window,
        coalesce(
            {{ dbt.datediff('scoped.charge_date', 'newest.newest_day', 'day') }}
            between scoped.window_days and 2 * scoped.window_days - 1,
            false
        ) as in_window_before
    from scoped
    inner join newest
        on scoped.policy = newest.policy and scoped.source_name = newest.source_name

),

measured as (

    select
        policy,
        currency,
        max(check_kind) as check_kind,
        min(case when in_window then charge_date end) as window_from,
        max(case when in_window then charge_date end) as window_to,
        {{ money(
            'sum(case when in_window then ' ~ converted('judged_cost', 'exchange_rate')
            ~ ' else 0 end)'
        ) }} as judged_cost,
        {{ money(
            'sum(case when in_window then ' ~ converted('good_cost', 'exchange_rate')
            ~ ' else 0 end)'
        ) }} as good_cost,
        sum(case when in_window then charge_rows else 0 end) as charge_rows,
        sum(case when in_window_before then charge_rows else 0 end) as charge_rows_before
    from windowed
    group by policy, currency

),

latest as (

    select policy, max(newest_day) as newest_day from newest
    group by policy

),

snapshots as (

    select provider, max(snapshot_at) as newest_snapshot_at from {{ ref('inventory_snapshots') }}
    group by provider

),

-- The oldest of the inventories that a policy is about.
listed as (

    select
        policies.policy,
        min(snapshots.newest_snapshot_at) as newest_snapshot_at
    from {{ ref('coverage_policies') }} as policies
    inner join snapshots
        on policies.scope_provider = '*' or instr(
            concat('|', policies.scope_provider, '|'), concat('|', snapshots.provider, '|')
        ) > 0
    group by policies.policy

)

select
    policies.policy,
    measured.currency,
    measured.window_from,
    measured.window_to,
    measured.judged_cost,
    case when measured.currency is not null then measured.judged_cost - measured.good_cost end
        as missing_cost,
    cast(measured.charge_rows as bigint) as charge_rows,
    cast(measured.charge_rows_before as bigint) as charge_rows_before,
    listed.newest_snapshot_at,
    latest.newest_day,
    cast(case policies.check_kind
        when 'volume' then {{ ratio('measured.charge_rows', 'measured.charge_rows_before') }}
        -- greatest ignores NULL, and no inventory at all is not a fresh one.
        when 'inventory_freshness' then case when listed.newest_snapshot_at is not null
            then greatest(0, {{ dbt.datediff(
                'cast(listed.newest_snapshot_at as date)', 'latest.newest_day', 'day'
            ) }}) end
        when 'bill_freshness' then null
        else {{ ratio('measured.good_cost', 'measured.judged_cost') }}
    end as double) as measured
from {{ ref('coverage_policies') }} as policies
left join measured on policies.policy = measured.policy
left join latest on policies.policy = latest.policy
left join listed on policies.policy = listed.policy
