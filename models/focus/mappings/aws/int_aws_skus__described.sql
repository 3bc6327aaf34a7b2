{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per SKU in a source and billing period: its product, region, and properties as JSON.
-- Attributes come from every line of the SKU because fee lines of a SKU leave most of them out.
{% set attributes = [
    'vcpu', 'memory', 'gpu', 'gpu_memory', 'operating_system', 'instance_type_family', 'tenancy',
    'storage_class', 'volume_api_name', 'product_name', 'region',
] %}

with line_items as (

    select * from {{ ref('stg_aws__line_items') }}
    where
        product_sku is not null
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

skus as (

    select
        source_name,
        billing_period,
        product_sku,
        max(product_instance_type) as product_instance_type,
        {%- for attribute in attributes %}
        max(nullif(product_attributes['{{ attribute }}'], 'NA')) as {{ attribute }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from line_items
    group by source_name, billing_period, product_sku

),

-- ml.p5.48xlarge and p5.48xlarge are of series P5.
series as (

    select
        *,
        coalesce(
            instance_type_family, split_part(replace(product_instance_type, 'ml.', ''), '.', 1)
        ) as instance_series
    from skus

)

select
    source_name,
    billing_period,
    product_sku,
    product_name,
    region as product_region,
    {{ json_object([
        ('InstanceType', json_string('product_instance_type')),
        ('InstanceSeries', json_string(
            'upper(left(instance_series, 1)) || substr(instance_series, 2)'
        )),
        ('CoreCount', plain_number('vcpu')),
        ('MemorySize', plain_number("replace(replace(memory, ' GiB', ''), ',', '')")),
        ('GpuCount', plain_number('gpu')),
        ('OperatingSystem', json_string('operating_system')),
        ('x_GpuMemory', json_string('gpu_memory')),
        ('x_Tenancy', json_string('tenancy')),
        ('x_StorageClass', json_string('storage_class')),
        ('x_VolumeType', json_string('volume_api_name')),
    ]) }} as sku_price_details
from series
