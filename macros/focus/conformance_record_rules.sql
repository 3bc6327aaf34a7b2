{#- Columns of the three narrow FOCUS data sets that are never NULL: always (Mandatory), or in a
    source that supports their concept (Conditional). A test keeps them equal to focus_columns. -#}
{% macro conformance_filled_columns() %}
    {{ return({
        'contract_commitment': {
            'always': [
                'contract_commitment_applicability', 'contract_commitment_benefit_category',
                'contract_commitment_category', 'contract_commitment_created',
                'contract_commitment_duration_type', 'contract_commitment_fulfillment_interval',
                'contract_commitment_id', 'contract_commitment_last_updated',
                'contract_commitment_lifecycle_status', 'contract_commitment_model',
                'contract_commitment_offer_category', 'contract_commitment_payment_interval',
                'contract_commitment_payment_model', 'contract_commitment_period_end',
                'contract_commitment_period_start', 'contract_commitment_type', 'contract_id',
                'contract_period_end', 'contract_period_start', 'invoice_issuer_name',
                'service_provider_name',
            ],
            'if_supported': [
                'contract_commitment_payment_upfront_percentage', 'pricing_currency',
            ],
        },
        'invoice_detail': {
            'always': [
                'billed_cost', 'billing_account_id', 'billing_currency', 'billing_period_end',
                'billing_period_start', 'charge_category', 'invoice_detail_created',
                'invoice_detail_id', 'invoice_detail_last_updated', 'invoice_id',
                'invoice_issue_status', 'invoice_issuer_name', 'payment_terms',
                'reference_invoice_id',
            ],
            'if_supported': [
                'payment_currency', 'payment_currency_billed_cost',
                'payment_currency_invoice_detail_id',
            ],
        },
        'billing_period': {
            'always': [
                'billing_period_created', 'billing_period_end', 'billing_period_last_updated',
                'billing_period_start', 'billing_period_status', 'invoice_issuer_name',
            ],
            'if_supported': [],
        },
    }) }}
{% endmacro %}

{#- Values of their enumerated columns, likewise. -#}
{% macro conformance_listed_values() %}
    {{ return({
        'contract_commitment': {
            'contract_commitment_benefit_category': [
                'Discount', 'Entitlement', 'Availability', 'Other',
            ],
            'contract_commitment_category': ['Spend', 'Usage'],
            'contract_commitment_fulfillment_interval': [
                'Hourly', 'Daily', 'Weekly', 'Monthly', 'Quarterly', 'Semi-Annual', 'Annual', 'Full
                Period', 'Transactional', 'Custom',
            ],
            'contract_commitment_lifecycle_status': [
                'Proposed', 'Pending', 'Active', 'Exhausted', 'Expired', 'Canceled', 'Superseded',
            ],
            'contract_commitment_model': ['Continuous', 'Discontinuous'],
            'contract_commitment_offer_category': ['Negotiated', 'Public'],
            'contract_commitment_payment_interval': [
                'One-Time', 'Monthly', 'Quarterly', 'Semi-Annual', 'Annual', 'Custom',
            ],
            'contract_commitment_payment_model': ['No Upfront', 'Partial Upfront', 'All Upfront'],
        },
        'invoice_detail': {
            'charge_category': ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'],
            'invoice_issue_status': ['Open', 'Issued', 'Voided'],
        },
        'billing_period': {
            'billing_period_status': ['Open', 'Closed'],
        },
    }) }}
{% endmacro %}

{#- What else a record must keep: (column, id, level, applies, holds, words). -#}
{% macro conformance_record_conditions() %}
    {%- set duration = '^[1-9][0-9]* (Minute|Hour|Day|Week|Month|Quarter|Year)s?$' -%}
    {%- set currencies = " in ('" ~ conformance_currencies() | join("', '") ~ "')" -%}
    {%- set currency = (
        'billing_currency', 'iso_4217', 'MUST', 'billing_currency is not null',
        'billing_currency' ~ currencies, 'A currency that ISO 4217 lists, in capital letters.',
    ) -%}
    {%- set period = (
        'billing_period_end', 'after_start', 'MUST', 'true',
        'billing_period_end > billing_period_start', 'The period ends after it starts.',
    ) -%}
    {{ return({
        'contract_commitment': [
            currency,
            (
                'contract_commitment_id', 'unique', 'MUST', 'contract_commitment_id is not null',
                'count(*) over (partition by contract_commitment_id, billing_currency) = 1',
                'A commitment is there once.',
            ),
            (
                'contract_commitment_period_end', 'after_start', 'MUST',
                'contract_commitment_period_end is not null',
                'contract_commitment_period_end > contract_commitment_period_start',
                'The term ends after it starts.',
            ),
            (
                'contract_period_end', 'after_start', 'MUST', 'contract_period_end is not null',
                'contract_period_end > contract_period_start', 'The contract ends after it starts.',
            ),
            (
                'contract_commitment_discount_percentage', 'fraction', 'MUST',
                'contract_commitment_discount_percentage is not null',
                'contract_commitment_discount_percentage between 0 and 1', 'From 0 to 1.',
            ),
            (
                'contract_commitment_payment_upfront_percentage', 'fraction', 'MUST',
                'contract_commitment_payment_upfront_percentage is not null',
                'contract_commitment_payment_upfront_percentage between 0 and 1', 'From 0 to 1.',
            ),
            (
                'contract_commitment_unit', 'null_with_quantity', 'MUST', 'true',
                '(contract_commitment_unit is null) = (contract_commitment_quantity is null)',
                'NULL exactly where the quantity is.',
            ),
            (
                'contract_commitment_unit', 'unit_format', 'SHOULD',
                'contract_commitment_unit is not null', is_focus_unit('contract_commitment_unit'),
                'Spelled by the FOCUS unit grammar.',
            ),
            (
                'contract_commitment_cost', 'not_null_when_spend', 'SHOULD',
                "contract_commitment_category = 'Spend'", 'contract_commitment_cost is not null',
                'A promise to spend says how much.',
            ),
            (
                'contract_commitment_quantity', 'not_null_when_usage', 'SHOULD',
                "contract_commitment_category = 'Usage'",
                'contract_commitment_quantity is not null', 'A promise to use says how much.',
            ),
            (
                'contract_commitment_duration_type', 'format', 'SHOULD',
                'contract_commitment_duration_type is not null',
                text_matches('contract_commitment_duration_type', duration),
                'A whole number and a unit of time (1 Year, 36 Months).',
            ),
            (
                'contract_commitment_applicability', 'json_object', 'MUST',
                'contract_commitment_applicability is not null',
                is_json_object('contract_commitment_applicability'), 'The text is a JSON object.',
            ),
        ],
        'invoice_detail': [
            currency,
            period,
            (
                'invoice_detail_id', 'unique', 'MUST', 'invoice_detail_id is not null',
                'count(*) over ('
                ~ 'partition by invoice_issuer_name, invoice_id, invoice_detail_id) = 1',
                'A line of an invoice is there once.',
            ),
            (
                'invoice_issue_date', 'null_until_issued', 'MUST', "invoice_issue_status = 'Open'",
                'invoice_issue_date is null', 'An open invoice has no date of issue.',
            ),
            (
                'invoice_detail_grain', 'json_object', 'MUST', 'invoice_detail_grain is not null',
                is_json_object('invoice_detail_grain'), 'The text is a JSON object.',
            ),
            (
                'invoice_detail_grain', 'no_nested_value', 'MUST',
                'invoice_detail_grain is not null',
                'not (' ~ json_has_nested_value('invoice_detail_grain') ~ ')',
                'Values are numbers, texts, booleans or null.',
            ),
        ],
        'billing_period': [
            period,
            (
                'billing_period_start', 'unique', 'MUST', 'true',
                'count(*) over (partition by invoice_issuer_name, billing_period_start) = 1',
                'An issuer has a period once.',
            ),
        ],
    }) }}
{% endmacro %}

{#- The rules that one record of a narrow data set can answer, like conformance_rules. -#}
{% macro conformance_record_rules(model) %}
    {%- set dataset = (conformance_datasets() | selectattr('model', 'equalto', model) | list)[0] -%}
    {%- set filled = conformance_filled_columns()[model] -%}
    {%- set found = [] -%}
    {%- for column in filled['always'] + filled['if_supported'] -%}
        {%- do found.append((
            column, 'not_null', 'MUST', 'true', column ~ ' is not null',
            'Every record has a value.',
        )) -%}
    {%- endfor -%}
    {%- for column, values in conformance_listed_values()[model].items() -%}
        {%- do found.append((
            column, 'allowed', 'MUST', column ~ ' is not null',
            column ~ " in ('" ~ values | join("', '") ~ "')", 'The value is one that FOCUS lists.',
        )) -%}
    {%- endfor -%}
    {%- set rules = [] -%}
    {%- for column, id, level, applies, holds, words in
            found + conformance_record_conditions()[model] -%}
        {%- do rules.append({
            'id': dataset.prefix ~ column ~ '.' ~ id, 'slot': column ~ '_' ~ id,
            'dataset': dataset.name, 'column': column, 'level': level, 'applies': applies,
            'holds': holds, 'words': words,
            'if_supported': id == 'not_null' and column in filled['if_supported'],
        }) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}
