-- Fails with each coverage policy that could never be judged as it is meant: a key that is not
-- governed, a floor that no measure can miss, an empty scope.
with policies as (

    select
        *,
        check_kind in ('coverage', 'tag_coverage', 'allowed_values') as is_of_a_key,
        check_kind in ('inventory_freshness', 'bill_freshness') as is_an_age
    from {{ ref('coverage_policies') }}

)

select policies.policy, 'its governed_key is not governed' as fault
from policies
left join {{ ref('governed_keys') }} as governed_keys
    on policies.governed_key = governed_keys.governed_key
where policies.is_of_a_key and governed_keys.governed_key is null
union all
select policy, 'it is about no key: write * in governed_key' as fault
from policies
where not is_of_a_key and governed_key is distinct from '*'
union all
select policy, 'a scope is empty: write * for all' as fault
from policies
where
    {%- for scope in coverage_scopes() %}
    {{ 'or ' if not loop.first }}coalesce({{ scope }}, '') = ''
    {%- endfor %}
union all
select policy, 'floors of shares lie between 0 and 1' as fault
from policies
where is_of_a_key and (floor_to_warn not between 0 and 1 or floor_to_fail not between 0 and 1)
union all
select policy, 'it has no floor, so it asks for nothing' as fault
from policies
where floor_to_warn is null and floor_to_fail is null
union all
select policy, 'it fails before it warns' as fault
from policies
where
    (is_an_age and floor_to_fail < floor_to_warn)
    or (not is_an_age and floor_to_fail > floor_to_warn)
union all
select policy, 'volume compares windows of days: fill window_days' as fault
from policies
where check_kind = 'volume' and window_days is null
union all
select policy, 'a window has at least one day' as fault
from policies
where window_days < 1
