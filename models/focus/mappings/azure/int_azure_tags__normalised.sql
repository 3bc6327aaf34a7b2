{# Exception to the folder: a narrow table, as for AWS. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per set of tags, cost centre and invoice section in a source and billing period: both as
-- maps. Tags come as JSON text, often without its outer braces.
with charges as (

    select * from {{ ref('int_azure_charges__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

tag_sets as (

    select
        source_name,
        billing_period,
        tag_set_key,
        any_value(tags_text) as tags_text,
        {{ azure_text('any_value(cost_center)') }} as cost_center,
        {{ azure_text('any_value(invoice_section_name)') }} as invoice_section_name,
        {{ azure_text('any_value(cost_allocation_rule_name)') }} as cost_allocation_rule_name
    from charges
    group by source_name, billing_period, tag_set_key

),

texts as (

    select
        *,
        {{ json_object([
            ('CostCenter', json_string('cost_center')),
            ('InvoiceSection', json_string('invoice_section_name')),
            ('CostAllocationRule', json_string('cost_allocation_rule_name')),
        ]) }} as category_text
    from tag_sets

),

entries as (

    select
        source_name,
        billing_period,
        tag_set_key,
        tags_text,
        {{ tags_from_text('tags_text') }} as native_tags,
        {{ tag_entries(tags_from_text('tags_text'), azure_tag_key) }} as tag_entries,
        {{ tags_from_text('category_text') }} as cost_categories
    from texts

)

select
    source_name,
    billing_period,
    tag_set_key,
    case when cardinality(tag_entries) > 0 then {{ map_of_entries('tag_entries') }} end as tags,
    cost_categories,
    tags_text is not null and native_tags is null as is_unreadable
from entries
