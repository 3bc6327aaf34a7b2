{#- Rules over several rows of Cost and Usage: within a source, each key has one value. -#}
{% macro conformance_key_rules() %}
    {%- set one_per_key = [
        (
            'service_category', 'one_per_service', 'MUST', 'service_name',
            'A service has one category.',
        ),
        (
            'service_subcategory', 'one_per_service', 'SHOULD', 'service_name',
            'A service has one subcategory.',
        ),
        ('sku_id', 'one_per_sku_price', 'MUST', 'sku_price_id', 'A SKU price belongs to one SKU.'),
        ('sku_meter', 'one_per_sku', 'SHOULD', 'sku_id', 'A SKU meters one thing.'),
        (
            'commitment_discount_unit', 'one_per_commitment', 'MUST', 'commitment_discount_id',
            'A commitment is measured in one unit.',
        ),
        (
            'commitment_discount_category', 'one_per_commitment', 'SHOULD',
            'commitment_discount_id', 'A commitment is to spend or to use, not both.',
        ),
        (
            'commitment_discount_type', 'one_per_commitment', 'SHOULD', 'commitment_discount_id',
            'A commitment is of one type.',
        ),
        (
            'billing_account_type', 'one_per_account', 'MUST', 'billing_account_id',
            'A billing account is of one type.',
        ),
        (
            'sub_account_type', 'one_per_account', 'MUST', 'sub_account_id',
            'A sub account is of one type.',
        ),
        (
            'billing_currency', 'one_per_invoice', 'MUST', 'invoice_id',
            'An invoice is in one currency.',
        ),
        (
            'invoice_issuer_name', 'one_per_invoice', 'MUST', 'invoice_id',
            'An invoice has one issuer.',
        ),
        (
            'billing_account_id', 'one_per_invoice', 'SHOULD', 'invoice_id',
            'An invoice goes to one billing account.',
        ),
        ('region_name', 'one_per_region', 'SHOULD', 'region_id', 'A region has one name.'),
    ] -%}
    {%- set rules = [] -%}
    {%- for column, id, level, key, words in one_per_key -%}
        {%- do rules.append({
            'id': column ~ '.' ~ id, 'dataset': 'Cost and Usage', 'column': column,
            'level': level, 'key': key, 'words': words,
        }) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}

{#- Rules about a data set as a whole: asked of the built columns, for all sources. -#}
{% macro conformance_table_rules() %}
    {%- set rules = [{
        'id': 'row.unique', 'level': 'MUST', 'dataset': 'Cost and Usage', 'column': 'x_source_row',
        'words': 'A part of a raw line is there once.',
    }] -%}
    {%- for dataset in conformance_datasets() -%}
        {%- for id, level, words in [
            ('complete', 'MUST', 'All columns that FOCUS 1.4 defines are there.'),
            ('typed', 'MUST', 'Each column has the data type that FOCUS 1.4 gives it.'),
            ('own_prefix', 'MUST', 'A column that FOCUS does not define starts with x_.'),
        ] -%}
            {%- do rules.append({
                'id': dataset.prefix ~ 'columns.' ~ id, 'level': level, 'dataset': dataset.name,
                'column': 'all columns', 'words': words,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}
