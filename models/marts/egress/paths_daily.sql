-- One row per day of charge, source, billing period, currency, provider, billing account, sub
-- account, class, direction, resource, path, team and project: gigabytes and what they cost.
{% set who = [
    'provider', 'billing_account_id', 'sub_account_id', 'transfer_class', 'direction', 'is_egress',
    'resource_id', 'from_provider', 'from_place', 'from_region_id', 'to_provider', 'to_place',
    'to_region_id', 'team', 'project', 'owner_class'
] %}
with owned as (

    select
        paths.*,
        keys.billing_currency,
        keys.provider,
        keys.billing_account_id,
        keys.sub_account_id,
        keys.resource_id,
        keys.valid_from,
        keys.valid_to,
        attributions.team,
        attributions.project,
        attributions.owner_class
    from {{ ref('transfer_paths') }} as paths
    inner join {{ ref('coverage_keys') }} as keys
        on
            paths.source_name = keys.source_name
            and paths.billing_period = keys.billing_period
            and paths.attribution_key = keys.attribution_key
    inner join {{ ref('key_attributions') }} as attributions
        on
            keys.source_name = attributions.source_name
            and keys.billing_period = attributions.billing_period
            and keys.attribution_key = attributions.attribution_key
            and keys.valid_from = attributions.valid_from

),

moved as (

    select
        owned.*,
        daily.charge_date,
        daily.charge_rows,
        daily.billed_cost,
        daily.effective_cost,
        daily.list_cost,
        case when owned.counts_gigabytes
            then {{ gigabytes('daily.consumed_quantity', 'units.factor') }} end as gigabytes,
        owned.counts_gigabytes
        and daily.consumed_quantity is not null
        and units.factor is null as is_unknown_unit,
        daily.billed_cost <> 0 or daily.effective_cost <> 0 as is_paid
    from owned
    inner join {{ ref('daily_costs') }} as daily
        on
            owned.source_name = daily.source_name
            and owned.billing_period = daily.billing_period
            and owned.attribution_key = daily.attribution_key
            and cast(daily.charge_date as timestamp) >= owned.valid_from
            and cast(daily.charge_date as timestamp) < owned.valid_to
    left join {{ ref('transfer_units') }} as units
        on daily.consumed_unit = units.consumed_unit and units.measure = 'gigabytes'

)

select
    charge_date,
    source_name,
    billing_period,
    billing_currency,
    {{ who | join(',\n    ') }},
    {{ quantity('coalesce(sum(case when is_paid then gigabytes end), 0)') }} as gigabytes,
    {{ quantity('coalesce(sum(case when not is_paid then gigabytes end), 0)') }} as free_gigabytes,
    {{ quantity('coalesce(sum(case when is_paid and is_egress then gigabytes end), 0)') }}
        as egress_gigabytes,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost,
    {{ money('sum(list_cost)') }} as list_cost,
    round({{ ratio(
        'sum(effective_cost)', 'sum(case when is_paid then gigabytes end)'
    ) }}, 9) as effective_cost_per_gigabyte,
    cast(sum(charge_rows) as bigint) as charge_rows,
    cast(sum(case when is_unknown_unit then charge_rows else 0 end) as bigint)
        as rows_of_unknown_unit
from moved
group by
    charge_date,
    source_name,
    billing_period,
    billing_currency,
    {{ who | join(',\n    ') }}
