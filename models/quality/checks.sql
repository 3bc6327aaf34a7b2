-- One row per law and figure that it is about: things compared, things that differ, largest gap.
with reconciliation as (

    select * from {{ ref('reconciliation') }}

),

charge_flow as (

    select * from {{ ref('charge_flow') }}

),

commitment_balance as (

    select * from {{ ref('commitment_balance') }}

),

split_balance as (

    select * from {{ ref('split_balance') }}

),

compared as (

    select
        'file = landed + quarantined' as check_name,
        'money is conserved' as law,
        file_gap <> 0 or file_row_gap <> 0 as is_failing,
        abs(file_gap) as gap
    from reconciliation
    union all
    select
        'landed = staged' as check_name,
        'money is conserved' as law,
        staging_gap <> 0 or staging_row_gap <> 0 as is_failing,
        abs(staging_gap) as gap
    from reconciliation
    union all
    select
        'staged = focus' as check_name,
        'money is conserved' as law,
        focus_gap <> 0 or focus_row_gap <> 0 as is_failing,
        abs(focus_gap) as gap
    from reconciliation
    union all
    select
        'effective = billed, commitments aside' as check_name,
        'money is conserved' as law,
        misplaced_cost <> 0 as is_failing,
        misplaced_cost as gap
    from charge_flow
    union all
    select
        'commitment = used + unused' as check_name,
        'commitments balance' as law,
        status = 'gap' as is_failing,
        abs(balance_gap) as gap
    from commitment_balance
    union all
    select
        'shared machine = shares + remainder' as check_name,
        'sharing never invents or loses' as law,
        gap <> 0 or remainders <> machine_lines as is_failing,
        abs(gap) as gap
    from split_balance

)

select
    check_name,
    law,
    case when count_if(is_failing) = 0 then 'pass' else 'fail' end as status,
    count(*) as compared,
    cast(count_if(is_failing) as bigint) as failing,
    cast(max(gap) as decimal(38, 16)) as largest_gap
from compared
group by check_name, law
