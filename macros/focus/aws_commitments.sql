{#- An end that AWS writes as the last second of an interval, as the first instant after it. -#}
{% macro aws_exclusive_end(expression) -%}
    case
        when extract(second from {{ expression }}) = 59
            then {{ expression }} + interval 1 second
        else {{ expression }}
    end
{%- endmacro %}
