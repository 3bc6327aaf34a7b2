{#- Formats: currencies, units, tags, and stand-ins for absent text. -#}
{% macro conformance_text_rules() %}
    {%- set rules = [
        (
            'billing_currency', 'iso_4217', 'MUST', 'billing_currency is not null',
            "billing_currency in ('" ~ conformance_currencies() | join("', '") ~ "')",
            'A currency that ISO 4217 lists, in capital letters.',
        ),
        (
            'text_columns', 'no_placeholder', 'MUST', 'true', conformance_no_placeholder(own=false),
            'Absent text is NULL in FOCUS columns, no blank text and no word for it.',
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
    {%- for column in ['tags', 'allocated_tags'] -%}
        {%- do rules.append((
            column, 'no_nested_value', 'MUST', column ~ ' is not null',
            'not (' ~ map_has_nested_value(column) ~ ')',
            'The value of a tag is no object and no list.',
        )) -%}
        {%- do rules.append((
            column, 'no_blank_key', 'MUST', column ~ ' is not null',
            'not (' ~ map_has_blank_key(column) ~ ')',
            'A tag has a key.',
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}

{#- Shapes of the JSON columns: the object, its list, what each element of the list must say. -#}
{% macro conformance_json_rules() %}
    {%- set lists = [
        ('allocated_method_details', 'Elements'), ('contract_applied', 'Elements'),
        ('commitment_program_eligibility_details', 'CommitmentPrograms'),
    ] -%}
    {%- set ratio = 'try_cast(' ~ json_element_text('AllocatedRatio') ~ ' as double)' -%}
    {%- set cost = json_element_text('ContractCommitmentAppliedCost') -%}
    {%- set quantity = json_element_text('ContractCommitmentAppliedQuantity') -%}
    {%- set rules = [
        (
            'sku_price_details', 'json_object', 'MUST', 'sku_price_details is not null',
            is_json_object('sku_price_details'),
            'The text is a JSON object.',
        ),
        (
            'sku_price_details', 'known_keys', 'MUST', 'sku_price_details is not null',
            json_has_only_keys('sku_price_details', conformance_sku_price_keys()),
            'Keys are those that FOCUS defines, or start with x_.',
        ),
        (
            'sku_price_details', 'value_types', 'MUST', 'sku_price_details is not null',
            'not (' ~ conformance_sku_price_misfit() ~ ')',
            'Counts and sizes are numbers, names are texts.',
        ),
        (
            'sku_price_details', 'no_nested_value', 'MUST', 'sku_price_details is not null',
            'not (' ~ json_has_nested_value('sku_price_details') ~ ')',
            'Values are numbers, texts, booleans or null.',
        ),
        (
            'allocated_method_details', 'elements', 'MUST', 'allocated_method_details is not null',
            json_list_holds(
                'allocated_method_details', 'Elements',
                ratio ~ ' between 0 and 1 and (' ~ json_element_text('UsageQuantity')
                ~ ' is null or ' ~ json_element_text('UsageUnit') ~ ' is not null)'
            ),
            'Each element has a ratio from 0 to 1, and a unit where it has a quantity.',
        ),
        (
            'contract_applied', 'elements', 'MUST', 'contract_applied is not null',
            json_list_holds(
                'contract_applied', 'Elements',
                json_element_text('ContractId') ~ ' is not null and '
                ~ json_element_text('ContractCommitmentId') ~ ' is not null'
            ),
            'Each element names its contract and its commitment.',
        ),
        (
            'contract_applied', 'cost_or_quantity', 'MUST', 'contract_applied is not null',
            json_list_holds(
                'contract_applied', 'Elements',
                '(' ~ cost ~ ' is null) <> (' ~ quantity ~ ' is null) and ('
                ~ quantity ~ ' is null) = ('
                ~ json_element_text('ContractCommitmentAppliedUnit') ~ ' is null)'
            ),
            'Each element applies a cost, or a quantity with its unit, not both.',
        ),
        (
            'commitment_program_eligibility_details', 'elements', 'MUST',
            'commitment_program_eligibility_details is not null',
            json_list_holds(
                'commitment_program_eligibility_details', 'CommitmentPrograms',
                json_element_text('ProgramType') ~ ' is not null'
            ),
            'Each programme says its type.',
        ),
    ] -%}
    {%- for column, list_key in lists -%}
        {%- do rules.append((
            column, 'json_object', 'MUST', column ~ ' is not null', is_json_object(column),
            'The text is a JSON object.',
        )) -%}
        {%- do rules.append((
            column, 'json_list', 'MUST', column ~ ' is not null',
            'left(' ~ json_member_text(column, list_key) ~ ", 1) = '['",
            'The object has the list ' ~ list_key ~ '.',
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}

{#- Whether a number that FOCUS defines is written as anything else, or a name as anything but text.
    A pattern over the text: to take every object apart costs five times as much. -#}
{% macro conformance_sku_price_misfit() -%}
    {%- set types = conformance_sku_price_keys_by_type() -%}
    {%- set misfits = [
        '"(' ~ types['number'] | join('|') ~ ')" *: *[^-0-9n ]',
        '"(' ~ types['text'] | join('|') ~ ')" *: *[^"n ]',
    ] -%}
    {{ text_matches('sku_price_details', misfits | join('|')) }}
{%- endmacro %}
