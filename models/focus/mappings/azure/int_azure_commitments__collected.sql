{# Exception to the folder: a narrow table. Every covered charge asks it. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per commitment, payer and currency in a source and billing period: its name, what was
-- paid for it in the period, and what the amortized file says of its use.
with charges as (

    select
        *,
        charge_kind = 'commitment_purchase' as is_fee,
        charge_kind = 'commitment_purchase' and lower(frequency) = 'recurring' as is_recurring_fee
    from {{ ref('int_azure_charges__classified') }}
    where
        commitment_id is not null
        and {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    source_name,
    billing_period,
    payer_id,
    billing_currency,
    commitment_id,
    any_value(has_amortized) as has_amortized,
    max(coalesce(benefit_name, reservation_name)) as commitment_name,
    max(case when is_fee then term end) as term,
    max(case when is_fee then coalesce(product_order_name, product_name) end) as fee_text,
    min(case when is_fee and not is_recurring_fee then charge_date end) as prepaid_at,
    sum(case when is_fee then quantity end) as reserved_units,
    {{ money('sum(case when is_recurring_fee then charged_cost else 0 end)') }}
        as recurring_fee_cost,
    {{ money('sum(case when is_fee and not is_recurring_fee then charged_cost else 0 end)') }}
        as upfront_fee_cost,
    {{ money("sum(case when dataset = 'amortized' and charge_kind = 'covered_usage'"
        ~ " then charged_cost else 0 end)") }} as used_cost,
    {{ money("sum(case when dataset = 'amortized' and charge_kind = 'unused_commitment'"
        ~ " then charged_cost else 0 end)") }} as unused_cost
from charges
group by source_name, billing_period, payer_id, billing_currency, commitment_id
