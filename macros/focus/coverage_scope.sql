{#- Whether charges are in the scope of a coverage policy. Each column of a scope is * for all, a
    value, or several as a|b. -#}
{% macro in_coverage_scope(policy, charges) -%}
    {%- for scope, column in coverage_scopes().items() %}
    {{ 'and ' if not loop.first -}}
    ({{ policy }}.{{ scope }} = '*' or instr(
        concat('|', {{ policy }}.{{ scope }}, '|'),
        concat('|', coalesce(cast({{ charges }}.{{ column }} as string), ''), '|')
    ) > 0)
    {%- endfor %}
{%- endmacro %}

{#- Columns of a policy that narrow it, and the columns of charges that they narrow. -#}
{% macro coverage_scopes() -%}
    {{ return({
        'scope_provider': 'provider', 'scope_source': 'source_name',
        'scope_billing_account': 'billing_account_id', 'scope_sub_account': 'sub_account_id',
        'scope_team': 'team', 'scope_service_category': 'service_category',
        'scope_ai_spend': 'is_ai_spend',
    }) }}
{%- endmacro %}

{#- Whether a policy holds on a day. -#}
{% macro policy_holds(policy, day) -%}
    cast({{ day }} as timestamp) >= {{ open_start(policy ~ '.valid_from') }}
    and cast({{ day }} as timestamp) < {{ open_end(policy ~ '.valid_to') }}
{%- endmacro %}
