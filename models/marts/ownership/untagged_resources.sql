-- One row per source, sub account, resource (service where there is none), currency and governed
-- key that policy asks for and that it lacks: what that costs, since when, and who to ask. Most
-- expensive first.
with seen as (

    select
        *,
        min(charge_date) over things as first_seen_on,
        max(case when problem is null then charge_date end) over things as last_tagged_on
    from {{ ref('asked_resource_days') }}
    window things as (
        partition by source_name, billed_thing, billing_currency, governed_key
    )

),

histories as (

    select
        *,
        last_tagged_on is null or charge_date > last_tagged_on as is_since_then
    from seen

),

listed as (

    select
        source_name,
        billed_thing,
        billing_currency,
        governed_key,
        min(problem) as problem,
        {{ money(
            'sum(case when ' ~ dbt.datediff('charge_date', 'newest_day', 'day')
            ~ ' < 7 then effective_cost else 0 end)'
        ) }} as effective_cost_7_days,
        {{ money(
            'sum(case when ' ~ dbt.datediff('charge_date', 'newest_day', 'day')
            ~ ' < 30 then effective_cost else 0 end)'
        ) }} as effective_cost_30_days,
        {{ money(
            'sum(case when billing_period = newest_period then effective_cost else 0 end)'
        ) }} as effective_cost_month,
        min(first_seen_on) as first_seen_on,
        max(charge_date) as last_seen_on,
        max(last_tagged_on) as last_tagged_on,
        min(charge_date) filter (where is_since_then) as untagged_since,
        max(newest_day) as newest_day
    from histories
    where problem is not null
    group by source_name, billed_thing, billing_currency, governed_key
    -- What has its tag again is listed no longer.
    having
        max(case when is_since_then then charge_date end) is not null
        and {{ dbt.datediff('max(charge_date)', 'max(newest_day)', 'day') }} < 30

),

missing as (

    select
        source_name,
        billed_thing,
        billing_currency,
        {{ ordered_list_text('governed_key', ', ', 'governed_key') }} as missing_keys
    from listed
    group by source_name, billed_thing, billing_currency

),

things as (

    select
        keyed.source_name,
        keyed.billed_thing,
        keyed.billing_currency,
        keyed.provider,
        keyed.billing_account_id,
        keyed.sub_account_id,
        keyed.sub_account_name,
        keyed.resource_id,
        keyed.resource_name,
        keyed.service_category,
        keyed.service_name,
        keyed.is_ai_spend,
        keyed.team,
        guesses.probable_owner,
        case when guesses.probable_owner is not null
            then concat(guesses.hint, ' ', guesses.hint_value) end as probable_owner_reason,
        guesses.probable_owner_share
    from {{ ref('coverage_keys') }} as keyed
    left join {{ ref('probable_owners') }} as guesses
        on
            keyed.source_name = guesses.source_name
            and keyed.billing_period = guesses.billing_period
            and keyed.attribution_key = guesses.attribution_key
            and keyed.valid_from = guesses.valid_from
    qualify
        row_number() over (
            partition by keyed.source_name, keyed.billed_thing, keyed.billing_currency
            order by
                guesses.position,
                keyed.billing_period desc,
                keyed.attribution_key,
                keyed.valid_from desc
        ) = 1

)

select
    listed.source_name,
    things.provider,
    things.billing_account_id,
    things.sub_account_id,
    things.sub_account_name,
    things.resource_id,
    things.resource_name,
    things.service_category,
    things.service_name,
    things.is_ai_spend,
    things.team,
    listed.billing_currency,
    listed.governed_key,
    missing.missing_keys,
    listed.problem,
    listed.effective_cost_7_days,
    listed.effective_cost_30_days,
    listed.effective_cost_month,
    listed.first_seen_on,
    listed.last_seen_on,
    listed.last_tagged_on,
    listed.untagged_since,
    {{ dbt.datediff('untagged_since', 'newest_day', 'day') }} < 7 as is_newly_untagged,
    things.probable_owner,
    things.probable_owner_reason,
    things.probable_owner_share
from listed
inner join missing
    on
        listed.source_name = missing.source_name
        and listed.billed_thing = missing.billed_thing
        and listed.billing_currency = missing.billing_currency
inner join things
    on
        listed.source_name = things.source_name
        and listed.billed_thing = things.billed_thing
        and listed.billing_currency = things.billing_currency
order by effective_cost_30_days desc
