-- One row per charge of a native FOCUS export with text as FOCUS writes it: NULL in place of
-- stand-ins for it, enumerated values in the spelling of FOCUS 1.4. Money and time as delivered.
{#- Account and currency stay as they are: landing sums the bill by them. -#}
{%- set texts = [
    'allocated_method_details', 'allocated_method_id', 'allocated_resource_id',
    'allocated_resource_name', 'allocated_tags', 'availability_zone', 'billing_account_name',
    'billing_account_type', 'capacity_reservation_id', 'charge_description',
    'commitment_discount_id', 'commitment_discount_name', 'commitment_discount_type',
    'commitment_discount_unit', 'commitment_program_eligibility_details', 'consumed_unit',
    'contract_applied', 'host_provider_name', 'invoice_detail_id', 'invoice_id',
    'invoice_issuer_name', 'pricing_currency', 'pricing_unit', 'region_id', 'region_name',
    'resource_id', 'resource_name', 'resource_type', 'service_name', 'service_provider_name',
    'service_subcategory', 'sku_id', 'sku_meter', 'sku_price_details', 'sku_price_id',
    'sub_account_id', 'sub_account_name', 'sub_account_type', 'tags', 'provider_name',
    'publisher_name', 'credential_id', 'principal_id', 'model_id', 'token_direction',
    'token_cache_action', 'service_code', 'usage_type', 'operation', 'cost_categories',
    'resource_group', 'instance_type', 'product_family', 'from_region_id', 'to_region_id',
    'sub_account_path',
] %}
{%- set enumerations = [
    'capacity_reservation_status', 'charge_category', 'charge_class', 'charge_frequency',
    'commitment_discount_category', 'commitment_discount_status', 'pricing_category',
    'service_category',
] %}

with charges as (

    select * from {{ ref('stg_focus__cost_and_usage') }}

),

cleaned as (

    select
        -- lineage
        source_name,
        source_kind,
        billing_period,
        source_file,
        source_row,
        charge_category as charge_type,
        -- text
        {%- for column in texts %}
        {{ stand_in_to_null(column) }} as {{ column }},
        {%- endfor %}
        {%- for column in enumerations %}
        {{ in_focus_spelling(column) }} as {{ column }},
        {%- endfor %}
        billing_account_id,
        billing_currency,
        -- time
        billing_period_start,
        billing_period_end,
        charge_period_start,
        charge_period_end,
        exported_at,
        -- money
        billed_cost,
        effective_cost,
        list_cost,
        list_unit_price,
        contracted_cost,
        contracted_unit_price,
        pricing_currency_contracted_unit_price,
        pricing_currency_effective_cost,
        pricing_currency_list_unit_price,
        amortized_upfront_cost,
        -- usage
        commitment_discount_quantity,
        consumed_quantity,
        pricing_quantity,
        -- what was changed
        {% for column in texts + enumerations -%}
            {{ 'or ' if not loop.first }}{{ is_stand_in(column) }}
        {% endfor %} as has_stand_in,
        {% for column in enumerations -%}
            {{ 'or ' if not loop.first -}}
            coalesce(
                {{ column }} <> {{ in_focus_spelling(column) }}, false
            )
        {% endfor %} as has_respelled_value
    from charges

)

select
    *,
    -- Names what the row is, for totals: usage, usage_used, purchase_commitment, correction_credit.
    concat_ws(
        '_',
        lower(charge_class),
        lower(charge_category),
        lower(commitment_discount_status),
        case
            when charge_category = 'Purchase' and commitment_discount_id is not null
                then 'commitment'
        end
    ) as charge_kind
from cleaned
