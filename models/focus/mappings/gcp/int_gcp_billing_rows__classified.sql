-- One row per Google Cloud billing row: its kind, and the key under which its labels, SKU and parts
-- are found.
with billing_rows as (

    select * from {{ ref('stg_gcp__billing_rows') }}

),

facts as (

    select
        *,
        -- Fees of commitments are SKUs of their own; the newer model marks them by an offset.
        cost_type = 'regular' and (
            sku_description like 'Commitment%'
            or coalesce(credits, '') like '%FEE_UTILIZATION_OFFSET%'
        ) as is_commitment_fee,
        -- Other sellers are on the invoice under their own names.
        coalesce(seller_name not like 'Google%' and transaction_type like 'THIRD_PARTY%', false)
            as is_third_party,
        -- A region column that holds a zone: us-east4-a.
        {{ text_matches("coalesce(location_region, '')", '^[a-z]+-[a-z]+[0-9]+-[a-z]$') }}
            as is_zone_in_region,
        {{ gcp_month_start('invoice_month') }} as billing_period_start,
        {{ gcp_month_start('(invoice_month + interval 1 month)') }} as billing_period_end
    from billing_rows

),

classified as (

    select
        *,
        case
            when cost_type = 'tax' then 'tax'
            when cost_type = 'adjustment' then 'adjustment'
            when cost_type = 'rounding_error' then 'rounding_error'
            when cost_type <> 'regular' then 'unknown'
            when
                is_commitment_fee
                and adjustment_id is not null
                and usage_start_at < billing_period_start
                then 'commitment_correction'
            when is_commitment_fee then 'commitment_fee'
            when applied_subscription_id is not null then 'usage_committed'
            when sku_description like '%Preemptible%' or sku_description like 'Spot %'
                then 'usage_spot'
            else 'usage'
        end as charge_kind
    from facts

)

select
    *,
    coalesce(
        case
            when is_zone_in_region
                then substr(location_region, 1, length(location_region) - 2)
            else location_region
        end,
        case
            when {{ text_matches("coalesce(location_name, '')", '^[a-z]+-[a-z]+[0-9]+-[a-z]$') }}
                then substr(location_name, 1, length(location_name) - 2)
            else nullif(location_name, 'global')
        end
    ) as region_id,
    coalesce(location_zone, case when is_zone_in_region then location_region end) as zone_id,
    -- Only these rows give more than one FOCUS row, or another amount than their own.
    credits is not null or charge_kind in ('usage_committed', 'commitment_fee') as has_parts,
    {{ gcp_label_key() }} as label_key,
    {{ text_key(['sku_id', 'sku_description']) }} as sku_key
from classified
