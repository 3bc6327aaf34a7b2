{# Exception to the folder: a narrow table, empty where both files agree. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per charge (subscription, day, resource, meter, type) on which the two files of an Azure
-- bill disagree: the row that carries the difference, and the difference. Added to the effective
-- cost of the actual file's rows it gives the amortized file's total.
with charges as (

    select
        *,
        case when dataset = 'amortized' then row_effective_cost else -row_effective_cost end
            as signed_cost
    from {{ ref('int_azure_charges__classified') }}
    where
        {{ rebuild_predicate('source_name', 'billing_period') }}
        and has_actual
        and has_amortized
        and charge_kind not in ('covered_usage', 'unused_commitment', 'in_amortized')

),

differing as (

    select
        source_name,
        billing_period,
        payer_id,
        billing_currency,
        charge_key,
        cast(count_if(dataset = 'actual') as bigint) as actual_rows,
    {{ money('sum(signed_cost)') }} as difference_cost
    from charges
    group by source_name, billing_period, payer_id, billing_currency, charge_key
    having sum(signed_cost) <> 0

),

carrying as (

    select
        charges.source_name,
        charges.billing_period,
        charges.source_file,
        charges.source_row,
        charges.dataset,
        differing.actual_rows,
        differing.difference_cost,
        row_number() over (
            partition by
                charges.source_name, charges.billing_period, charges.payer_id,
                charges.billing_currency, charges.charge_key
            order by charges.dataset desc, charges.source_file asc, charges.source_row asc
        ) as place
    from charges
    inner join differing
        on
            charges.source_name = differing.source_name
            and charges.billing_period = differing.billing_period
            and charges.payer_id = differing.payer_id
            and charges.billing_currency = differing.billing_currency
            and charges.charge_key = differing.charge_key

)

select
    source_name,
    billing_period,
    source_file,
    source_row,
    dataset,
    actual_rows,
    difference_cost
from carrying
where place = 1
