{#- Quantity in decimal gigabytes (or gigabyte-months) by a factor of transfer_units. Rounded per
    row, so that sums do not depend on their order; data is measured to far fewer digits. -#}
{% macro gigabytes(amount, factor) -%}
    {{ quantity(
        'cast(cast(' ~ amount ~ ' as double) * cast(' ~ factor ~ ' as double) as decimal(29, 9))'
    ) }}
{%- endmacro %}
