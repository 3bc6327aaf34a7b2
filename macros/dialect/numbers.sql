{#- Money and ratios, written once: decimal products and quotients differ between engines in scale,
    in rounding and in what happens at zero. -#}

{% macro money(expression) -%}
    cast({{ expression }} as decimal(38, 16))
{%- endmacro %}

{% macro quantity(expression) -%}
    cast({{ expression }} as decimal(38, 12))
{%- endmacro %}

{#- Quantity in single units of one counted in blocks (1000 tokens). These widths keep all twelve
    digits of the product on every engine. -#}
{% macro quantity_of_blocks(blocks, block_size) -%}
    {{ quantity(
        'cast(' ~ blocks ~ ' as decimal(26, 12)) * cast(' ~ block_size ~ ' as decimal(11, 0))'
    ) }}
{%- endmacro %}

{#- NULL where the denominator is 0 or unknown. -#}
{% macro ratio(numerator, denominator) -%}
    (cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}

{#- Exact product of a price (scale 18) and a quantity (scale 12), rounded once to money. -#}
{% macro price_times_quantity(price, quantity) -%}
    {{ return(adapter.dispatch('price_times_quantity')(price, quantity)) }}
{%- endmacro %}

{% macro default__price_times_quantity(price, quantity) -%}
    {{ money(price ~ ' * ' ~ quantity) }}
{%- endmacro %}

{#- Spark cuts the scale of a product of two wide decimals to 6 digits. These widths keep 21. -#}
{% macro spark__price_times_quantity(price, quantity) -%}
    {{ money('cast(' ~ price ~ ' as decimal(20, 12)) * cast(' ~ quantity ~ ' as decimal(17, 9))') }}
{%- endmacro %}

{#- Whether two amounts differ by no more than a millionth, of one unit or of the amount. Doubles
    do: the question is about size, and exact amounts are compared first. -#}
{% macro is_rounding(amount, stated) -%}
    (
        {{ amount }} = {{ stated }}
        or abs(cast({{ amount }} - {{ stated }} as double))
        <= 0.000001 * greatest(abs(cast({{ stated }} as double)), 1)
    )
{%- endmacro %}
