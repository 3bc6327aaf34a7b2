-- Fails with each policy of sharing that contradicts itself, asks for what no charge has, or whose
-- fixed shares do not add up to exactly 1 on a day on which they hold.
{% set outcomes = [
    'x_team', 'x_project', 'x_environment', 'x_business_unit', 'x_cost_centre', 'x_owner_class',
    'x_workload_phase'
] %}

with policies as (

    select * from {{ ref('shared_cost_policies') }}

),

fixed as (

    select
        policy,
        share,
        {{ open_start('valid_from') }} as valid_from,
        {{ open_end('valid_to') }} as valid_to
    from {{ ref('shared_cost_fixed_shares') }}

),

sums as (

    select starts.policy, starts.valid_from, sum(fixed.share) as share
    from (select distinct policy, valid_from from fixed) as starts
    inner join fixed
        on
            starts.policy = fixed.policy
            and starts.valid_from >= fixed.valid_from
            and starts.valid_from < fixed.valid_to
    group by starts.policy, starts.valid_from

)

select 'rows of a policy differ in more than their condition' as fault, policy as found
from policies
group by policy
having
    count(distinct concat_ws(
        '|', cast(position as string), applies_to, method, coalesce(driver, ''), scope, level,
        coalesce(cast(valid_from as string), ''), coalesce(cast(valid_to as string), '')
    )) > 1
union all
select 'column that no charge has' as fault, concat(policy, ': ', column_name) as found
from policies
where
    column_name not in ('{{ attribution_columns() | join("', '") }}')
    and column_name not in ('{{ outcomes | join("', '") }}')
    {%- for map_column in attribution_maps() %}
    and column_name not like '{{ map_column }}.%'
    {%- endfor %}
union all
select
    'method and driver do not go together' as fault,
    concat(policy, ': ', method, ' ', coalesce(driver, 'without driver')) as found
from policies
where
    (method = 'proportional' and coalesce(driver, '') not in ('direct_cost', 'committed_cost'))
    or (
        method = 'driver' and coalesce(driver, 'direct_cost') in ('direct_cost', 'committed_cost')
    )
    or (method in ('even', 'fixed') and driver is not null)
union all
-- A landed list names no account, so within an account nobody would be found in it.
select 'landed driver with a scope below company' as fault, concat(policy, ': ', driver) as found
from policies
where method = 'driver' and driver not in ('gpu_hours', 'tokens') and scope <> 'company'
union all
select 'fixed shares without a policy of method fixed' as fault, fixed.policy as found
from fixed
left join policies on fixed.policy = policies.policy and policies.method = 'fixed'
where policies.policy is null
union all
select
    'fixed shares do not add up to 1' as fault,
    concat(policy, ': ', cast(share as string), ' from ', cast(valid_from as string)) as found
from sums
where share <> 1
union all
select 'fixed shares are missing' as fault, policies.policy as found
from policies
left join fixed on policies.policy = fixed.policy
where policies.method = 'fixed' and fixed.policy is null
union all
select 'share that is not above 0' as fault, concat(policy, ': ', cast(share as string)) as found
from fixed
where share <= 0
