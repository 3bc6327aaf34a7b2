{#- Words that a native FOCUS export writes where it has nothing to say: NULL in FOCUS. A pattern
    and no list: engines join a list of five or more like a table, and sixty columns are asked. -#}
{% macro is_stand_in(column) -%}
    coalesce(
        length({{ column }}) <= 15
        and {{ text_matches_pattern(
            column, "'(?i)^ *(-|n/?a|none|null|not ?applicable)? *$'"
        ) }},
        false
    )
{%- endmacro %}

{% macro stand_in_to_null(column) -%}
    case when not {{ is_stand_in(column) }} then {{ column }} end
{%- endmacro %}

{#- An enumerated value as FOCUS 1.4 spells it (`usage-based` -> `Usage-Based`). A value that is no
    spelling of a listed one stays as delivered, for the conformance rules to name. -#}
{% macro in_focus_spelling(column) -%}
    {%- set values = conformance_allowed_values()[column] -%}
    case lower(replace(replace(replace({{ column }}, ' ', ''), '-', ''), '_', ''))
        {%- for value in values %}
        when '{{ value | lower | replace(" ", "") | replace("-", "") }}' then '{{ value }}'
        {%- endfor %}
        else {{ stand_in_to_null(column) }}
    end
{%- endmacro %}

{#- Whether a delivered unit price, quantity and cost agree to a millionth of the cost or of the
    currency. True where one of them is missing, and for corrections, which need not multiply. In
    doubles: the product of a wrong price can be wider than any decimal. -#}
{% macro native_price_holds(price, cost) -%}
    (
        {{ price }} is null or {{ cost }} is null or pricing_quantity is null
        or charge_class is not null
        or (
            {{ price }} >= 0
            and abs(
                cast({{ price }} as double) * cast(pricing_quantity as double)
                - cast({{ cost }} as double)
            ) <= 0.000001 * greatest(abs(cast({{ cost }} as double)), 1)
        )
    )
{%- endmacro %}
