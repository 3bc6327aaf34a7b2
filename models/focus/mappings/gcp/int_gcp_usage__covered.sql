{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per billing row and commitment that pays for it: the share of the row that is covered,
-- and its part of the commitment's fee.
with credits as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        billing_account_id,
        currency_code,
        region_id,
        resource_class,
        pricing_unit,
        credit_id,
        case treatment when 'commitment_usage' then 'Usage' else 'Spend' end
            as commitment_category,
        max(gross_cost) as gross_cost,
        max(pricing_amount) as pricing_amount,
        max(coalesce(credit_name, credit_type)) as credit_name,
        {{ money('sum(credit_amount)') }} as credit_amount
    from {{ ref('int_gcp_credits__listed') }}
    where
        treatment in ('commitment_usage', 'commitment_spend')
        and charge_kind in ('usage', 'usage_spot')
        and {{ rebuild_predicate('source_name', 'billing_period') }}
    group by all

),

fees as (

    select * from {{ ref('int_gcp_fees__collected') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- A commitment by its own id, and the one commitment or pool of a scope.
by_id as (

    select distinct
        source_name, billing_period, billing_account_id, currency_code, commitment_category,
        subscription_id,
        case when commitment_category = 'Usage' then resource_class else 'spend' end
            as covered_class,
        commitment_id
    from fees
    where is_named

),

by_scope as (

    select distinct
        source_name, billing_period, billing_account_id, currency_code, commitment_category,
        coalesce(scope_region, '') as scope_region,
        case when commitment_category = 'Usage' then resource_class else 'spend' end
            as covered_class,
        commitment_id
    from fees
    where not is_named

),

scoped as (

    select
        *,
        case commitment_category when 'Usage' then resource_class else 'spend' end
            as covered_class,
        case commitment_category when 'Usage' then coalesce(region_id, '') else '' end
            as scope_region
    from credits

),

matched as (

    select
        scoped.*,
        coalesce(by_id.commitment_id, by_scope.commitment_id) is not null as has_fee,
        coalesce(
            by_id.commitment_id, by_scope.commitment_id, scoped.credit_id, scoped.credit_name
        ) as commitment_id,
        cast(coalesce(least(
            {{ ratio('-scoped.credit_amount', 'scoped.gross_cost') }}, 1
        ), 0) as decimal(13, 12)) as covered_share
    from scoped
    left join by_id
        on
            scoped.source_name = by_id.source_name
            and scoped.billing_period = by_id.billing_period
            and scoped.billing_account_id = by_id.billing_account_id
            and scoped.currency_code = by_id.currency_code
            and scoped.commitment_category = by_id.commitment_category
            and scoped.covered_class = by_id.covered_class
            and scoped.credit_id = by_id.subscription_id
    left join by_scope
        on
            scoped.source_name = by_scope.source_name
            and scoped.billing_period = by_scope.billing_period
            and scoped.billing_account_id = by_scope.billing_account_id
            and scoped.currency_code = by_scope.currency_code
            and scoped.commitment_category = by_scope.commitment_category
            and scoped.covered_class = by_scope.covered_class
            and scoped.scope_region = by_scope.scope_region

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
    max(pricing_unit) as pricing_unit,
    bool_or(has_fee) as has_fee,
    cast(least(sum(covered_share), 1) as decimal(13, 12)) as covered_share,
    {{ money('sum(credit_amount)') }} as credit_amount,
    {{ quantity('sum(covered_share) * cast(max(pricing_amount) as decimal(24, 12))') }}
        as covered_quantity
from matched
group by
    source_name, billing_period, source_file, source_row, billing_account_id, currency_code,
    commitment_id, commitment_category
