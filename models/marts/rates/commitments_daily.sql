-- One row per day, source, billing period, currency and commitment: what was used of it, what was
-- left idle, by whom it is held and who used it. Adds up to what the bill says of each commitment.
with days as (

    select
        days.*,
        keys.provider,
        keys.billing_currency,
        keys.commitment_discount_id,
        keys.sub_account_id,
        keys.accelerator_model,
        keys.accelerator_source is not null as has_accelerators,
        keys.price_class = 'committed' or keys.is_machine as is_of_machine,
        keys.price_class = 'committed' as is_use,
        attributions.team
    from {{ ref('commitment_days') }} as days
    inner join {{ ref('rate_keys') }} as keys
        on
            days.source_name = keys.source_name
            and days.billing_period = keys.billing_period
            and days.attribution_key = keys.attribution_key
    left join {{ ref('key_attributions') }} as attributions
        on
            days.source_name = attributions.source_name
            and days.billing_period = attributions.billing_period
            and days.attribution_key = attributions.attribution_key
            and cast(days.charged_on as timestamp) >= attributions.valid_from
            and cast(days.charged_on as timestamp) < attributions.valid_to
    where keys.price_class in ('committed', 'unused_commitment')

),

-- Who holds it: whoever pays its fee, or what nobody used of it.
holders as (

    select
        keys.source_name,
        keys.billing_currency,
        keys.commitment_discount_id,
        max(keys.sub_account_id) as holder_account_id,
        max(attributions.team) as holder_team
    from {{ ref('rate_keys') }} as keys
    inner join {{ ref('key_attributions') }} as attributions
        on
            keys.source_name = attributions.source_name
            and keys.billing_period = attributions.billing_period
            and keys.attribution_key = attributions.attribution_key
    where
        keys.price_class in ('commitment_fee', 'unused_commitment')
        and keys.commitment_discount_id is not null
    group by keys.source_name, keys.billing_currency, keys.commitment_discount_id

),

-- What it is for: a commitment to machines that only ever ran accelerators of one model is one to
-- them. Commitments to an amount of money are for no machine.
uses as (

    select
        source_name,
        billing_currency,
        commitment_discount_id,
        min(accelerator_model) as accelerator_model,
        count(distinct accelerator_model) as models,
        min(case when has_accelerators then 1 else 0 end) = 1 as is_all_accelerators,
        max(case when has_accelerators then 1 else 0 end) = 0 as is_no_accelerators
    from days
    where is_of_machine
    group by source_name, billing_currency, commitment_discount_id

),

summed as (

    select
        days.charge_date,
        days.source_name,
        days.billing_period,
        days.billing_currency,
        days.provider,
        days.commitment_discount_id,
        holders.holder_account_id,
        holders.holder_team,
        max(days.commitment_unit) as commitment_unit,
        max(days.day_basis) filter (where not days.is_use) as unused_basis,
        sum(case when days.is_use then days.effective_cost else 0 end) as used_cost,
        sum(case when days.is_use then 0 else days.effective_cost end) as unused_cost,
        sum(case when days.is_use then days.commitment_quantity end) as used_quantity,
        sum(case when not days.is_use then days.commitment_quantity end) as unused_quantity,
        sum(case when days.is_use and days.sub_account_id = holders.holder_account_id
            then days.effective_cost else 0 end) as used_in_holder_account_cost,
        sum(case when days.is_use and days.team = holders.holder_team then days.effective_cost
            else 0 end) as used_by_holder_team_cost,
        sum(case when days.is_use and days.team is null then days.effective_cost else 0 end)
            as used_without_team_cost,
        sum(case when days.is_use and days.has_accelerators then days.effective_cost else 0 end)
            as accelerator_used_cost,
        count(distinct case when days.is_use then days.team end) as teams_using
    from days
    left join holders
        on
            days.source_name = holders.source_name
            and days.billing_currency = holders.billing_currency
            and days.commitment_discount_id = holders.commitment_discount_id
    group by
        days.charge_date, days.source_name, days.billing_period, days.billing_currency,
        days.provider, days.commitment_discount_id, holders.holder_account_id, holders.holder_team

)

select
    summed.charge_date,
    summed.source_name,
    summed.billing_period,
    summed.billing_currency,
    summed.provider,
    summed.commitment_discount_id,
    commitments.contract_commitment_type as commitment_type,
    commitments.contract_commitment_category as commitment_category,
    summed.holder_account_id,
    summed.holder_team,
    case when uses.models = 1 and commitments.contract_commitment_category = 'Usage'
        then uses.accelerator_model end as accelerator_model,
    {{ money('summed.used_cost + summed.unused_cost') }} as committed_cost,
    {{ money('summed.used_cost') }} as used_cost,
    {{ money('summed.unused_cost') }} as unused_cost,
    round({{ ratio('summed.used_cost', 'summed.used_cost + summed.unused_cost') }}, 9)
        as utilisation_ratio,
    summed.unused_basis,
    summed.commitment_unit,
    {{ quantity('summed.used_quantity') }} as used_quantity,
    {{ quantity('summed.unused_quantity') }} as unused_quantity,
    {{ money('summed.used_in_holder_account_cost') }} as used_in_holder_account_cost,
    {{ money('summed.used_cost - summed.used_in_holder_account_cost') }}
        as used_in_other_accounts_cost,
    {{ money('summed.used_by_holder_team_cost') }} as used_by_holder_team_cost,
    {{ money(
        'summed.used_cost - summed.used_by_holder_team_cost - summed.used_without_team_cost'
    ) }} as used_by_other_teams_cost,
    {{ money('summed.used_without_team_cost') }} as used_without_team_cost,
    summed.teams_using,
    {{ money('summed.accelerator_used_cost') }} as accelerator_used_cost,
    {{ money("case when commitments.contract_commitment_category = 'Usage'"
        ~ " and uses.is_all_accelerators then summed.unused_cost"
        ~ " when uses.is_no_accelerators or summed.unused_cost = 0 then 0 end") }}
        as accelerator_unused_cost
from summed
left join uses
    on
        summed.source_name = uses.source_name
        and summed.billing_currency = uses.billing_currency
        and summed.commitment_discount_id = uses.commitment_discount_id
left join {{ ref('contract_commitment') }} as commitments
    on
        summed.commitment_discount_id = commitments.contract_commitment_id
        and summed.billing_currency = commitments.billing_currency
