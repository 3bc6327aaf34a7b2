-- How much telemetry is of machines that no bill has?
select
    count(distinct (cluster_name, node_name)) as machines,
    coalesce(round(sum(device_hours), 1), 0) as accelerator_hours,
    min(first_hour) as first_hour,
    max(last_hour) as last_hour
from gpu.unmatched_telemetry
order by machines
