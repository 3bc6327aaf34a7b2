{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per fee row of a Google Cloud commitment, with the part of it that no usage took and what
-- usage under a consumption model moves to it.
{% set commitment -%}
    source_name, billing_period, billing_account_id, currency_code, commitment_id
{%- endset %}

with fees as (

    select
        *,
        -- One row of a commitment carries what rounding leaves over.
        row_number() over (
            partition by {{ commitment }} order by source_file, source_row
        ) = 1 as is_carrier
    from {{ ref('int_gcp_fees__collected') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

commitments as (

    select
        {{ commitment }},
        used_ratio,
        -- What the usage rows charge, less what the fee gives back for them: 0 but for late rows.
        offset_amount + modelled_cost as moved_cost,
        {{ money('cast(fee_cost + offset_amount as decimal(24, 16)) * used_ratio') }} as used_cost
    from {{ ref('int_gcp_commitments__measured') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

cut as (

    select
        fees.*,
        commitments.used_ratio,
        commitments.used_cost,
        commitments.moved_cost,
        {{ money(
            'cast(fees.fee_cost + fees.offset_amount as decimal(24, 16)) * commitments.used_ratio'
        ) }} as row_used_cost
    from fees
    inner join commitments using ({{ commitment }})

)

select
    source_name,
    billing_period,
    source_file,
    source_row,
    billing_account_id,
    currency_code,
    commitment_id,
    commitment_category,
    commitment_unit,
    is_pooled,
    used_ratio,
    {{ money('fee_cost + case when is_carrier then moved_cost else 0 end') }} as billed_cost,
    {{ money(
        'fee_cost + offset_amount - row_used_cost + case when is_carrier'
        ~ ' then sum(row_used_cost) over (partition by ' ~ commitment ~ ') - used_cost else 0 end'
    ) }} as unused_cost,
    {{ quantity('cast(capacity as decimal(24, 12)) * (1 - used_ratio)') }} as unused_quantity
from cut
