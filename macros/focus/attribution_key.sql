{#- Everything about a charge that a rule of ownership, phase or hardware may look at: who, what and
    where, no time and no amount. The charges of a month agree in all of it thousands of times over,
    so rules are applied to the distinct keys and never to the bill. -#}
{% macro attribution_columns() -%}
    {{ return([
        'service_provider_name', 'host_provider_name', 'billing_account_id', 'billing_currency',
        'sub_account_id', 'sub_account_name', 'resource_id', 'resource_name', 'resource_type',
        'allocated_resource_id', 'tags', 'allocated_tags', 'service_name', 'service_category',
        'service_subcategory', 'charge_category', 'charge_description', 'sku_id', 'sku_meter',
        'sku_price_details', 'pricing_category', 'region_id', 'commitment_discount_id',
        'commitment_discount_status', 'capacity_reservation_status', 'x_source_part',
        'x_service_code', 'x_usage_type', 'x_operation', 'x_instance_type', 'x_product_family',
        'x_principal_id', 'x_cost_categories', 'x_from_region_id', 'x_to_region_id',
        'x_resource_group', 'x_sub_account_path', 'x_model_id', 'x_credential_id',
    ]) }}
{%- endmacro %}

{#- Those of them that are maps: two engines order, compare and hash maps differently. -#}
{% macro attribution_maps() -%}
    {{ return(['tags', 'allocated_tags', 'x_cost_categories']) }}
{%- endmacro %}
