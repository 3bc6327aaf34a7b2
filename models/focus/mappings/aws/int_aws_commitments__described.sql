{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per commitment in a source and billing period: its term, how it is paid and what was
-- promised over the whole term, from its fee lines. NULL where the period's bill does not tell.
with line_items as (

    select
        *,
        coalesce(savings_plan_arn = commitment_id, false) as is_savings_plan,
        try_cast(
            case
                when savings_plan_arn = commitment_id then savings_plan_start_time
                else reservation_start_time
            end as timestamp
        ) as start_at,
        try_cast(
            case
                when savings_plan_arn = commitment_id then savings_plan_end_time
                else reservation_end_time
            end as timestamp
        ) as stated_end_at,
        charge_kind in ('ri_fee', 'sp_recurring_fee') as is_recurring,
        charge_kind in ('ri_fee', 'sp_recurring_fee', 'ri_upfront_fee', 'sp_upfront_fee') as is_fee
    from {{ ref('int_aws_line_items__classified') }}
    where
        commitment_id is not null
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- A term ends with the last second before its anniversary, a fee line with the last one of a month.
timed as (

    select
        *,
        case
            when
                extract(second from stated_end_at + interval 1 second)
                = extract(second from start_at)
                then stated_end_at + interval 1 second
            else stated_end_at
        end as end_at,
        {{ dbt.datediff('usage_start_at', aws_exclusive_end('usage_end_at'), 'second') }}
            as fee_seconds
    from line_items

),

commitments as (

    select
        source_name,
        billing_period,
        currency_code as billing_currency,
        commitment_id as commitment_discount_id,
        max(case when is_fee then description end) as description,
        min(start_at) as term_start_at,
        max(end_at) as term_end_at,
        max(case when is_fee then coalesce(savings_plan_purchase_term, lease_contract_length) end)
            as purchase_term,
        max(case when is_fee then coalesce(savings_plan_payment_option, purchase_option) end)
            as payment_model,
        bool_or(is_savings_plan) as is_savings_plan,
        sum(case when is_recurring then fee_seconds end) as fee_seconds,
        sum(
            case
                when is_recurring and is_savings_plan then savings_plan_total_commitment_to_date
            end
        ) as spend_commitment,
        sum(
            case
                when is_recurring
                    then savings_plan_amortized_upfront_commitment_for_billing_period
            end
        ) as prepaid_commitment,
        sum(case when is_recurring and not is_savings_plan then unblended_cost end)
            as recurring_fee,
        max(case when is_recurring then reservation_upfront_value end) as upfront_fee,
        sum(case when is_recurring then nullif(reservation_total_reserved_normalized_units, 0) end)
            as normalized_units,
        sum(case when is_recurring then nullif(reservation_total_reserved_units, 0) end)
            as reserved_units
    from timed
    group by source_name, billing_period, currency_code, commitment_id

),

-- How many times the period's fee lines fit into the term: promises are the same in every hour.
scaled as (

    select
        *,
        {{ ratio(dbt.datediff('term_start_at', 'term_end_at', 'second'), 'fee_seconds') }}
            as term_ratio
    from commitments

),

-- To the cent: a double cast to sixteen decimals at once would show its own noise in them.
obligations as (

    select
        *,
        case
            when is_savings_plan
                then cast(cast(spend_commitment as double) * term_ratio as decimal(24, 2))
            else
                cast(cast(recurring_fee as double) * term_ratio as decimal(24, 2))
                + coalesce(upfront_fee, 0)
        end as committed_cost
    from scaled

)

select
    source_name,
    billing_period,
    billing_currency,
    commitment_discount_id,
    description,
    term_start_at,
    term_end_at,
    case purchase_term when '1yr' then '1 Year' when '3yr' then '3 Years' end as duration_type,
    case
        when payment_model in ('No Upfront', 'Partial Upfront', 'All Upfront') then payment_model
    end as payment_model,
    case
        when payment_model = 'No Upfront' then 0
        when payment_model = 'All Upfront' then 1
        when is_savings_plan then {{ ratio('prepaid_commitment', 'spend_commitment') }}
        else {{ ratio('upfront_fee', 'committed_cost') }}
    end as upfront_ratio,
    {{ money('committed_cost') }} as committed_cost,
    case
        when not is_savings_plan
            then
                {{ quantity(
                    'cast(cast(coalesce(normalized_units, reserved_units) as double)'
                    ~ ' * term_ratio as decimal(24, 2))'
                ) }}
    end as committed_quantity,
    case
        when is_savings_plan then null
        when normalized_units is not null then 'Normalized Hours'
        when reserved_units is not null then 'Hours'
    end as committed_unit
from obligations
