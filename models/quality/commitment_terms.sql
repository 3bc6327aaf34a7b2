-- One row per contract commitment that charges name, and currency: what it was bought for and what
-- it has cost since, over the part of its term that the bills hold.
with charged as (

    select
        commitment_discount_id,
        billing_currency,
        min(billing_period) as first_billing_period,
        max(billing_period) as last_billing_period,
        count(distinct billing_period) as periods_present,
        max(last_charge_end) as last_charge_end,
        {{ money('sum(purchase_cost)') }} as purchase_cost,
        {{ money('sum(effective_cost)') }} as effective_cost
    from {{ ref('charged_commitments') }}
    group by commitment_discount_id, billing_currency

),

commitments as (

    select * from {{ ref('contract_commitment') }}

),

tolerance as (

    select * from {{ ref('quality_tolerances') }} where tolerance_name = 'commitment_term'

),

joined as (

    select
        charged.*,
        commitments.contract_commitment_type,
        commitments.contract_commitment_period_start as term_start_at,
        commitments.contract_commitment_period_end as term_end_at,
        commitments.contract_commitment_cost,
        -- The term's last instant lies in its last month.
        {{ dbt.datediff(
            'commitments.contract_commitment_period_start',
            dbt.dateadd('second', -1, 'commitments.contract_commitment_period_end'),
            'month'
        ) }} + 1 as months_touched,
        {{ dbt.date_trunc('month', 'commitments.contract_commitment_period_start') }}
            as first_month
    from charged
    left join commitments
        on
            charged.commitment_discount_id = commitments.contract_commitment_id
            and charged.billing_currency = commitments.billing_currency

),

judged as (

    select
        *,
        -- A fee may be invoiced in the month after the one that it is for.
        coalesce(
            periods_present >= months_touched
            and cast(concat(first_billing_period, '-01') as date) <= cast(first_month as date)
            and last_charge_end >= term_end_at,
            false
        ) as has_whole_term,
        {{ money('purchase_cost - effective_cost') }} as term_gap
    from joined

)

select
    judged.commitment_discount_id,
    judged.billing_currency,
    judged.contract_commitment_type,
    case
        when judged.term_start_at is null or judged.term_end_at is null then 'term unknown'
        when not judged.has_whole_term then 'term not in the data'
        when
            abs(judged.term_gap) > greatest(
                tolerance.tolerance_amount * judged.periods_present,
                tolerance.tolerance_ratio * abs(judged.purchase_cost)
            )
            then 'gap'
        else 'balanced'
    end as status,
    judged.term_start_at,
    judged.term_end_at,
    judged.first_billing_period,
    judged.last_billing_period,
    cast(judged.periods_present as bigint) as periods_present,
    cast(judged.months_touched as bigint) as periods_expected,
    judged.contract_commitment_cost,
    judged.purchase_cost,
    judged.effective_cost,
    case when judged.has_whole_term then judged.term_gap end as term_gap
from judged
cross join tolerance
