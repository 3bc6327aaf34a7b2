{#- What attribution says of a key in an interval, in the order of key_attributions after the key.
    A closed month keeps exactly these. -#}
{% macro attribution_outcomes() -%}
    {%- set columns = ['valid_from', 'valid_to', 'business_unit', 'owner_evidence'] -%}
    {%- for key in [
        'team', 'project', 'environment', 'cost_centre', 'model', 'experiment', 'data_set'
    ] -%}
        {%- do columns.extend([key, key ~ '_source']) -%}
    {%- endfor -%}
    {{ return(columns + [
        'owner_source', 'owner_confidence', 'owner_class', 'workload_phase', 'phase_source',
        'accelerator_model', 'accelerator_count', 'accelerator_memory_gib', 'accelerator_source',
    ]) }}
{%- endmacro %}
