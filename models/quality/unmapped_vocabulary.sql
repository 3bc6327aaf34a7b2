-- One row per source, billing period, currency, provider, subject and native term that has no FOCUS
-- word yet: how much of the bill that concerns, and whether it is more than policy allows.
with terms as (

    select * from {{ ref('unmapped_terms') }}

),

bills as (

    select
        source_name,
        billing_period,
        billing_currency,
        sum(absolute_cost) as total_cost
    from {{ ref('charged_days') }}
    group by source_name, billing_period, billing_currency

),

tolerances as (

    select * from {{ ref('quality_tolerances') }}

),

subjects as (

    select
        *,
        sum(unmapped_cost) over (
            partition by source_name, billing_period, billing_currency, subject
        ) as subject_cost
    from terms

)

select
    subjects.source_name,
    subjects.billing_period,
    subjects.billing_currency,
    subjects.service_provider_name,
    subjects.subject,
    subjects.term,
    subjects.example,
    case
        when
            subjects.subject_cost > greatest(
                tolerances.tolerance_amount, tolerances.tolerance_ratio * bills.total_cost
            )
            then 'over_threshold'
        else 'within_threshold'
    end as status,
    subjects.charge_rows,
    subjects.unmapped_cost,
    {{ money('bills.total_cost') }} as total_cost,
    {{ ratio('subjects.unmapped_cost', 'bills.total_cost') }} as unmapped_ratio,
    {{ ratio('subjects.subject_cost', 'bills.total_cost') }} as subject_ratio,
    cast(tolerances.tolerance_ratio as double) as threshold_ratio
from subjects
inner join tolerances
    on concat('unmapped_', replace(subjects.subject, ' ', '_')) = tolerances.tolerance_name
left join bills
    on
        subjects.source_name = bills.source_name
        and subjects.billing_period = bills.billing_period
        and subjects.billing_currency = bills.billing_currency
