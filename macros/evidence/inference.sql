{#- A parameter of the inference policy; the seed says why it is what it is. -#}
{% macro inference_parameter(name) -%}
    (select max(value) from {{ ref('inference_policy') }} where parameter = '{{ name }}')
{%- endmacro %}

{#- Price of one token from that of a million. -#}
{% macro token_price(price_per_million) -%}
    cast(cast({{ price_per_million }} as double) / 1000000 as decimal(18, 15))
{%- endmacro %}

{#- These widths keep all digits of the product on every engine. -#}
{% macro tokens_times_price(tokens, price) -%}
    {{ money('cast(' ~ tokens ~ ' as decimal(18, 4)) * ' ~ price) }}
{%- endmacro %}
