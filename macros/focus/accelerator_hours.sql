{#- Accelerator-hours of the charges of one attribution key, from what they count: GPU-Hours are
    what they say; hours of a machine count each of its accelerators; Google Cloud bills a machine
    by its parts, of which only accelerators count. NULL where the accelerators of the machine are
    not known, 0 where it has none. -#}
{% macro accelerator_hours(
    accelerator_source, accelerator_count, host_provider_name, sku_meter, machine_hours, gpu_hours
) -%}
    {%- set is_by_part = host_provider_name ~ " = 'Google Cloud'" -%}
    {%- set is_part = sku_meter ~ " like '%GPU%' or " ~ sku_meter ~ " like '%TPU%'" -%}
    {{ quantity(
        'case when ' ~ accelerator_source ~ ' is null then 0'
        ~ ' when ' ~ gpu_hours ~ ' is not null then ' ~ gpu_hours
        ~ ' when ' ~ is_by_part ~ ' and (' ~ is_part ~ ') then coalesce(' ~ machine_hours ~ ', 0)'
        ~ ' when ' ~ is_by_part ~ ' then 0'
        ~ ' when ' ~ machine_hours ~ ' is null then 0'
        ~ ' else cast(' ~ machine_hours ~ ' as decimal(26, 12))'
        ~ ' * cast(' ~ accelerator_count ~ ' as decimal(11, 0)) end'
    ) }}
{%- endmacro %}
