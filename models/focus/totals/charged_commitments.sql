-- One row per source, billing period, currency and commitment: what the charges say about it and
-- what they bill and cost under it. Read once per changed period.
with charges as (

    select
        *,
        charge_category = 'Purchase' as is_purchase,
        commitment_discount_status is not null as is_covered
    from {{ ref('cost_and_usage') }}
    where
        {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
        and commitment_discount_id is not null

)

select
    x_source_name as source_name,
    x_billing_period as billing_period,
    x_source_kind as source_kind,
    billing_currency,
    commitment_discount_id,
    max(commitment_discount_category) as commitment_discount_category,
    max(commitment_discount_type) as commitment_discount_type,
    max(commitment_discount_name) as commitment_discount_name,
    -- The purchase names who sold the commitment; usage under it may come from elsewhere.
    coalesce(
        max(case when is_purchase then invoice_issuer_name end), max(invoice_issuer_name)
    ) as invoice_issuer_name,
    coalesce(
        max(case when is_purchase then service_provider_name end), max(service_provider_name)
    ) as service_provider_name,
    case when min(pricing_currency) = max(pricing_currency) then min(pricing_currency) end
        as pricing_currency,
    max(charge_period_end) as last_charge_end,
    {{ money('sum(case when is_purchase then billed_cost else 0 end)') }} as purchase_cost,
    {{ money('sum(case when is_covered then effective_cost else 0 end)') }} as effective_cost
from charges
group by x_source_name, x_billing_period, x_source_kind, billing_currency, commitment_discount_id
