{#- What was billed: the commitment on its own rows, else the full name, else the short one. -#}
{% macro gcp_resource_id() -%}
    case
        when source_part in ('credit', 'rounding') then null
        when commitment_id is not null and coalesce(commitment_status, '') <> 'Used'
            then commitment_id
        else coalesce(resource_global_name, resource_name)
    end
{%- endmacro %}

{#- Kind of resource: the collection before the last name of a full path (instances, disks), without
    its plural; else the service. -#}
{% macro gcp_resource_type(resource_id) -%}
    case
        when ({{ resource_id }}) is null then null
        when commitment_id is not null and coalesce(commitment_status, '') <> 'Used'
            then 'commitment'
        when resource_global_name like '//%/%/%'
            then rtrim(split_part(resource_global_name, '/', -2), 's')
        else service_description
    end
{%- endmacro %}

{% macro gcp_has_sku() -%}
    (charge_category <> 'Tax' and source_part <> 'rounding')
{%- endmacro %}

{#- One price of a SKU: its tier, and the consumption model where it is not the default one. -#}
{% macro gcp_sku_price_id() -%}
    case
        when tier_start_amount is not null
            then concat_ws(
                '/', sku_id, {{ plain_number('tier_start_amount') }},
                case when applied_subscription_id is not null then consumption_model_id end
            )
    end
{%- endmacro %}

{#- GpuCount stands on GPU SKUs only, where one unit is one GPU: cores and memory of the same
    machine are rows of their own, and a count on them would count its GPUs three times. -#}
{% macro gcp_sku_price_details() -%}
    {{ json_object([
        ('InstanceType', json_string('machine_type')),
        ('InstanceSeries', json_string("upper(split_part(machine_type, '-', 1))")),
        ('CoreCount', plain_number('core_count')),
        ('MemorySize', plain_number('memory_gib')),
        ('GpuCount', "case when is_gpu_sku then '1' end"),
        ('x_AcceleratorModel', json_string('accelerator_model')),
        ('x_MachineAccelerators', plain_number('accelerator_count')),
    ]) }}
{%- endmacro %}

{#- An amount in US dollars, the currency of Google's price list; NULL where the bill has no rate.
    -#}
{% macro gcp_in_dollars(amount, kind) -%}
    {%- set type = 'decimal(38, 18)' if kind == 'price' else 'decimal(38, 16)' -%}
    case
        when conversion_rate is null or conversion_rate = 0 then null
        when conversion_rate = 1 then cast({{ amount }} as {{ type }})
        else cast(round({{ ratio(amount, 'conversion_rate') }}, 12) as {{ type }})
    end
{%- endmacro %}
