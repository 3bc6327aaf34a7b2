-- One row per commitment in a source and billing period whose fee is billed there: its term, how it
-- is paid and what was promised over the whole term. NULL where the period's bill does not tell.
with commitments as (

    select
        *,
        commitment_id like '/providers/microsoft.billingbenefits/%' as is_spend,
        case
            when term in ('12', 'P1Y') then 1
            when term in ('36', 'P3Y') then 3
            when term in ('60', 'P5Y') then 5
        end as term_years
    from {{ ref('int_azure_commitments__collected') }}
    where recurring_fee_cost > 0 or upfront_fee_cost > 0

),

-- Fees that recur do so every month, and the same each time.
obligations as (

    select
        *,
        recurring_fee_cost * 12 * term_years + upfront_fee_cost as committed_cost
    from commitments

)

select
    source_name,
    billing_period,
    billing_currency,
    commitment_id as commitment_discount_id,
    max(fee_text) as description,
    -- A fee that recurs does not say when it began.
    min(prepaid_at) as term_start_at,
    cast(min({{ dbt.dateadd('year', 'term_years', 'prepaid_at') }}) as timestamp) as term_end_at,
    max(
        case term_years when 1 then '1 Year' when 3 then '3 Years' when 5 then '5 Years' end
    ) as duration_type,
    case when sum(upfront_fee_cost) > 0 then 'All Upfront' else 'No Upfront' end as payment_model,
    {{ ratio('sum(upfront_fee_cost)', 'sum(committed_cost)') }} as upfront_ratio,
    {{ money('sum(committed_cost)') }} as committed_cost,
    {{ quantity('sum(case when not is_spend then reserved_units * 8760 * term_years end)') }}
        as committed_quantity,
    case when not bool_or(is_spend) then 'Hours' end as committed_unit
from obligations
group by source_name, billing_period, billing_currency, commitment_id
