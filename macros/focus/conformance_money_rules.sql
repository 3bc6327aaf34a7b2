{#- Periods, quantities, products and prices, and who bills. Products are compared to a millionth,
    of the cost or of the currency: bills round both the price and the cost. -#}
{% macro conformance_money_rules() %}
    {%- set prices = [
        'list_unit_price', 'contracted_unit_price', 'pricing_currency_list_unit_price',
        'pricing_currency_contracted_unit_price',
    ] -%}
    {%- set products = [
        ('list_cost', 'list_unit_price'), ('contracted_cost', 'contracted_unit_price'),
    ] -%}
    {%- set same_currency = [
        ('pricing_currency_effective_cost', 'effective_cost'),
        ('pricing_currency_list_unit_price', 'list_unit_price'),
        ('pricing_currency_contracted_unit_price', 'contracted_unit_price'),
    ] -%}
    {%- set rules = [
        (
            'effective_cost', 'equals_billed_cost', 'MUST',
            "coalesce(charge_category, '') <> 'Purchase' and commitment_discount_id is null"
            ~ ' and capacity_reservation_id is null and contract_applied is null'
            ~ " and x_source_part in ('charge', 'split', 'split_remainder')",
            'effective_cost = billed_cost',
            'A charge that no other charge pays for costs what is billed.',
        ),
        (
            'effective_cost', 'not_above_contracted_cost', 'SHOULD',
            "commitment_discount_status = 'Used' and contracted_cost is not null"
            ~ ' and charge_class is null',
            'effective_cost <= contracted_cost',
            'Usage costs no more under a commitment than without it.',
        ),
        (
            'contracted_cost', 'not_above_list_cost', 'SHOULD',
            "charge_category = 'Usage' and charge_class is null and contracted_cost is not null"
            ~ ' and list_cost is not null',
            'contracted_cost <= list_cost or ' ~ is_rounding('contracted_cost', 'list_cost'),
            'A negotiated price is no higher than the public one, to a millionth.',
        ),
        (
            'billed_cost', 'zero_when_seller_invoices', 'MUST',
            conformance_sold_by_another() ~ ' and invoice_issuer_name = service_provider_name',
            'billed_cost = 0',
            'What a marketplace seller invoices itself is not billed by the cloud as well.',
        ),
        (
            'consumed_quantity', 'agrees_with_pricing_quantity', 'SHOULD',
            'consumed_quantity is not null and pricing_quantity is not null'
            ~ ' and charge_class is null and ' ~ conformance_block_size() ~ ' is not null',
            'abs(cast(consumed_quantity as double)'
            ~ ' - cast(pricing_quantity as double) * ' ~ conformance_block_size() ~ ')'
            ~ ' <= 0.000001 * greatest(abs(cast(consumed_quantity as double)),'
            ~ ' ' ~ conformance_block_size() ~ ')',
            'Consumed and priced in one unit, or blocks of it, the quantity is the same.',
        ),
        (
            'charge_class', 'null_in_its_own_period', 'SHOULD', "charge_class = 'Correction'",
            'charge_period_start < billing_period_start',
            'A correction is of an earlier billing period; a change of this one needs no class.',
        ),
    ] -%}
    {%- for period in ['billing_period', 'charge_period'] -%}
        {%- do rules.append((
            period ~ '_end', 'after_start', 'MUST', 'true', period ~ '_end > ' ~ period ~ '_start',
            'The period ends after it starts.',
        )) -%}
    {%- endfor -%}
    {%- for cost, price in products -%}
        {%- do rules.append((
            cost, 'price_times_quantity', 'MUST',
            price ~ ' is not null and pricing_quantity is not null and charge_class is null',
            'abs(cast(' ~ cost ~ ' as double)'
            ~ ' - cast(' ~ price ~ ' as double) * cast(pricing_quantity as double))'
            ~ ' <= 0.000001 * greatest(abs(cast(' ~ cost ~ ' as double)), 1)',
            'Cost is price times quantity, to a millionth, corrections aside.',
        )) -%}
        {%- do rules.append((
            cost, 'equals_billed_cost_on_credit', 'MUST', "charge_category = 'Credit'",
            cost ~ ' = billed_cost',
            'A credit has one amount at every price level.',
        )) -%}
    {%- endfor -%}
    {%- for column, other in same_currency -%}
        {%- do rules.append((
            column, 'equal_in_one_currency', 'MUST',
            'pricing_currency = billing_currency and ' ~ column ~ ' is not null',
            column ~ ' = ' ~ other,
            'Priced and billed in one currency, the amount is the same.',
        )) -%}
    {%- endfor -%}
    {%- for column in prices -%}
        {%- do rules.append((
            column, 'not_negative', 'MUST', column ~ ' is not null', column ~ ' >= 0',
            'A unit price is never negative.',
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}

{#- How many of the consumed unit are one of the pricing unit: 1000000 of `1000000 Tokens`. NULL
    where the two units count different things. -#}
{% macro conformance_block_size() -%}
    (case
        when pricing_unit = consumed_unit then 1
        when pricing_unit like concat('% ', consumed_unit)
            then try_cast(replace(pricing_unit, concat(' ', consumed_unit), '') as double)
    end)
{%- endmacro %}

{#- Whether a charge in a cloud's own bill is another company's product. Bills in FOCUS form do not
    tell whose they are, so they are not asked. -#}
{% macro conformance_sold_by_another() -%}
    {%- set clouds = {
        'aws': 'AWS', 'azure': 'Microsoft', 'gcp': 'Google Cloud', 'oci': 'Oracle',
    } -%}
    (
        {%- for kind, company in clouds.items() %}
        (left(x_source_kind, {{ kind | length + 1 }}) = '{{ kind }}_'
            and service_provider_name <> '{{ company }}'){{ ' or' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
