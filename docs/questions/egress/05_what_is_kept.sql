-- What do data sets, checkpoints and artefacts cost to keep, and what may be cold?
select
    billing_period,
    content_class,
    storage_tier,
    access_state,
    billing_currency,
    cast(sum(gigabyte_months) as decimal(18, 1)) as gigabyte_months,
    cast(sum(effective_cost) as decimal(18, 2)) as cost,
    cast(sum(case when is_cold_candidate then effective_cost else 0 end) as decimal(18, 2))
        as perhaps_cold
from egress.storage_by_class
group by all
order by all
