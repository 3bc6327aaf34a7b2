{# Exception to the folder: a narrow table. A join to a view over the same report would be planned
   blindly, with the report on the side kept in memory. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per machine with GPUs in a source and billing period: its shape. The report bills GPUs by
-- the hour and never names the shape; the most that the machine bills in a whole hour is its size.
with cost_lines as (

    select * from {{ ref('int_oci_cost_lines__classified') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and is_gpu_line
        and charge_kind in ('usage', 'usage_overage')
        and resource_id is not null

),

gpus_per_hour as (

    select
        source_name,
        billing_period,
        resource_id,
        usage_start_at,
        max(lower(product_description)) as sku_text,
        {{ quantity('sum(billed_quantity)') }} as gpus
    from cost_lines
    where usage_end_at = usage_start_at + interval 1 hour
    group by source_name, billing_period, resource_id, usage_start_at

),

machines as (

    select
        source_name,
        billing_period,
        resource_id,
        max(sku_text) as sku_text,
        max(gpus) as gpu_count
    from gpus_per_hour
    group by source_name, billing_period, resource_id

),

shapes as (

    select * from {{ ref('oci_gpu_shapes') }}

)

select
    machines.source_name,
    machines.billing_period,
    machines.resource_id,
    shapes.gpu_count,
    shapes.instance_type,
    shapes.instance_series,
    shapes.gpu_model
from machines
inner join shapes
    on
        machines.gpu_count = shapes.gpu_count
        and machines.sku_text like shapes.sku_pattern
