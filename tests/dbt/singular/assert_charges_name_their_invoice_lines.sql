-- Fails with each invoice of which the bill links charges to a line that the invoice does not have.
select
    source_name,
    billing_period,
    invoice_id,
    billing_account_id,
    billing_currency,
    0 as expected,
    unlinked_rows as actual
from {{ ref('invoice_tie_out') }}
where unlinked_rows > 0
