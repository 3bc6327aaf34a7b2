-- What does a negotiated price save, in the currency that the service is priced in?
-- Expect: One row per service, description and pricing currency whose contracted price is below
-- the list price.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceName,
    charges.ServiceSubcategory,
    charges.ChargeDescription,
    charges.BillingCurrency,
    charges.PricingCurrency,
    avg(charges.ListUnitPrice - charges.ContractedUnitPrice) as SavedPerUnit,
    avg(
        charges.PricingCurrencyListUnitPrice - charges.PricingCurrencyContractedUnitPrice
    ) as SavedPerUnitInPricingCurrency
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.ListUnitPrice > charges.ContractedUnitPrice
group by all
order by all
