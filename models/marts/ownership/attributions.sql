{% set governed_keys = [
    'team', 'project', 'environment', 'cost_centre', 'model', 'experiment', 'data_set'
] %}
-- One row per source, billing period, attribution key and interval: who and what its charges are
-- for, and which source decided. Join it to charges as ownership.cost_and_usage does.
select
    source_name,
    billing_period,
    attribution_key,
    valid_from,
    valid_to,
    business_unit,
    {%- for key in governed_keys %}
    {{ key }},
    {{ key }}_source,
    {%- endfor %}
    owner_source,
    owner_confidence,
    owner_class,
    owner_evidence,
    workload_phase,
    phase_source,
    accelerator_model,
    accelerator_count,
    accelerator_memory_gib,
    accelerator_source
from {{ ref('key_attributions') }}
