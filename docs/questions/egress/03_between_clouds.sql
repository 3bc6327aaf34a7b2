-- What goes from one cloud to another, as far as two bills agree?
select
    exit_provider,
    exit_project,
    entry_provider,
    entry_resource_id,
    exit_billing_currency,
    count(*) as days,
    cast(sum(exit_gigabytes) as decimal(18, 1)) as left_gigabytes,
    cast(sum(entry_gigabytes) as decimal(18, 1)) as arrived_gigabytes,
    cast(sum(matched_exit_cost) as decimal(18, 2)) as cost
from egress.cross_cloud_pairs
where pair_status = 'matched'
group by all
order by cost desc, exit_provider, exit_project, entry_resource_id
