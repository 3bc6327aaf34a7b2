-- Fails with each invoice whose charges do not bill what its lines say.
select
    source_name,
    billing_period,
    invoice_id,
    billing_account_id,
    billing_currency,
    detail_origin,
    invoiced_cost as expected,
    billed_cost as actual,
    gap
from {{ ref('invoice_tie_out') }}
where status = 'gap'
