-- Which share of the cost has a given tag?
-- Expect: One row per provider and currency, with the share of cost that names its team.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day,
        'team' as tag_key

)

select
    charges.ServiceProviderName,
    charges.BillingCurrency,
    sum(charges.EffectiveCost) as TotalEffectiveCost,
    sum(charges.EffectiveCost) filter (where charges.Tags ->> params.tag_key is not null)
        as TaggedEffectiveCost,
    round(
        coalesce(
            sum(charges.EffectiveCost) filter (where charges.Tags ->> params.tag_key is not null), 0
        ) / nullif(sum(charges.EffectiveCost), 0), 4
    ) as Coverage
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by TotalEffectiveCost desc
