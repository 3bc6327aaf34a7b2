{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per billing row that a commitment's consumption model prices: the row itself says what it
-- takes of the fee, which an offset on the fee gives back.
with billing_rows as (

    select * from {{ ref('int_gcp_billing_rows__classified') }}
    where
        applied_subscription_id is not null
        and charge_kind = 'usage_committed'
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

discounts as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        sum(credit_amount) as discount_amount
    from {{ ref('int_gcp_credits__listed') }}
    where
        charge_kind = 'usage_committed'
        and treatment <> 'credit'
        and {{ rebuild_predicate('source_name', 'billing_period') }}
    group by source_name, billing_period, source_file, source_row

),

fees as (

    select distinct
        source_name,
        billing_period,
        billing_account_id,
        currency_code,
        subscription_id,
        commitment_id
    from {{ ref('int_gcp_fees__collected') }}
    where
        commitment_category = 'Spend'
        and {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    billing_rows.source_name,
    billing_rows.billing_period,
    billing_rows.source_file,
    billing_rows.source_row,
    billing_rows.billing_account_id,
    billing_rows.currency_code,
    fees.commitment_id,
    fees.commitment_id is not null as has_fee,
    {{ money('billing_rows.gross_cost + coalesce(discounts.discount_amount, 0)') }} as modelled_cost
from billing_rows
left join discounts
    on
        billing_rows.source_name = discounts.source_name
        and billing_rows.billing_period = discounts.billing_period
        and billing_rows.source_file = discounts.source_file
        and billing_rows.source_row = discounts.source_row
left join fees
    on
        billing_rows.source_name = fees.source_name
        and billing_rows.billing_period = fees.billing_period
        and billing_rows.billing_account_id = fees.billing_account_id
        and billing_rows.currency_code = fees.currency_code
        and billing_rows.applied_subscription_id = fees.subscription_id
