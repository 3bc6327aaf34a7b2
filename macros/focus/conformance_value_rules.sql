{#- Periods, products and prices. Products are compared to a millionth, of the cost or of the
    currency: bills round both the price and the cost. -#}
{% macro conformance_money_rules() %}
    {%- set prices = [
        'list_unit_price', 'contracted_unit_price', 'pricing_currency_list_unit_price',
        'pricing_currency_contracted_unit_price',
    ] -%}
    {%- set products = [
        ('list_cost', 'list_unit_price'), ('contracted_cost', 'contracted_unit_price'),
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
    {%- endfor -%}
    {%- for column in prices -%}
        {%- do rules.append((
            column, 'not_negative', 'MUST', column ~ ' is not null', column ~ ' >= 0',
            'A unit price is never negative.',
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}

{#- Reservations, savings plans and other commitments. -#}
{% macro conformance_commitment_rules() %}
    {%- set purchase = "charge_category = 'Purchase' and commitment_discount_id is not null" -%}
    {%- set used = "commitment_discount_status = 'Used'" -%}
    {%- set unused = "commitment_discount_status = 'Unused'" -%}
    {{ return([
        (
            'commitment_discount_status', 'not_null_on_usage', 'MUST',
            "charge_category = 'Usage' and commitment_discount_id is not null",
            'commitment_discount_status is not null',
            'Usage tells whether it used the commitment.',
        ),
        (
            'commitment_discount_status', 'null_on_purchase', 'MUST', purchase,
            'commitment_discount_status is null',
            'The purchase of a commitment is neither used nor unused.',
        ),
        (
            'commitment_discount_quantity', 'not_null_on_commitment', 'MUST',
            "charge_category in ('Usage', 'Purchase') and commitment_discount_id is not null"
            ~ ' and charge_class is null',
            'commitment_discount_quantity is not null',
            'Usage and purchase of a commitment tell its quantity.',
        ),
        (
            'commitment_discount_quantity', 'null_elsewhere', 'MUST',
            "commitment_discount_id is null"
            ~ " or coalesce(charge_category, '') not in ('Usage', 'Purchase')",
            'commitment_discount_quantity is null',
            'No other row has a commitment quantity.',
        ),
        (
            'charge_category', 'usage_when_unused', 'MUST', unused, "charge_category = 'Usage'",
            'The idle part of a commitment is usage.',
        ),
        (
            'billed_cost', 'zero_when_unused', 'MUST', unused, 'billed_cost = 0',
            'The idle part of a commitment is not billed a second time.',
        ),
        (
            'billed_cost', 'zero_when_used', 'SHOULD', used ~ ' and charge_class is null',
            'billed_cost = 0',
            'Usage that a commitment pays for is not billed a second time.',
        ),
        (
            'effective_cost', 'zero_on_commitment_purchase', 'MUST',
            purchase ~ ' and charge_class is null', 'effective_cost = 0',
            'The fee of a commitment is carried by the usage that it pays for.',
        ),
        (
            'pricing_category', 'committed_under_commitment', 'MUST',
            'commitment_discount_status is not null', "pricing_category = 'Committed'",
            'Used and idle commitments are priced as committed.',
        ),
        (
            'pricing_category', 'committed_names_commitment', 'MUST',
            "pricing_category = 'Committed'", 'commitment_discount_id is not null',
            'A committed price names its commitment.',
        ),
        (
            'pricing_category', 'standard_on_commitment_purchase', 'MUST',
            purchase ~ ' and pricing_category is not null', "pricing_category = 'Standard'",
            'A commitment is bought at a standard price.',
        ),
        (
            'resource_id', 'commitment_on_its_purchase', 'SHOULD', purchase,
            'resource_id = commitment_discount_id',
            'The purchase of a commitment has it as its resource.',
        ),
        (
            'charge_frequency', 'not_usage_based_on_purchase', 'MUST',
            "charge_category = 'Purchase'", "charge_frequency <> 'Usage-Based'",
            'A purchase is made once, or recurs.',
        ),
    ]) }}
{% endmacro %}

{#- Formats: currencies, units, JSON, tags, and stand-ins for absent text. -#}
{% macro conformance_text_rules() %}
    {%- set json_columns = [
        ('allocated_method_details', 'Elements'), ('contract_applied', 'Elements'),
        ('commitment_program_eligibility_details', 'CommitmentPrograms'),
        ('sku_price_details', none),
    ] -%}
    {%- set rules = [
        (
            'billing_currency', 'iso_4217', 'MUST', 'billing_currency is not null',
            text_matches('billing_currency', '^[A-Z]{3}$'),
            'Three capital letters.',
        ),
        (
            'sku_price_details', 'known_keys', 'MUST', 'sku_price_details is not null',
            json_has_only_keys('sku_price_details', conformance_sku_price_keys()),
            'Keys are those that FOCUS defines, or start with x_.',
        ),
        (
            'sku_price_details', 'no_nested_value', 'MUST', 'sku_price_details is not null',
            'not (' ~ json_has_nested_value('sku_price_details') ~ ')',
            'Values are numbers, texts, booleans or null.',
        ),
        (
            'text_columns', 'no_placeholder', 'MUST', 'true', conformance_no_placeholder(own=false),
            'Absent text is NULL in FOCUS columns, no empty string and no word for it.',
        ),
        (
            'x_text_columns', 'no_placeholder', 'SHOULD', 'true',
            conformance_no_placeholder(own=true),
            'Absent text is NULL in our own columns too.',
        ),
    ] -%}
    {%- for column in ['pricing_unit', 'consumed_unit', 'commitment_discount_unit'] -%}
        {%- do rules.append((
            column, 'unit_format', 'SHOULD', column ~ ' is not null', is_focus_unit(column),
            'Spelled by the FOCUS unit grammar (GB-Hours, 1000 Tokens).',
        )) -%}
    {%- endfor -%}
    {%- for column, list_key in json_columns -%}
        {%- do rules.append((
            column, 'json_object', 'MUST', column ~ ' is not null', is_json_object(column),
            'The text is a JSON object.',
        )) -%}
        {%- if list_key -%}
            {%- do rules.append((
                column, 'json_list', 'MUST', column ~ ' is not null',
                'left(' ~ json_member_text(column, list_key) ~ ", 1) = '['",
                'The object has the list ' ~ list_key ~ '.',
            )) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for column in ['tags', 'allocated_tags'] -%}
        {%- do rules.append((
            column, 'no_nested_value', 'MUST', column ~ ' is not null',
            'not (' ~ map_has_nested_value(column) ~ ')',
            'The value of a tag is no object and no list.',
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}
