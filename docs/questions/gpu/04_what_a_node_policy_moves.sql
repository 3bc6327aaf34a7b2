-- What do idle accelerators cost under each policy of splitting a machine's cost?
select
    node_cost_policy,
    is_default,
    round(sum(used_cost), 2) as used_cost,
    round(sum(idle_held_cost + idle_free_cost), 2) as idle_cost,
    round(sum(unallocated_cost), 2) as unallocated_cost,
    round(sum(unknown_cost), 2) as unknown_cost,
    round(sum(node_effective_cost), 2) as rest_of_the_machines,
    round(sum(machine_effective_cost), 2) as bill,
    billing_currency
from gpu.cost_by_node_policy
group by all
order by billing_currency desc, node_cost_policy;
