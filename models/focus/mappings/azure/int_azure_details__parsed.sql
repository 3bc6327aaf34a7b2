{# Exception to the folder: a narrow table. JSON is read once per text, not once per row. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per text of AdditionalInfo in a source and billing period: what it tells of the machine.
with charges as (

    select * from {{ ref('int_azure_charges__classified') }}
    where
        additional_info is not null
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

details as (

    select
        source_name,
        billing_period,
        detail_key,
        any_value(additional_info) as additional_info
    from charges
    group by source_name, billing_period, detail_key

),

parsed as (

    select
        source_name,
        billing_period,
        detail_key,
        {%- for member, name in [
            ('ServiceType', 'service_type'), ('VCPUs', 'core_count'),
            ('UsageType', 'operation'), ('ImageType', 'image_type'),
            ('VMCapacityReservationId', 'capacity_reservation_id'),
            ('RINormalizationRatio', 'normalization_ratio'),
            ('AmlWorkspaceId', 'ml_workspace_id'), ('AHB', 'hybrid_benefit'),
        ] %}
        nullif({{ json_member_text('additional_info', member) }}, '') as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from details

),

sized as (

    select
        *,
        case
            when left(service_type, 9) = 'Standard_' or left(service_type, 6) = 'Basic_'
                then service_type
        end as instance_type
    from parsed

)

select
    source_name,
    billing_period,
    detail_key,
    instance_type,
    operation,
    capacity_reservation_id,
    try_cast(normalization_ratio as decimal(12, 4)) as normalization_ratio,
    {{ json_object([
        ('InstanceType', json_string('instance_type')),
        ('CoreCount', plain_number("nullif(core_count, '0')")),
        ('x_ImageType', json_string('image_type')),
        ('x_HybridBenefit', json_string('hybrid_benefit')),
        ('x_MlWorkspaceId', json_string('ml_workspace_id')),
    ]) }} as sku_price_details
from sized
