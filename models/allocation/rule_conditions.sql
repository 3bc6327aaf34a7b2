-- One row per rule set, rule and condition: every rule of the policy seeds in one shape. All
-- conditions of a rule have to hold.
{% set assigning = {
    'parent': 'parent_tags', 'virtual_tag': 'virtual_tags', 'default_owner': 'default_owners'
} %}

with rules as (
    {% for rule_set, seed in assigning.items() %}
    select
        '{{ rule_set }}' as rule_set,
        rule,
        position,
        column_name,
        operator,
        operand,
        assigned_key,
        assigned_value,
        {{ open_start('valid_from') }} as valid_from,
        {{ open_end('valid_to') }} as valid_to
    from {{ ref(seed) }}
    union all
    {% endfor %}
    select
        'untaggable' as rule_set,
        rule,
        position,
        column_name,
        operator,
        operand,
        'owner_class' as assigned_key,
        owner_class as assigned_value,
        {{ open_start('null') }} as valid_from,
        {{ open_end('null') }} as valid_to
    from {{ ref('taggable_rules') }}
    union all
    select
        'ai_spend' as rule_set,
        rule,
        position,
        column_name,
        operator,
        operand,
        'is_ai_spend' as assigned_key,
        'true' as assigned_value,
        {{ open_start('null') }} as valid_from,
        {{ open_end('null') }} as valid_to
    from {{ ref('coverage_ai_rules') }}
    union all
    select
        case strength when 'decides' then 'phase' else 'default_phase' end as rule_set,
        rule,
        position,
        column_name,
        operator,
        operand,
        'workload_phase' as assigned_key,
        workload_phase as assigned_value,
        {{ open_start('null') }} as valid_from,
        {{ open_end('null') }} as valid_to
    from {{ ref('workload_phase_rules') }}
    union all
    select
        'shared' as rule_set,
        policy as rule,
        position,
        column_name,
        operator,
        operand,
        'policy' as assigned_key,
        policy as assigned_value,
        {{ open_start('valid_from') }} as valid_from,
        {{ open_end('valid_to') }} as valid_to
    from {{ ref('shared_cost_policies') }}

)

select
    rule_set,
    rule,
    position,
    row_number() over (
        partition by rule_set, rule order by column_name, operator, operand
    ) as condition_number,
    count(*) over (partition by rule_set, rule) as conditions,
    column_name,
    operator,
    coalesce(operand, '') as operand,
    assigned_key,
    assigned_value,
    valid_from,
    valid_to
from rules
