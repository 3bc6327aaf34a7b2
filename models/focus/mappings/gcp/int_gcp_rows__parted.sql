{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per part of a Google Cloud billing row that carries credits, pays a fee or is paid by one:
-- what each part bills and costs. All other rows are one charge as they stand.
{% set row_key = 'source_name, billing_period, source_file, source_row' %}

with netted as (

    select * from {{ ref('int_gcp_credits__netted') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

covers as (

    select * from {{ ref('int_gcp_usage__funded') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

fees as (

    select * from {{ ref('int_gcp_fees__balanced') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

modelled as (

    select * from {{ ref('int_gcp_usage__modelled') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

parts as (

    -- Rows with credits, without what commitments cover of them.
    select
        {{ row_key }},
        'charge' as source_part,
        cast(null as string) as commitment_id,
        cast(null as string) as commitment_category,
        cast(null as string) as commitment_status,
        cast(null as string) as commitment_unit,
        net_cost as billed_cost,
        net_cost as effective_cost,
        covered_share as share_from,
        case when covered_share is not null then cast(1 as decimal(13, 12)) end as share_to,
        cast(null as decimal(38, 12)) as unused_quantity,
        cast(null as string) as part_description,
        case when has_unknown_credit then 'unknown_credit_type' end as part_change
    from netted
    where not is_covered_whole and charge_kind not in ('commitment_fee', 'usage_committed')
    union all
    -- What commitments cover: the row itself where that is all of it.
    select
        {{ row_key }},
        case
            when netted.is_covered_whole then 'charge'
            when covers.cover_number = 1 then 'covered'
            else concat('covered_', cast(covers.cover_number as string))
        end as source_part,
        covers.commitment_id,
        covers.commitment_category,
        'Used' as commitment_status,
        coalesce(covers.commitment_unit, covers.pricing_unit) as commitment_unit,
        0 as billed_cost,
        covers.used_cost as effective_cost,
        case when not netted.is_covered_whole then covers.share_from end as share_from,
        case when not netted.is_covered_whole then covers.share_to end as share_to,
        cast(null as decimal(38, 12)) as unused_quantity,
        cast(null as string) as part_description,
        case
            when not covers.has_fee then 'commitment_fee_missing'
            when covers.is_capacity_unknown then 'commitment_capacity_unknown'
        end as part_change
    from covers
    inner join netted using ({{ row_key }})
    union all
    select
        {{ row_key }}, 'rounding', null, null, null, null, net_cost, net_cost, null, null, null,
        'Remainder of covered usage and its credits', null
    from netted
    where is_covered_whole and net_cost <> 0
    union all
    select
        {{ row_key }}, 'credit', null, null, null, null, promotion_amount, promotion_amount, null,
        null, null, promotion_names,
        case when has_unknown_credit then 'unknown_credit_type' end
    from netted
    where promotion_amount <> 0
    union all
    select
        {{ row_key }}, 'charge', commitment_id, commitment_category, null, commitment_unit,
        billed_cost, 0, null, null, null, null,
        case when is_pooled then 'commitments_pooled' end
    from fees
    union all
    select
        {{ row_key }}, 'unused_commitment', commitment_id, commitment_category, 'Unused',
        commitment_unit, 0, unused_cost, null, null, unused_quantity, null,
        case when is_pooled then 'commitments_pooled' end
    from fees
    where unused_cost <> 0
    union all
    select
        {{ row_key }}, 'charge', commitment_id, case when has_fee then 'Spend' end,
        case when has_fee then 'Used' end, currency_code,
        case when has_fee then 0 else modelled_cost end, modelled_cost, null, null, null, null,
        case when not has_fee then 'commitment_fee_missing' end
    from modelled

)

select
    {{ row_key }},
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
