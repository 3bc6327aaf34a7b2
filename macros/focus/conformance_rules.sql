{#- The rules of quality.conformance that one row of focus.cost_and_usage can answer, as data: each
    names a column, the rows it is asked of (applies), what must hold for them (holds), and says it
    in words. It is broken where `holds` is false or NULL: what cannot be told is never a pass.
    Restated from FOCUS 1.4. Rules over several rows are in conformance_key_rules. -#}
{% macro conformance_rules() %}
    {%- set families = [
        conformance_presence_rules(), conformance_null_rules(), conformance_money_rules(),
        conformance_commitment_rules(), conformance_text_rules(), conformance_json_rules(),
    ] -%}
    {%- set supported = conformance_supported_rules() -%}
    {%- set rules = [] -%}
    {%- for family in families -%}
        {%- for column, id, level, applies, holds, words in family -%}
            {%- set rule_id = column ~ '.' ~ id -%}
            {%- do rules.append({
                'id': rule_id, 'slot': column ~ '_' ~ id, 'dataset': 'Cost and Usage',
                'column': column, 'level': level, 'applies': applies, 'holds': holds,
                'words': words, 'if_supported': rule_id in supported,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}

{#- Rules about columns that FOCUS asks for only of who supports their concept (prices that are
    published, sub account names, prices in another currency). A source none of whose rows has a
    value does not support it, and is not asked; one missing value beside others is a failure. -#}
{% macro conformance_supported_rules() %}
    {{ return([
        'billing_account_type.not_null',
        'contracted_unit_price.not_null_when_sold',
        'list_unit_price.not_null_when_sold',
        'pricing_category.not_null_when_sold',
        'pricing_currency.not_null',
        'pricing_currency_contracted_unit_price.not_null_when_sold',
        'pricing_currency_effective_cost.not_null',
        'pricing_currency_list_unit_price.not_null_when_sold',
        'resource_type.not_null_with_resource_id',
        'sku_id.not_null_when_sold',
        'sku_price_id.not_null_when_sold',
        'sub_account_name.not_null_with_sub_account_id',
        'sub_account_type.not_null_with_sub_account_id',
    ]) }}
{% endmacro %}

{#- What a row must have, and which values it may have. -#}
{% macro conformance_presence_rules() %}
    {%- set always = [
        'billed_cost', 'effective_cost', 'list_cost', 'contracted_cost', 'billing_account_id',
        'billing_currency', 'billing_period_start', 'billing_period_end', 'charge_category',
        'charge_period_start', 'charge_period_end', 'invoice_issuer_name', 'service_provider_name',
        'service_name', 'service_category', 'billing_account_type', 'pricing_currency',
        'pricing_currency_effective_cost',
    ] -%}
    {%- set when_sold = [
        'pricing_quantity', 'sku_id', 'sku_price_id', 'pricing_category', 'list_unit_price',
        'contracted_unit_price', 'pricing_currency_list_unit_price',
        'pricing_currency_contracted_unit_price',
    ] -%}
    {%- set rules = [] -%}
    {%- for column in always -%}
        {%- do rules.append((
            column, 'not_null', 'MUST', 'true', column ~ ' is not null',
            'Every row has a value.',
        )) -%}
    {%- endfor -%}
    {%- for column in ['charge_frequency', 'service_subcategory', 'charge_description'] -%}
        {%- do rules.append((
            column, 'not_null', 'SHOULD', 'true', column ~ ' is not null',
            'Every row has a value, though FOCUS only recommends it.',
        )) -%}
    {%- endfor -%}
    {%- for column in when_sold -%}
        {%- do rules.append((
            column, 'not_null_when_sold', 'MUST',
            "charge_category in ('Usage', 'Purchase') and charge_class is null",
            column ~ ' is not null',
            'Usage and purchases have a value, corrections aside.',
        )) -%}
    {%- endfor -%}
    {%- for column, values in conformance_allowed_values().items() -%}
        {%- do rules.append((
            column, 'allowed', 'MUST', column ~ ' is not null',
            column ~ " in ('" ~ values | join("', '") ~ "')",
            'The value is one that FOCUS lists.',
        )) -%}
    {%- endfor -%}
    {%- do rules.append((
        'service_subcategory', 'allowed', 'MUST', 'service_subcategory is not null',
        'listed_subcategory is not null',
        'FOCUS lists the subcategory under the category of the row.',
    )) -%}
    {{ return(rules) }}
{% endmacro %}

{#- Which columns are NULL, and where. -#}
{% macro conformance_null_rules() %}
    {%- set null_together = [
        ('commitment_discount_category', 'commitment_discount_id'),
        ('commitment_discount_type', 'commitment_discount_id'),
        ('commitment_discount_unit', 'commitment_discount_quantity'),
        ('pricing_unit', 'pricing_quantity'),
        ('consumed_unit', 'consumed_quantity'),
        ('region_name', 'region_id'),
        ('allocated_resource_id', 'allocated_method_id'),
    ] -%}
    {%- set null_without = [
        ('commitment_discount_name', 'commitment_discount_id'),
        ('commitment_discount_status', 'commitment_discount_id'),
        ('capacity_reservation_status', 'capacity_reservation_id'),
        ('resource_name', 'resource_id'),
        ('resource_type', 'resource_id'),
        ('sub_account_name', 'sub_account_id'),
        ('sub_account_type', 'sub_account_id'),
        ('sku_meter', 'sku_id'),
        ('sku_price_id', 'sku_id'),
        ('sku_price_details', 'sku_price_id'),
        ('allocated_resource_name', 'allocated_resource_id'),
        ('allocated_tags', 'allocated_resource_id'),
        ('allocated_method_details', 'allocated_method_id'),
        ('invoice_detail_id', 'invoice_id'),
        ('pricing_currency_effective_cost', 'pricing_currency'),
        ('pricing_currency_list_unit_price', 'pricing_currency'),
        ('pricing_currency_contracted_unit_price', 'pricing_currency'),
    ] -%}
    {%- set not_null_with = [
        ('sub_account_name', 'sub_account_id', 'MUST'),
        ('sub_account_type', 'sub_account_id', 'MUST'),
        ('resource_type', 'resource_id', 'MUST'),
        ('sku_meter', 'sku_id', 'SHOULD'),
    ] -%}
    {%- set null_on_tax = [
        'sku_id', 'sku_price_id', 'pricing_quantity', 'pricing_unit', 'pricing_category',
        'list_unit_price', 'contracted_unit_price', 'pricing_currency_list_unit_price',
        'pricing_currency_contracted_unit_price',
    ] -%}
    {%- set rules = [
        (
            'consumed_quantity', 'null_without_usage', 'MUST',
            "coalesce(charge_category, '') <> 'Usage'"
            ~ " or coalesce(commitment_discount_status, '') = 'Unused'",
            'consumed_quantity is null',
            'Only usage consumes, and the idle part of a commitment does not.',
        ),
        (
            'consumed_quantity', 'not_null_on_usage', 'MUST',
            "charge_category = 'Usage' and charge_class is null"
            ~ " and coalesce(commitment_discount_status, '') <> 'Unused'",
            'consumed_quantity is not null',
            'Usage tells its quantity, corrections aside.',
        ),
        (
            'capacity_reservation_status', 'not_null_on_usage', 'MUST',
            "charge_category = 'Usage' and capacity_reservation_id is not null",
            'capacity_reservation_status is not null',
            'Usage tells whether it used the reservation.',
        ),
        (
            'resource_name', 'not_a_copy_of_id', 'SHOULD', 'resource_name is not null',
            'resource_name is distinct from resource_id',
            'A resource without a name of its own has none; its id is no name.',
        ),
    ] -%}
    {%- for column, other in null_together -%}
        {%- do rules.append((
            column, 'null_with_' ~ other, 'MUST', 'true',
            '(' ~ column ~ ' is null) = (' ~ other ~ ' is null)',
            'NULL exactly where ' ~ other ~ ' is.',
        )) -%}
    {%- endfor -%}
    {%- for column, other in null_without -%}
        {%- do rules.append((
            column, 'null_without_' ~ other, 'MUST', column ~ ' is not null',
            other ~ ' is not null',
            'NULL wherever ' ~ other ~ ' is.',
        )) -%}
    {%- endfor -%}
    {%- for column, other, level in not_null_with -%}
        {%- do rules.append((
            column, 'not_null_with_' ~ other, level, other ~ ' is not null',
            column ~ ' is not null',
            'Has a value wherever ' ~ other ~ ' has.',
        )) -%}
    {%- endfor -%}
    {%- for column in null_on_tax -%}
        {%- do rules.append((
            column, 'null_on_tax', 'MUST', "charge_category = 'Tax'", column ~ ' is null',
            'A tax has no SKU, no quantity and no price.',
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}
