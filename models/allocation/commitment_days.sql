-- One row per source, billing period, attribution key under a commitment or capacity reservation,
-- day charged on and day it is for: what was used or left idle on that day. Where a bill tells only
-- a month's idle part, a day's is what the day's use leaves of the commitment.
with charges as (

    select
        charges.*,
        keys.commitment_discount_id,
        keys.price_class
    from {{ ref('commitment_charges') }} as charges
    inner join {{ ref('rate_keys') }} as keys
        on
            charges.source_name = keys.source_name
            and charges.billing_period = keys.billing_period
            and charges.attribution_key = keys.attribution_key
    where keys.price_class in ('committed', 'unused_commitment', 'reserved', 'reserved_unused')

),

spans as (

    select
        *,
        row_number() over (
            order by
                source_name, billing_period, attribution_key, capacity_reservation_id, charge_date,
                days_charged
        ) as span_id
    from charges
    where days_charged > 1

),

-- What was used of a commitment on each day, whoever used it.
uses as (

    select
        source_name,
        billing_currency,
        commitment_discount_id,
        charge_date,
        sum(effective_cost) as used_cost
    from charges
    where price_class = 'committed' and days_charged = 1
    group by source_name, billing_currency, commitment_discount_id, charge_date

),

span_days as (

    select
        spans.*,
        copies.day_number,
        cast({{ dbt.dateadd('day', 'copies.day_number', 'spans.charge_date') }} as date)
            as for_date,
        count(*) over (
            partition by
                spans.source_name, spans.billing_currency, spans.commitment_discount_id,
                spans.price_class,
                cast({{ dbt.dateadd('day', 'copies.day_number', 'spans.charge_date') }} as date)
        ) as spans_of_day
    from spans
    {{ numbered_copies('spans.days_charged', 'copies', 'day_number') }}

),

beside_uses as (

    select
        span_days.*,
        coalesce(uses.used_cost, 0) as used_cost,
        sum(coalesce(uses.used_cost, 0)) over (
            partition by span_days.billing_currency, span_days.span_id
        ) as used_cost_of_span
    from span_days
    left join uses
        on
            span_days.price_class = 'unused_commitment'
            and span_days.source_name = uses.source_name
            and span_days.billing_currency = uses.billing_currency
            and span_days.commitment_discount_id = uses.commitment_discount_id
            and span_days.for_date = uses.charge_date

),

derived as (

    select
        *,
        {{ money(ratio('effective_cost + used_cost_of_span', 'days_charged')) }} - used_cost
            as left_of_day
    from beside_uses

),

spread as (

    select
        *,
        -- More used on a day than there was, or nothing at all, or two idle charges for one day:
        -- nothing tells the days apart.
        case
            when
                used_cost_of_span > 0
                and min(left_of_day) over (partition by span_id) >= 0
                and max(spans_of_day) over (partition by span_id) = 1
                then 'derived'
            else 'spread'
        end as day_basis
    from derived

),

priced as (

    select
        *,
        case
            when day_basis = 'derived' then left_of_day
            else {{ money(ratio('effective_cost', 'days_charged')) }}
        end as day_cost
    from spread

)

select
    source_name,
    billing_period,
    attribution_key,
    capacity_reservation_id,
    charge_date as charged_on,
    for_date as charge_date,
    day_basis,
    -- The first day has what division leaves.
    {{ money(
        'case when day_number > 0 then day_cost else effective_cost + day_cost'
        ~ ' - sum(day_cost) over (partition by billing_currency, span_id) end'
    ) }} as effective_cost,
    {{ quantity('commitment_quantity * ' ~ ratio('day_cost', 'effective_cost')) }}
        as commitment_quantity,
    commitment_unit,
    {{ quantity('consumed_hours * ' ~ ratio('day_cost', 'effective_cost')) }} as consumed_hours
from priced
union all
select
    source_name,
    billing_period,
    attribution_key,
    capacity_reservation_id,
    charge_date as charged_on,
    charge_date,
    'stated' as day_basis,
    effective_cost,
    commitment_quantity,
    commitment_unit,
    consumed_hours
from charges
where days_charged = 1
