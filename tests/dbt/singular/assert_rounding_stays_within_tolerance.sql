-- Fails with each bill whose rounding rows carry more than a provider's rounding can explain: they
-- make the sum come out, so without a limit they would hide any error.
with reconciliation as (

    select * from {{ ref('reconciliation') }}

),

tolerance as (

    select * from {{ ref('quality_tolerances') }} where tolerance_name = 'rounding'

)

select
    reconciliation.source_name,
    reconciliation.billing_period,
    reconciliation.billing_account_id,
    reconciliation.billing_currency,
    greatest(
        tolerance.tolerance_amount,
        cast(abs(reconciliation.file_cost) * tolerance.tolerance_ratio as decimal(38, 16))
    ) as allowed_cost,
    reconciliation.rounding_cost as actual_cost
from reconciliation
cross join tolerance
where
    abs(reconciliation.rounding_cost) > tolerance.tolerance_amount
    and abs(reconciliation.rounding_cost)
    > abs(cast(reconciliation.file_cost as double) * cast(tolerance.tolerance_ratio as double))
