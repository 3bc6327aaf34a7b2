-- Which invoices give money back, in which month and from whom?
-- Expect: One row per provider, invoice and month with credits; amounts are negative.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.InvoiceId,
    date_trunc('month', charges.ChargePeriodStart) as Month,
    charges.BillingCurrency,
    count(*) as Credits,
    sum(charges.BilledCost) as CreditedAmount
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargeCategory = 'Credit'
    and charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
group by all
order by all
