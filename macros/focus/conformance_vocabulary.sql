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

{#- Keys that FOCUS 1.4 defines inside SkuPriceDetails. -#}
{% macro conformance_sku_price_keys() %}
    {{ return([
        'CoreCount', 'DiskMaxIops', 'DiskSpace', 'DiskType', 'GpuCount', 'InstanceType',
        'InstanceSeries', 'MemorySize', 'NetworkMaxIops', 'NetworkMaxThroughput', 'OperatingSystem',
        'Redundancy', 'StorageClass',
    ]) }}
{% endmacro %}

{#- Rules over several rows: within a source, each key has one value. -#}
{% macro conformance_key_rules() %}
    {{ return([
        {
            'id': 'service_category.one_per_service', 'level': 'MUST',
            'key': 'service_name', 'column': 'service_category',
            'words': 'A service has one category.',
        },
        {
            'id': 'service_subcategory.one_per_service', 'level': 'SHOULD',
            'key': 'service_name', 'column': 'service_subcategory',
            'words': 'A service has one subcategory.',
        },
        {
            'id': 'sku_id.one_per_sku_price', 'level': 'MUST',
            'key': 'sku_price_id', 'column': 'sku_id',
            'words': 'A SKU price belongs to one SKU.',
        },
        {
            'id': 'commitment_discount_unit.one_per_commitment', 'level': 'MUST',
            'key': 'commitment_discount_id', 'column': 'commitment_discount_unit',
            'words': 'A commitment is measured in one unit.',
        },
        {
            'id': 'region_name.one_per_region', 'level': 'SHOULD',
            'key': 'region_id', 'column': 'region_name',
            'words': 'A region has one name.',
        },
    ]) }}
{% endmacro %}

{#- Rules about the table as a whole. -#}
{% macro conformance_table_rules() %}
    {{ return([
        {
            'id': 'row.unique', 'level': 'MUST', 'column': 'x_source_row',
            'words': 'A part of a raw line is there once.',
        },
        {
            'id': 'columns.complete', 'level': 'MUST', 'column': 'all columns',
            'words': 'All 65 columns of FOCUS 1.4 are there.',
        },
        {
            'id': 'columns.own_prefix', 'level': 'MUST', 'column': 'all columns',
            'words': 'A column that FOCUS does not define starts with x_.',
        },
    ]) }}
{% endmacro %}

{#- Columns that a built table really has: the contract only says what it should have. -#}
{% macro conformance_columns(relation) %}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names or ['']) }}
{% endmacro %}

{#- Whether no text column of focus.cost_and_usage holds a stand-in for "no value". The columns are
    read from the contract, so that a new one is covered; `own` picks our own (x_) columns. -#}
{% macro conformance_no_placeholder(own) -%}
    {%- set stand_ins = [
        '', '-', 'na', 'n/a', 'none', 'null', 'not applicable', 'notapplicable',
    ] | join("', '") -%}
    {%- set tests = [] -%}
    {%- if execute -%}
        {%- set columns = graph.nodes['model.ai_finops.cost_and_usage'].columns.values() -%}
        {%- for column in columns
               if column.data_type == 'string' and column.name.startswith('x_') == own -%}
            {%- do tests.append('lower(' ~ column.name ~ ") in ('" ~ stand_ins ~ "')") -%}
        {%- endfor -%}
    {%- endif -%}
    ({{ tests | join(' or ') or 'false' }}) is not true
{%- endmacro %}

{#- How an example names its row: delivered file, line and part, from the lineage columns. -#}
{% macro row_label() -%}
    concat_ws(' ', x_source_file, 'row', cast(x_source_row as string), x_source_part)
{%- endmacro %}
