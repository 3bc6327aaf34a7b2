-- Which machines could be smaller or spot, what would that save, and how well do we know?
select
    usage_month,
    provider,
    instance_type,
    team,
    workload_phase,
    size_verdict,
    unknown_because,
    smaller_instance_type,
    spot_verdict,
    count(*) as machines,
    cast(sum(on_demand_cost) as decimal(18, 2)) as on_demand_cost,
    cast(sum(saving_in_month) as decimal(18, 2)) as saving_in_month,
    round(min(coverage_ratio), 3) as least_coverage
from gpu.rightsizing
where on_demand_cost > 0
group by all
order by
    saving_in_month desc, on_demand_cost desc, usage_month, provider, instance_type, team,
    workload_phase
limit 15
