{# Exception to the folder: a sum over a small table, made when it is asked for. #}
{{ config(materialized='view') }}

-- One row per kind of period (week or month), its first day, provider, currency, AI spend or not,
-- and governed key: coverage, and how it moved since the period before.
with days as (

    select
        'week' as period_kind,
        cast(date_trunc('week', charge_date) as date) as period_start,
        *
    from {{ ref('tag_coverage_daily') }}
    union all
    select
        'month' as period_kind,
        cast(date_trunc('month', charge_date) as date) as period_start,
        *
    from {{ ref('tag_coverage_daily') }}

),

periods as (

    select
        period_kind,
        period_start,
        provider,
        billing_currency,
        is_ai_spend,
        governed_key,
        count(distinct charge_date) as days_with_charges,
        {{ money('sum(taggable_effective_cost)') }} as taggable_effective_cost,
        {{ money('sum(covered_effective_cost)') }} as covered_effective_cost
    from days
    group by period_kind, period_start, provider, billing_currency, is_ai_spend, governed_key

),

covered as (

    select
        *,
        {{ ratio('covered_effective_cost', 'taggable_effective_cost') }} as coverage
    from periods

)

select
    period_kind,
    period_start,
    provider,
    billing_currency,
    is_ai_spend,
    governed_key,
    days_with_charges,
    taggable_effective_cost,
    covered_effective_cost,
    coverage,
    -- Of the period before that has charges; an unfinished one compares its days with all of those.
    coverage - lag(coverage) over (
        partition by period_kind, provider, billing_currency, is_ai_spend, governed_key
        order by period_start
    ) as coverage_change
from covered
