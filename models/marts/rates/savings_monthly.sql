-- One row per billing period, source, currency, provider, service, machine family, accelerator
-- model, team and eligibility for commitments: from list prices to what it cost, saving by saving.
-- The whole bill; what has no list price to save on is other_cost.
{% set who = [
    'provider', 'service_name', 'machine_family', 'accelerator_model', 'team', 'eligibility'
] %}
with charged as (

    select
        keys.*,
        attributions.team,
        daily.effective_cost,
        daily.list_cost,
        coalesce(
            daily.contracted_cost,
            case when keys.price_class = 'committed' then daily.list_cost
                else daily.effective_cost end
        ) as contracted_cost
    from {{ ref('daily_costs') }} as daily
    inner join {{ ref('rate_keys') }} as keys
        on
            daily.source_name = keys.source_name
            and daily.billing_period = keys.billing_period
            and daily.attribution_key = keys.attribution_key
    left join {{ ref('key_attributions') }} as attributions
        on
            daily.source_name = attributions.source_name
            and daily.billing_period = attributions.billing_period
            and daily.attribution_key = attributions.attribution_key
            and cast(daily.charge_date as timestamp) >= attributions.valid_from
            and cast(daily.charge_date as timestamp) < attributions.valid_to

),

-- Each charge has a list price, or what it costs is a saving lost (unused commitments), a price
-- paid elsewhere (fees of prepaid machines) or other.
parted as (

    select
        *,
        list_cost is not null
        and price_class in (
            'on_demand', 'reserved', 'reserved_unused', 'committed', 'spot', 'prepaid', 'discount'
        ) as is_listed
    from charged

),

summed as (

    select
        billing_period,
        source_name,
        billing_currency,
        {{ who | join(',\n        ') }},
        {{ money('sum(case when is_listed then list_cost else 0 end)') }} as list_cost,
        {{ money("sum(case when is_listed and price_class not in ('spot', 'prepaid')"
            ~ ' then list_cost - contracted_cost else 0 end)') }} as negotiated_savings,
        {{ money("sum(case when is_listed and price_class = 'committed'"
            ~ ' then contracted_cost - effective_cost else 0 end)') }} as commitment_savings,
        {{ money("sum(case when price_class = 'unused_commitment' then effective_cost"
            ~ ' else 0 end)') }} as unused_commitment_cost,
        {{ money("sum(case when is_listed and price_class = 'spot' then list_cost - effective_cost"
            ~ ' else 0 end)') }} as spot_savings,
        {{ money("sum(case when is_listed and price_class = 'prepaid'"
            ~ ' then list_cost - effective_cost'
            ~ " when price_class = 'prepaid_fee' then - effective_cost else 0 end)") }}
            as prepaid_savings,
        {{ money("sum(case when is_listed and price_class in"
            ~ " ('on_demand', 'reserved', 'reserved_unused', 'discount')"
            ~ ' then contracted_cost - effective_cost else 0 end)') }} as other_savings,
        {{ money("sum(case when is_listed"
            ~ " or price_class in ('unused_commitment', 'prepaid_fee') then effective_cost"
            ~ ' else 0 end)') }} as effective_cost,
        {{ money("sum(case when price_class = 'spot' and list_cost = effective_cost"
            ~ ' then effective_cost else 0 end)') }} as spot_cost_at_list,
        {{ money("sum(case when is_listed"
            ~ " or price_class in ('unused_commitment', 'prepaid_fee') then 0"
            ~ ' else effective_cost end)') }} as other_cost
    from parted
    group by
        billing_period,
        source_name,
        billing_currency,
        {{ who | join(',\n        ') }}

)

select
    billing_period,
    source_name,
    billing_currency,
    {{ who | join(',\n    ') }},
    list_cost,
    negotiated_savings,
    commitment_savings,
    unused_commitment_cost,
    {{ money('commitment_savings - unused_commitment_cost') }} as net_commitment_savings,
    spot_savings,
    prepaid_savings,
    other_savings,
    effective_cost,
    -- The sum has no negative zero.
    round(1 - {{ ratio('effective_cost', 'list_cost') }}, 9) + 0 as effective_savings_rate,
    spot_cost_at_list,
    other_cost
from summed
