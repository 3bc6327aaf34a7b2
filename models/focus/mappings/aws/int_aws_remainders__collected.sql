{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per amount that covering lines and their negations leave over, at the line that carries
-- it.
with line_items as (

    select * from {{ ref('int_aws_line_items__classified') }}
    where
        (
            has_net_costs
            or charge_kind in ('sp_covered_usage', 'sp_negation', 'ri_covered_usage')
        )
        and {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- Two sums in one pass over the bill: by commitment and account what is billed on lines that FOCUS
-- bills 0, and by bill what net and unblended costs differ by.
sums_per_file as (

    select
        source_name,
        billing_period,
        payer_account_id,
        currency_code,
        usage_account_id,
        commitment_id,
        source_file,
        cast(sum(
            case
                when charge_kind in ('sp_covered_usage', 'sp_negation', 'ri_covered_usage')
                    then charged_cost
                else 0
            end
        ) as decimal(38, 16)) as covered_cost,
        cast(sum(unblended_cost - charged_cost) as decimal(38, 16)) as net_difference,
        min(case when charge_kind = 'sp_negation' then source_row end) as negation_row,
        min(case
            when charge_kind in ('sp_covered_usage', 'ri_covered_usage') then source_row
        end) as covered_row,
        min(case when charge_kind = 'discount_in_net' then source_row end) as discount_row
    from line_items
    group by
        source_name, billing_period, payer_account_id, currency_code, usage_account_id,
        commitment_id, source_file

),

covered_candidates as (

    select
        source_name,
        billing_period,
        source_file,
        coalesce(negation_row, covered_row) as source_row,
        sum(covered_cost) over same_commitment as remainder_cost,
        row_number() over (
            partition by
                source_name, billing_period, payer_account_id, currency_code, usage_account_id,
                commitment_id
            order by case when negation_row is null then 1 else 0 end, source_file
        ) as candidate_rank
    from sums_per_file
    where negation_row is not null or covered_row is not null
    window same_commitment as (
        partition by
            source_name, billing_period, payer_account_id, currency_code, usage_account_id,
            commitment_id
    )

),

net_candidates as (

    select
        source_name,
        billing_period,
        source_file,
        discount_row as source_row,
        sum(net_difference) over same_bill as remainder_cost,
        row_number() over (
            partition by source_name, billing_period, payer_account_id, currency_code
            order by
                case when discount_row is null then 1 else 0 end,
                source_file, usage_account_id, commitment_id nulls first
        ) as candidate_rank
    from sums_per_file
    window same_bill as (
        partition by source_name, billing_period, payer_account_id, currency_code
    )

)

select
    source_name,
    billing_period,
    source_file,
    source_row,
    {{ money('remainder_cost') }} as remainder_cost
from covered_candidates
where candidate_rank = 1 and remainder_cost <> 0
union all
select
    source_name,
    billing_period,
    source_file,
    source_row,
    {{ money('remainder_cost') }} as remainder_cost
from net_candidates
-- A cent or more is no rounding: it stays a gap that the reconciliation shows.
where candidate_rank = 1 and source_row is not null and remainder_cost <> 0
    and abs(remainder_cost) < 0.01
