-- One row per commitment in a source and billing period whose fee is billed there: its duration and
-- what was promised over the whole term. The bill does not say when a term began.
with fees as (

    select
        *,
        case
            when {{ text_matches('sku_description', '(^|[^0-9])1 [Yy]ear') }} then 1
            when {{ text_matches('sku_description', '(^|[^0-9])3 [Yy]ear') }} then 3
        end as term_years,
        {{ dbt.datediff('usage_start_at', 'usage_end_at', 'second') }} as fee_seconds
    from {{ ref('int_gcp_fees__collected') }}

),

-- Fees are the same in every hour of the term, and a year has 8760.
promised as (

    select
        source_name,
        billing_period,
        currency_code,
        commitment_id,
        max(commitment_category) as commitment_category,
        max(commitment_unit) as commitment_unit,
        max(sku_description) as description,
        max(term_years) as term_years,
        sum(fee_cost) as fee_cost,
        sum(capacity) as capacity,
        {{ ratio('sum(fee_seconds)', '3600') }} as fee_hours
    from fees
    group by source_name, billing_period, currency_code, commitment_id

)

select
    source_name,
    billing_period,
    currency_code as billing_currency,
    commitment_id as commitment_discount_id,
    description,
    cast(null as timestamp) as term_start_at,
    cast(null as timestamp) as term_end_at,
    case term_years when 1 then '1 Year' when 3 then '3 Years' end as duration_type,
    'No Upfront' as payment_model,
    cast(0 as double) as upfront_ratio,
    {{ money('round(' ~ ratio('fee_cost', 'fee_hours') ~ ' * 8760 * term_years, 6)') }}
        as committed_cost,
    case
        when commitment_category = 'Usage'
            then {{ quantity(
                'round(' ~ ratio('capacity', 'fee_hours') ~ ' * 8760 * term_years, 6)'
            ) }}
    end as committed_quantity,
    case
        when commitment_category = 'Usage'
            then case commitment_unit
                when 'hour' then 'Hours' when 'gibibyte hour' then 'GiB-Hours'
            end
    end as committed_unit
from promised
