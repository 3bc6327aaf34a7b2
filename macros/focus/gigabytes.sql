{#- Quantity in decimal gigabytes (or gigabyte-months) by a factor of transfer_units. Rounded per
    row, so that sums do not depend on their order; data is measured to far fewer digits. -#}
{% macro gigabytes(amount, factor) -%}
    {{ quantity(
        'round(cast(' ~ amount ~ ' as double) * cast(' ~ factor ~ ' as double), 9)'
    ) }}
{%- endmacro %}
