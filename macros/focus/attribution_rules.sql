{#- Rules of ownership, phase and kind are rows of policy seeds. These macros read such a row. -#}

{#- Spelling under which keys and values of tags are compared: Cost-Center, cost_center and
    costCenter are one. A colon stays: it parts a namespace from its key. -#}
{% macro tag_form(text) -%}
    translate(lower(trim({{ text }})), ' _-.', '')
{%- endmacro %}

{#- What a charge holds in the column that a rule names; '' where it holds nothing. Single tags are
    named after their map: tags.team, allocated_tags.k8s-namespace, x_cost_categories.Team. -#}
{% macro ruled_value(column_name, keys) -%}
    coalesce(case
        {%- for map_column in attribution_maps() %}
        when {{ column_name }} like '{{ map_column }}.%'
            then {{ keys }}.{{ map_column }}[
                substr({{ column_name }}, {{ map_column | length + 2 }})
            ]
        {%- endfor %}
        {%- for column in attribution_columns() if column not in attribution_maps() %}
        when {{ column_name }} = '{{ column }}' then {{ keys }}.{{ column }}
        {%- endfor %}
    end, '')
{%- endmacro %}

{#- Whether a value meets the condition of a rule. Lists are written a|b|c. -#}
{% macro rule_holds(operator, value, operand) -%}
    case {{ operator }}
        when 'equals' then {{ value }} = {{ operand }}
        when 'in'
            then instr(concat('|', {{ operand }}, '|'), concat('|', {{ value }}, '|')) > 0
        when 'starts_with'
            then substr({{ value }}, 1, length({{ operand }})) = {{ operand }}
        when 'contains' then instr({{ value }}, {{ operand }}) > 0
        when 'matches' then {{ text_matches_pattern(value, operand) }}
        when 'is_empty' then {{ value }} = ''
    end
{%- endmacro %}

{#- Bounds of a validity that policy may leave open. -#}
{% macro open_start(date_column) -%}
    coalesce(cast({{ date_column }} as timestamp), timestamp '1900-01-01 00:00:00')
{%- endmacro %}

{% macro open_end(date_column) -%}
    coalesce(cast({{ date_column }} as timestamp), timestamp '9999-12-31 00:00:00')
{%- endmacro %}

{% macro day_start(moment) -%}
    cast(date_trunc('day', {{ moment }}) as timestamp)
{%- endmacro %}
