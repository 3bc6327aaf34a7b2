{# Exception to the folder: charges are written once; what they are for is joined when asked. #}
{{ config(materialized='view', alias='cost_and_usage') }}

-- One row per charge of any provider, exactly as in focus.cost_and_usage, with who and what it is
-- for. Same rows, same money.
{% set governed_keys = [
    'team', 'project', 'environment', 'cost_centre', 'model', 'experiment', 'data_set'
] %}

with charges as (

    select * from {{ ref('cost_and_usage') }}

),

attributions as (

    select * from {{ ref('attributions') }}

)

select
    charges.*,
    attributions.business_unit as x_business_unit,
    {%- for key in governed_keys %}
    attributions.{{ key }} as x_{{ key }},
    attributions.{{ key }}_source as x_{{ key }}_source,
    {%- endfor %}
    attributions.owner_source as x_owner_source,
    attributions.owner_confidence as x_owner_confidence,
    attributions.owner_class as x_owner_class,
    attributions.workload_phase as x_workload_phase,
    attributions.phase_source as x_phase_source,
    attributions.accelerator_model as x_accelerator_model,
    attributions.accelerator_count as x_accelerator_count,
    attributions.accelerator_memory_gib as x_accelerator_memory_gib,
    attributions.accelerator_source as x_accelerator_source
from charges
left join attributions
    on
        charges.x_source_name = attributions.source_name
        and charges.x_billing_period = attributions.billing_period
        and charges.x_attribution_key = attributions.attribution_key
        and charges.charge_period_start >= attributions.valid_from
        and charges.charge_period_start < attributions.valid_to
