{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per fee row of a Google Cloud commitment: the fee, what of it the bill leaves to be
-- spread, and the commitment it is for.
with fee_rows as (

    select
        *,
        {{ gcp_resource_class('sku_description') }} as resource_class,
        coalesce(fee_subscription_id, sku_id) as subscription_id
    from {{ ref('int_gcp_billing_rows__classified') }}
    where
        charge_kind = 'commitment_fee'
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

credits as (

    select * from {{ ref('int_gcp_credits__listed') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

credited as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        sum(case when treatment = 'discount' then credit_amount else 0 end) as discount_amount,
        sum(case when treatment = 'fee_offset' then credit_amount else 0 end) as offset_amount
    from credits
    group by source_name, billing_period, source_file, source_row

),

-- Credits that name their commitment.
named as (

    select distinct
        source_name,
        billing_period,
        billing_account_id,
        credit_id
    from credits
    where treatment in ('commitment_usage', 'commitment_spend') and credit_id is not null

),

fees as (

    select
        fee_rows.*,
        fee_rows.gross_cost + coalesce(credited.discount_amount, 0) as fee_cost,
        coalesce(credited.offset_amount, 0) as offset_amount,
        min(coalesce(credited.offset_amount, 0)) over same_subscription < 0 as has_offset,
        named.credit_id is not null as is_named_by_credits
    from fee_rows
    left join credited
        on
            fee_rows.source_name = credited.source_name
            and fee_rows.billing_period = credited.billing_period
            and fee_rows.source_file = credited.source_file
            and fee_rows.source_row = credited.source_row
    left join named
        on
            fee_rows.source_name = named.source_name
            and fee_rows.billing_period = named.billing_period
            and fee_rows.billing_account_id = named.billing_account_id
            and fee_rows.subscription_id = named.credit_id
    window same_subscription as (
        partition by
            fee_rows.source_name, fee_rows.billing_period, fee_rows.billing_account_id,
            fee_rows.subscription_id
    )

),

categorised as (

    select
        *,
        has_offset or is_named_by_credits as is_named,
        case when has_offset or resource_class in ('spend', 'other') then 'Spend' else 'Usage' end
            as commitment_category,
        case when not has_offset and resource_class not in ('spend', 'other') then region_id end
            as scope_region
    from fees

),

-- Where credits do not say which of several commitments of a scope they draw on, nobody knows: they
-- are one pool. A resource-based commitment is one per resource, as each is used up on its own.
scoped as (

    select
        *,
        not is_named
        and min(subscription_id) over same_scope <> max(subscription_id) over same_scope
            as is_pooled
    from categorised
    window same_scope as (
        partition by
            source_name, billing_period, billing_account_id, currency_code, commitment_category,
            case when commitment_category = 'Usage' then resource_class end, scope_region, is_named
    )

)

select
    source_name,
    billing_period,
    source_file,
    source_row,
    billing_account_id,
    currency_code,
    subscription_id,
    sku_description,
    usage_start_at,
    usage_end_at,
    resource_class,
    commitment_category,
    scope_region,
    is_named,
    is_pooled,
    pricing_amount as capacity,
    case commitment_category when 'Spend' then currency_code else pricing_unit end
        as commitment_unit,
    {{ money('fee_cost') }} as fee_cost,
    {{ money('offset_amount') }} as offset_amount,
    concat(
        case
            when is_pooled then concat('pool/', coalesce(scope_region, 'any'))
            else subscription_id
        end,
        case when commitment_category = 'Usage' then concat('/', resource_class) else '' end
    ) as commitment_id
from scoped
