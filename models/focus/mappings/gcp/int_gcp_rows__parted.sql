{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per part of a Google Cloud billing row that carries credits, pays a fee or is paid by
-- one: what each part bills and costs. All other rows are one charge as they stand.
with parts as (

    select * from {{ ref('int_gcp_credited_rows__parted') }}
    union all
    select * from {{ ref('int_gcp_committed_rows__parted') }}

)

select
    source_name,
    billing_period,
    source_file,
    source_row,
    source_part,
    commitment_id,
    commitment_category,
    commitment_status,
    commitment_unit,
    {{ money('billed_cost') }} as part_billed_cost,
    {{ money('effective_cost') }} as part_effective_cost,
    share_from,
    share_to,
    unused_quantity,
    part_description,
    part_change
from parts
