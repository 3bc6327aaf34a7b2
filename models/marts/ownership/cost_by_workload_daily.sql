-- One row per day of charge, source, billing period, currency, provider, workload phase, team,
-- model and AI spend or not: what was charged. The whole bill, phase unknown included.
select
    daily.charge_date,
    keys.source_name,
    keys.billing_period,
    keys.billing_currency,
    keys.provider,
    attributions.workload_phase,
    attributions.team,
    attributions.model,
    keys.is_ai_spend,
    {{ money('sum(daily.billed_cost)') }} as billed_cost,
    {{ money('sum(daily.effective_cost)') }} as effective_cost,
    {{ money("sum(case when attributions.phase_source in ('sku', 'tag')"
        ~ " then daily.effective_cost else 0 end)") }} as stated_phase_effective_cost,
    cast(sum(daily.charge_rows) as bigint) as charge_rows
from {{ ref('daily_costs') }} as daily
inner join {{ ref('coverage_keys') }} as keys
    on
        daily.source_name = keys.source_name
        and daily.billing_period = keys.billing_period
        and daily.attribution_key = keys.attribution_key
        and cast(daily.charge_date as timestamp) >= keys.valid_from
        and cast(daily.charge_date as timestamp) < keys.valid_to
inner join {{ ref('key_attributions') }} as attributions
    on
        keys.source_name = attributions.source_name
        and keys.billing_period = attributions.billing_period
        and keys.attribution_key = attributions.attribution_key
        and keys.valid_from = attributions.valid_from
group by
    daily.charge_date,
    keys.source_name,
    keys.billing_period,
    keys.billing_currency,
    keys.provider,
    attributions.workload_phase,
    attributions.team,
    attributions.model,
    keys.is_ai_spend
