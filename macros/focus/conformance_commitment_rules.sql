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
            'commitment_discount_unit', 'currency_when_spend', 'SHOULD',
            "commitment_discount_category = 'Spend' and commitment_discount_unit is not null",
            text_matches('commitment_discount_unit', '^[A-Z]{3}$'),
            'A commitment to spend is measured in money.',
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
            'resource_id', 'commitment_on_its_purchase', 'MUST', purchase,
            'resource_id = commitment_discount_id',
            'The purchase of a commitment has it as its resource.',
        ),
        (
            'resource_id', 'commitment_when_unused', 'MUST', unused,
            'resource_id = commitment_discount_id',
            'The idle part of a commitment has it as its resource.',
        ),
        (
            'resource_id', 'not_commitment_when_used', 'MUST',
            used ~ ' and resource_id is not null',
            'resource_id is distinct from commitment_discount_id',
            'Usage under a commitment names what was used, not the commitment.',
        ),
        (
            'charge_frequency', 'not_usage_based_on_purchase', 'MUST',
            "charge_category = 'Purchase'", "charge_frequency <> 'Usage-Based'",
            'A purchase is made once, or recurs.',
        ),
    ]) }}
{% endmacro %}
