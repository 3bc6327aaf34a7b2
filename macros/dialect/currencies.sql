{#- An amount of money in another currency. Rates have ten decimals, so the product is exact up to
    a million million before it is rounded to money. -#}
{% macro converted(amount, rate) -%}
    {{ return(adapter.dispatch('converted')(amount, rate)) }}
{%- endmacro %}

{% macro default__converted(amount, rate) -%}
    {{ money(amount ~ ' * ' ~ rate) }}
{%- endmacro %}

{#- Spark cuts the scale of a product of two wide decimals to 6 digits. These widths keep 22. -#}
{% macro spark__converted(amount, rate) -%}
    {{ money('cast(' ~ amount ~ ' as decimal(22, 12)) * cast(' ~ rate ~ ' as decimal(15, 10))') }}
{%- endmacro %}
