{#- Lines that split cost allocation shares out: hours of a machine, whatever pays them. -#}
{% macro aws_is_machine_line() -%}
    charge_kind in ('usage', 'usage_spot', 'ri_covered_usage', 'sp_covered_usage')
    and (usage_type like '%Usage:%' or usage_type like '%CapacityBlock:%')
    and resource_id is not null
{%- endmacro %}

{% macro aws_split_unit(usage_type) -%}
    case
        when {{ usage_type }} like '%vCPU-Hours' then 'VCPU-Hours'
        when {{ usage_type }} like '%GB-Hours' then 'GB-Hours'
        when {{ usage_type }} like '%Accelerator-Hours' then 'Accelerator-Hours'
        else 'Units'
    end
{%- endmacro %}

{#- One entry of FOCUS AllocatedMethodDetails.Elements. -#}
{% macro aws_split_element(share, usage_unit, usage_quantity) -%}
    {{ json_object([
        ('AllocatedRatio', plain_number(share, 12)),
        ('UsageUnit', json_string(usage_unit)),
        ('UsageQuantity', plain_number(usage_quantity, 12)),
    ]) }}
{%- endmacro %}
