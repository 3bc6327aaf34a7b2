-- Fails where actual and amortized file of an Azure month state different costs of a charge, or
-- where one of the two is missing and the month holds commitments or has no bill at all.
with charges as (

    select * from {{ ref('cost_and_usage') }} where x_source_kind = 'azure_cost_details'

),

found as (

    select
        x_source_name as source_name,
        x_billing_period as billing_period,
        billing_account_id,
        billing_currency,
        case
            when x_source_part = 'amortized_difference' then 'files disagree'
            when x_source_changes like '%actual_file_missing%' then 'actual file missing'
            when x_source_changes like '%amortized_file_missing%' then 'amortized file missing'
        end as finding,
        effective_cost,
        x_source_file
    from charges

)

select
    source_name,
    billing_period,
    billing_account_id,
    billing_currency,
    finding,
    count(*) as charge_rows,
    sum(effective_cost) as effective_cost,
    min(x_source_file) as example_file
from found
where finding is not null
group by source_name, billing_period, billing_account_id, billing_currency, finding
