{#- Values of the enumerated columns of Cost and Usage: constants, so that one pass over the wide
    table answers without eight joins. A test keeps them equal to the seed focus_allowed_values. -#}
{% macro conformance_allowed_values() %}
    {{ return({
        'charge_category': ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'],
        'charge_class': ['Correction'],
        'charge_frequency': ['One-Time', 'Recurring', 'Usage-Based'],
        'commitment_discount_category': ['Spend', 'Usage'],
        'commitment_discount_status': ['Used', 'Unused'],
        'capacity_reservation_status': ['Used', 'Unused'],
        'pricing_category': ['Standard', 'Dynamic', 'Committed', 'Other'],
        'service_category': [
            'AI and Machine Learning', 'Analytics', 'Business Applications', 'Compute', 'Databases',
            'Developer Tools', 'Multicloud', 'Identity', 'Integration', 'Internet of Things',
            'Management and Governance', 'Media', 'Migration', 'Mobile', 'Networking', 'Security',
            'Storage', 'Web', 'Other',
        ],
    }) }}
{% endmacro %}

{#- Keys that FOCUS 1.4 defines inside SkuPriceDetails, by the type of their value. -#}
{% macro conformance_sku_price_keys_by_type() %}
    {{ return({
        'number': [
            'CoreCount', 'DiskMaxIops', 'DiskSpace', 'GpuCount', 'MemorySize', 'NetworkMaxIops',
            'NetworkMaxThroughput',
        ],
        'text': [
            'DiskType', 'InstanceType', 'InstanceSeries', 'OperatingSystem', 'Redundancy',
            'StorageClass',
        ],
    }) }}
{% endmacro %}

{% macro conformance_sku_price_keys() %}
    {%- set types = conformance_sku_price_keys_by_type() -%}
    {{ return(types['number'] + types['text']) }}
{% endmacro %}

{#- Money that people are paid in: the national currencies of ISO 4217, with those that bills of the
    last ten years may still name, without its codes for metals, funds and tests. -#}
{% macro conformance_currencies() %}
    {{ return([
        'AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT',
        'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD',
        'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP',
        'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF',
        'GTQ', 'GYD', 'HKD', 'HNL', 'HRK', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK',
        'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK',
        'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU',
        'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR',
        'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR',
        'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SLL', 'SOS', 'SRD', 'SSP', 'STN', 'SVC',
        'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX',
        'USD', 'UYU', 'UZS', 'VED', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XOF', 'XPF',
        'YER', 'ZAR', 'ZMW', 'ZWG', 'ZWL',
    ]) }}
{% endmacro %}

{#- Columns that a built table really has: the contract only says what it should have. -#}
{% macro conformance_columns(relation) %}
    {%- set columns = [] -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do columns.append((column.name, column.dtype)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns or [('', '')]) }}
{% endmacro %}

{#- Whether no text column of focus.cost_and_usage holds a stand-in for "no value". The columns are
    read from the contract, so that a new one is covered; `own` picks our own (x_) columns. No
    stand-in is longer than the limit: lower-casing only short texts halves the cost. -#}
{% macro conformance_no_placeholder(own) -%}
    {%- set stand_ins = [
        '', ' ', '-', 'na', 'n/a', 'none', 'null', 'not applicable', 'notapplicable',
    ] | join("', '") -%}
    {%- set tests = [] -%}
    {%- if execute -%}
        {%- set columns = graph.nodes['model.ai_finops.cost_and_usage'].columns.values() -%}
        {%- for column in columns
               if column.data_type == 'string' and column.name.startswith('x_') == own -%}
            {%- do tests.append(
                'case when ' ~ text_bytes(column.name) ~ ' < 15 then lower(' ~ column.name
                ~ ") in ('" ~ stand_ins ~ "') end"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    ({{ tests | join(' or ') or 'false' }}) is not true
{%- endmacro %}

{#- How an example names its row: delivered file, line and part, from the lineage columns. -#}
{% macro row_label() -%}
    concat_ws(' ', x_source_file, 'row', cast(x_source_row as string), x_source_part)
{%- endmacro %}

{#- The data sets of FOCUS that are asked, what their rules' ids start with, and how a record of the
    narrow ones names itself and the sources that it is from. -#}
{% macro conformance_datasets() %}
    {{ return([
        {'name': 'Cost and Usage', 'id': 'CostAndUsage', 'model': 'cost_and_usage', 'prefix': ''},
        {
            'name': 'Contract Commitment', 'id': 'ContractCommitment',
            'model': 'contract_commitment', 'prefix': 'contract_commitment.',
            'sources': 'x_source_names', 'label': 'contract_commitment_id',
        },
        {
            'name': 'Invoice Detail', 'id': 'InvoiceDetail', 'model': 'invoice_detail',
            'prefix': 'invoice_detail.', 'sources': 'x_source_name',
            'label': "concat_ws(' ', invoice_id, invoice_detail_id, charge_category)",
        },
        {
            'name': 'Billing Period', 'id': 'BillingPeriod', 'model': 'billing_period',
            'prefix': 'billing_period.', 'sources': 'x_source_names',
            'label': "concat_ws(' ', invoice_issuer_name, cast(billing_period_start as string))",
        },
    ]) }}
{% endmacro %}
