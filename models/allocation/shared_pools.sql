-- One row per source, billing period, attribution key and interval whose costs are shared: by which
-- policy, with whom, and weighed how. Closed months are left out: kept_shares has theirs.
{% set outcomes = [
    'team', 'project', 'environment', 'business_unit', 'cost_centre', 'owner_class',
    'workload_phase'
] %}

with conditions as (

    select * from {{ ref('rule_conditions') }} where rule_set = 'shared'

),

policies as (

    select
        policy,
        min(applies_to) as applies_to,
        min(method) as method,
        min(driver) as driver,
        min(scope) as scope,
        min(level) as level,
        min(valid_from) as valid_from
    from {{ ref('shared_cost_policies') }}
    group by policy

),

named_columns as (

    select distinct column_name from conditions

),

-- Policies may ask what a charge is and whose it has become; both are told of its interval.
tested as (

    select
        attributions.source_name,
        attributions.billing_period,
        attributions.attribution_key,
        attributions.valid_from,
        attributions.team is not null as is_owned,
        named_columns.column_name,
        case
            {%- for outcome in outcomes %}
            when named_columns.column_name = 'x_{{ outcome }}'
                then coalesce(attributions.{{ outcome }}, '')
            {%- endfor %}
            else {{ ruled_value('named_columns.column_name', 'keys') }}
        end as tested_value
    from {{ ref('key_attributions') }} as attributions
    inner join {{ ref('attribution_keys') }} as keys
        on
            attributions.source_name = keys.source_name
            and attributions.billing_period = keys.billing_period
            and attributions.attribution_key = keys.attribution_key
    left join (
        select distinct source_name, billing_period, attribution_key
        from {{ ref('kept_attributions') }}
    ) as kept
        on
            attributions.source_name = kept.source_name
            and attributions.billing_period = kept.billing_period
            and attributions.attribution_key = kept.attribution_key
    cross join named_columns
    where kept.attribution_key is null

),

held_conditions as (

    select conditions.*, tested_values.tested_value
    from (select distinct column_name, tested_value from tested) as tested_values
    inner join conditions on tested_values.column_name = conditions.column_name
    where {{ rule_holds(
        'conditions.operator', 'tested_values.tested_value', 'conditions.operand'
    ) }}

),

matches as (

    select
        tested.source_name,
        tested.billing_period,
        tested.attribution_key,
        tested.valid_from,
        tested.is_owned,
        held_conditions.rule as policy,
        min(held_conditions.position) as position
    from tested
    inner join held_conditions
        on
            tested.column_name = held_conditions.column_name
            and tested.tested_value = held_conditions.tested_value
    -- A policy holds for whole billing periods: those whose first day it covers.
    where
        cast(concat(tested.billing_period, '-01') as timestamp) >= held_conditions.valid_from
        and cast(concat(tested.billing_period, '-01') as timestamp) < held_conditions.valid_to
    group by
        tested.source_name, tested.billing_period, tested.attribution_key, tested.valid_from,
        tested.is_owned, held_conditions.rule
    having count(distinct held_conditions.condition_number) = min(held_conditions.conditions)

)

select
    matches.source_name,
    matches.billing_period,
    matches.attribution_key,
    matches.valid_from,
    matches.policy,
    policies.method,
    coalesce(policies.driver, 'direct_cost') as driver,
    policies.scope,
    policies.level,
    matches.policy || coalesce('@' || cast(policies.valid_from as string), '') as method_id,
    coalesce({{ scope_key('policies.scope', 'keys') }}, '') as scope_key,
    {{ weight_currency('policies.scope', "coalesce(policies.driver, 'direct_cost')", 'keys') }}
        as weight_currency
from matches
inner join policies on matches.policy = policies.policy
inner join {{ ref('attribution_keys') }} as keys
    on
        matches.source_name = keys.source_name
        and matches.billing_period = keys.billing_period
        and matches.attribution_key = keys.attribution_key
where policies.applies_to = 'all' or not matches.is_owned
qualify
    row_number() over (
        partition by
            matches.source_name, matches.billing_period, matches.attribution_key,
            matches.valid_from
        order by matches.position, matches.policy
    ) = 1
