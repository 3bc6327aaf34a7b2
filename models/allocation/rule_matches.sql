-- One row per source, billing period, attribution key, rule set and rule that holds for the key.
-- Conditions are tried on the distinct values of the columns they name: a pattern is matched once
-- per value and not once per key.
with conditions as (

    -- What is shared depends on whose it is, so shared_pools tries those rules later.
    select * from {{ ref('rule_conditions') }} where rule_set <> 'shared'

),

named_columns as (

    select distinct column_name from conditions

),

tested as (

    select
        keys.source_name,
        keys.billing_period,
        keys.attribution_key,
        named_columns.column_name,
        {{ ruled_value('named_columns.column_name', 'keys') }} as tested_value
    from {{ ref('attribution_keys') }} as keys
    cross join named_columns

),

tested_values as (

    select distinct column_name, tested_value from tested

),

held_conditions as (

    select
        conditions.*,
        tested_values.tested_value
    from tested_values
    inner join conditions on tested_values.column_name = conditions.column_name
    where {{ rule_holds(
        'conditions.operator', 'tested_values.tested_value', 'conditions.operand'
    ) }}

)

select
    tested.source_name,
    tested.billing_period,
    tested.attribution_key,
    held_conditions.rule_set,
    held_conditions.rule,
    min(held_conditions.position) as position,
    min(held_conditions.assigned_key) as assigned_key,
    min(held_conditions.assigned_value) as assigned_value,
    max(held_conditions.valid_from) as valid_from,
    min(held_conditions.valid_to) as valid_to
from tested
inner join held_conditions
    on
        tested.column_name = held_conditions.column_name
        and tested.tested_value = held_conditions.tested_value
group by
    tested.source_name,
    tested.billing_period,
    tested.attribution_key,
    held_conditions.rule_set,
    held_conditions.rule
having count(distinct held_conditions.condition_number) = min(held_conditions.conditions)
