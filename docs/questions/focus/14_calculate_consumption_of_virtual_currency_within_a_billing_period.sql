-- How many credits or tokens of a vendor's own currency were used up?
-- Expect: One row per provider, month and virtual currency.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    date_trunc('month', charges.ChargePeriodStart) as Month,
    charges.PricingCurrency,
    sum(charges.PricingCurrencyEffectiveCost) as CreditsUsed
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargeCategory = 'Usage'
    -- National currencies have three letters.
    and length(charges.PricingCurrency) <> 3
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by all
