{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per source, billing period, billing account, SKU, currency and price tier: the public and
-- the contract price that the pricing export gives for that month's usage.
{% set rate_fields = ['pricing_unit_quantity', 'start_usage_amount', 'account_currency_amount'] %}

with wanted as (

    select distinct
        source_name,
        billing_period,
        billing_account_id,
        sku_id,
        currency_code
    from {{ ref('int_gcp_billing_rows__classified') }}
    where
        sku_id is not null
        and list_amount is null
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- The newest day of the month counts, else the newest before it.
candidates as (

    select
        wanted.*,
        price_rows.list_rates,
        price_rows.contract_rates,
        row_number() over (
            partition by
                wanted.source_name, wanted.billing_period, wanted.billing_account_id,
                wanted.sku_id, wanted.currency_code
            order by price_rows.priced_at desc, price_rows.source_file, price_rows.source_row
        ) as price_rank
    from wanted
    inner join {{ ref('stg_gcp__prices') }} as price_rows
        on
            wanted.sku_id = price_rows.sku_id
            and wanted.billing_account_id = price_rows.billing_account_id
            and wanted.currency_code = price_rows.currency_code
            and wanted.billing_period >= price_rows.billing_period

),

chosen as (

    select
        *,
        {{ json_records('list_rates', rate_fields) }} as list_records,
        {{ json_records('contract_rates', rate_fields) }} as contract_records
    from candidates
    where price_rank = 1

),

tiers as (

    select
        chosen.*,
        'list' as price_kind,
        exploded.record
    from chosen
    {{ lateral_records('chosen.list_records', 'exploded') }}
    union all
    select
        chosen.*,
        'contract' as price_kind,
        exploded.record
    from chosen
    {{ lateral_records('chosen.contract_records', 'exploded') }}

),

-- A rate may be for a block of units (1000000 tokens); prices here are for one.
rates as (

    select
        *,
        coalesce({{ quantity('record.start_usage_amount') }}, 0) as tier_start_amount,
        case
            when coalesce(cast(record.pricing_unit_quantity as decimal(18, 4)), 1) in (0, 1)
                then cast(record.account_currency_amount as decimal(38, 18))
            else cast(
                {{ ratio('record.account_currency_amount', 'record.pricing_unit_quantity') }}
                as decimal(38, 18)
            )
        end as unit_price
    from tiers

)

select
    source_name,
    billing_period,
    billing_account_id,
    sku_id,
    currency_code,
    tier_start_amount,
    max(case when price_kind = 'list' then unit_price end) as list_price,
    max(case when price_kind = 'contract' then unit_price end) as contract_price
from rates
group by source_name, billing_period, billing_account_id, sku_id, currency_code, tier_start_amount
