-- One row per source, billed thing, currency, governed key that policy asks for, day of charge and
-- billing period: why the key is not known, and what that costs.
with keyed as (

    select * from {{ ref('coverage_keys') }}

),

newest as (

    select source_name, max(charge_date) as newest_day, max(billing_period) as newest_period
    from {{ ref('daily_costs') }}
    group by source_name

),

-- What policy asks of whom, on the day on which the bill stands.
asked as (

    select distinct
        keyed.source_name,
        keyed.billing_period,
        keyed.attribution_key,
        keyed.valid_from,
        states.governed_key,
        case
            when states.tag_state in ('untagged', 'conflict', 'unknown_value')
                then states.tag_state
        end as problem
    from keyed
    inner join newest on keyed.source_name = newest.source_name
    inner join {{ ref('tag_states') }} as states
        on
            keyed.source_name = states.source_name
            and keyed.billing_period = states.billing_period
            and keyed.attribution_key = states.attribution_key
            and keyed.valid_from = states.valid_from
            and states.tag_state <> 'untaggable'
    inner join {{ ref('coverage_policies') }} as policies
        on
            states.governed_key = policies.governed_key
            and policies.check_kind in ('coverage', 'tag_coverage')
            and {{ policy_holds('policies', 'newest.newest_day') }}
            and {{ in_coverage_scope('policies', 'keyed') }}

)

select
    keyed.source_name,
    keyed.billed_thing,
    keyed.billing_currency,
    asked.governed_key,
    daily.charge_date,
    daily.billing_period,
    max(newest.newest_day) as newest_day,
    max(newest.newest_period) as newest_period,
    max(asked.problem) as problem,
    {{ money(
        'sum(case when asked.problem is not null then daily.effective_cost else 0 end)'
    ) }} as effective_cost
from {{ ref('daily_costs') }} as daily
inner join keyed
    on
        daily.source_name = keyed.source_name
        and daily.billing_period = keyed.billing_period
        and daily.attribution_key = keyed.attribution_key
        and cast(daily.charge_date as timestamp) >= keyed.valid_from
        and cast(daily.charge_date as timestamp) < keyed.valid_to
inner join newest on daily.source_name = newest.source_name
inner join asked
    on
        keyed.source_name = asked.source_name
        and keyed.billing_period = asked.billing_period
        and keyed.attribution_key = asked.attribution_key
        and keyed.valid_from = asked.valid_from
group by
    keyed.source_name, keyed.billed_thing, keyed.billing_currency, asked.governed_key,
    daily.charge_date, daily.billing_period
