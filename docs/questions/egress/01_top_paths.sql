-- Where does data leave to, who sends it, and what does a gigabyte cost?
select
    from_provider,
    from_region_id,
    transfer_class,
    to_place,
    to_region_id,
    team,
    billing_currency,
    cast(sum(egress_gigabytes) as decimal(18, 1)) as gigabytes,
    cast(sum(effective_cost) as decimal(18, 2)) as cost,
    round(sum(effective_cost) / nullif(sum(gigabytes), 0), 4) as cost_per_gigabyte
from egress.paths_daily
where is_egress
group by all
order by cost desc, from_provider, from_region_id, to_region_id, team
limit 10
