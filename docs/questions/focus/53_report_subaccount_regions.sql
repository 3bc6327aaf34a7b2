-- In which regions does each sub account run anything?
-- Expect: One row per provider, sub account and region.
with params as (

    select
        timestamp '2026-05-01' as first_day,
        timestamp '2026-08-01' as next_day

)

select
    charges.ServiceProviderName,
    charges.SubAccountId,
    charges.RegionId,
    charges.RegionName,
    count(*) as Charges
from focus_export.cost_and_usage as charges
cross join params
where
    charges.ChargePeriodStart >= params.first_day
    and charges.ChargePeriodStart < params.next_day
    and charges.RegionId is not null
group by all
order by all
