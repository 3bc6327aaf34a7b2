-- What is kept in several places, and what do the copies cost a month?
select
    billing_period,
    copy_group,
    evidence,
    billing_currency,
    count(*) as places,
    cast(sum(storage_cost) as decimal(18, 2)) as storage,
    cast(sum(replication_cost) as decimal(18, 2)) as replication,
    cast(sum(cost_of_copies) as decimal(18, 2)) as cost_of_copies
from egress.duplicates
group by all
order by billing_period, cost_of_copies desc, copy_group
