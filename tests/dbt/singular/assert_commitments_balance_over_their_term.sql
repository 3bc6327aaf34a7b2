-- Fails with each commitment that the bills hold from its first to its last day and that cost
-- otherwise than it was paid for.
select
    commitment_discount_id,
    billing_currency,
    term_start_at,
    term_end_at,
    purchase_cost as expected,
    effective_cost as actual,
    term_gap as gap
from {{ ref('commitment_terms') }}
where status = 'gap'
