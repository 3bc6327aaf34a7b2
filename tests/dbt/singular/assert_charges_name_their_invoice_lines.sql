-- Fails with each invoice of which charges name a line that the invoice does not have. Only where
-- its lines are derived or the charges were delivered with them: charges of an older FOCUS version
-- cannot know the lines that a newer Invoice Detail brings.
select
    source_name,
    billing_period,
    invoice_id,
    billing_account_id,
    billing_currency,
    0 as expected,
    unlinked_rows as actual
from {{ ref('invoice_tie_out') }}
where unlinked_rows > 0 and coalesce(detail_origin, '') <> 'delivered'
