{#- The order of a reservation or savings plan, as a path in lower case. BenefitId is the path of
    one commitment; older exports only have the ids. -#}
{% macro azure_commitment_id() -%}
    coalesce(
        nullif(rtrim(split_part(
            split_part(lower(benefit_id), '/reservations/', 1), '/savingsplans/', 1
        ), '/'), ''),
        case
            when plain_pricing_model = 'savingsplan'
                then '/providers/microsoft.billingbenefits/savingsplanorders/'
            else '/providers/microsoft.capacity/reservationorders/'
        end || lower(nullif(coalesce(product_order_id, reservation_id), ''))
    )
{%- endmacro %}

{#- Kind of resource in an ARM path: `microsoft.sql/servers/databases`. NULL in other ids. -#}
{% macro azure_resource_type(path) -%}
    {%- set inside = "split_part(" ~ path ~ ", '/providers/', 2)" -%}
    case
        when {{ path }} like '%/providers/%/%'
            then concat(
                split_part({{ inside }}, '/', 1), '/', split_part({{ inside }}, '/', 2),
                case
                    when split_part({{ inside }}, '/', 4) <> ''
                        then concat('/', split_part({{ inside }}, '/', 4))
                    else ''
                end
            )
    end
{%- endmacro %}

{#- Spot capacity has a pricing model of its own; older exports only say so in the meter. -#}
{% macro azure_is_spot() -%}
    (
        plain_pricing_model = 'spot'
        or (
            coalesce(plain_pricing_model, 'ondemand') = 'ondemand'
            and (meter_name like '% Spot' or meter_name like '% Low Priority')
        )
    )
{%- endmacro %}

{#- Quantity in pricing blocks. The reciprocal of every block that is a power of ten is exact. -#}
{% macro azure_blocks(quantity_column, block_size) -%}
    {{ quantity(
        'cast(' ~ quantity_column ~ ' as decimal(26, 12)) * cast(1.0 / ' ~ block_size
        ~ ' as decimal(12, 10))'
    ) }}
{%- endmacro %}

{#- Price in billing currency. These widths keep all digits of the product on every engine. -#}
{% macro azure_converted(price, rate) -%}
    cast(
        cast({{ price }} as decimal(20, 12)) * cast({{ rate }} as decimal(17, 12))
        as decimal(38, 18)
    )
{%- endmacro %}

{#- Tag keys are kept as they are: Azure gives no prefix to those of users or its own. -#}
{% macro azure_tag_key(tag_key) -%}
    {{ tag_key }}
{%- endmacro %}

{#- Words that Azure writes where a text is missing. -#}
{% macro azure_text(expression) -%}
    {{ placeholder_to_null(
        expression,
        ['', 'Unassigned', 'Not applicable', 'NotApplicable', 'NA', 'N/A', 'Others', 'None', 'null']
    ) }}
{%- endmacro %}

{#- Whether quantity times the price of a unit of measure is the cost: then the quantity is in units
    of measure too. Doubles do: a block is 10 or more, a rounding a thousandth at most. -#}
{% macro azure_is_counted_in_blocks() -%}
    abs({{ ratio(
        'cast(quantity as double) * cast(unit_price as double)'
        ~ ' * cast(coalesce(exchange_rate, 1) as double)',
        'charged_cost'
    ) }} - 1) < 0.001
{%- endmacro %}
