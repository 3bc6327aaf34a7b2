-- One row per line of an OCI cost report: its kind, and what it says of quantity, unit and credits.
with cost_lines as (

    select * from {{ ref('stg_oci__cost_lines') }}

),

flagged as (

    select
        *,
        coalesce(lower(is_correction_text) in ('true', 'y', 'yes', '1'), false) as is_correction,
        coalesce(lower(overage_flag) in ('true', 'y', 'yes', '1'), false) as is_overage,
        -- The unit of the billed quantity; some reports have only the words of the price list.
        lower(coalesce(billing_unit, sku_unit_description)) as native_unit,
        case when cardinality(tags) > 0 then tags end as filled_tags
    from cost_lines

)

select
    *,
    case
        when is_correction then 'correction'
        when product_sku is null or billed_quantity is null then 'unspecified'
        when is_overage then 'usage_overage'
        else 'usage'
    end as charge_kind,
    -- What the prepaid credits paid for. NULL where the report does not say what they did not.
    case when my_cost_overage is not null then {{ money('my_cost - my_cost_overage') }} end
        as credit_cost,
    coalesce(lower(product_description), '') like '%gpu%'
    and coalesce(native_unit, '') like '%gpu%' as is_gpu_line
from flagged
