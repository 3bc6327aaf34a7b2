-- What were a vendor's own credits spent on?
-- Expect: One row per provider, host, service and virtual currency.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.HostProviderName,
    charges.ServiceName,
    charges.ChargeDescription,
    charges.PricingCurrency,
    sum(charges.PricingCurrencyEffectiveCost) as CreditsUsed
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and length(charges.PricingCurrency) <> 3
group by all
order by CreditsUsed desc
