-- One row per source, billing period, usage account, currency and shared machine: what the machine
-- cost while pods or tasks shared it, what they were given, and what stayed with the machine.
with staged_shared_machines as (

    select * from {{ ref('staged_shared_machines') }}

),

focus_shared_machines as (

    select * from {{ ref('focus_shared_machines') }}

),

both_sides as (

    select
        source_name,
        billing_period,
        sub_account_id,
        billing_currency,
        machine_id,
        machine_lines,
        0 as shares,
        0 as remainders,
        machine_cost,
        0 as shared_cost,
        0 as remainder_cost
    from staged_shared_machines
    union all
    select
        source_name,
        billing_period,
        sub_account_id,
        billing_currency,
        machine_id,
        0 as machine_lines,
        shares,
        remainders,
        0 as machine_cost,
        shared_cost,
        remainder_cost
    from focus_shared_machines

)

select
    source_name,
    billing_period,
    sub_account_id,
    billing_currency,
    machine_id,
    cast(sum(machine_lines) as bigint) as machine_lines,
    cast(sum(shares) as bigint) as shares,
    cast(sum(remainders) as bigint) as remainders,
    {{ money('sum(machine_cost)') }} as machine_cost,
    {{ money('sum(shared_cost)') }} as shared_cost,
    {{ money('sum(remainder_cost)') }} as remainder_cost,
    {{ money('sum(machine_cost - shared_cost - remainder_cost)') }} as gap
from both_sides
group by source_name, billing_period, sub_account_id, billing_currency, machine_id
