-- Fails with each term without a FOCUS word in a bill of which more than policy allows has none.
select
    source_name,
    billing_period,
    billing_currency,
    subject,
    term,
    example,
    unmapped_cost,
    threshold_ratio as expected,
    subject_ratio as actual
from {{ ref('unmapped_vocabulary') }}
where status = 'over_threshold' and unmapped_cost > 0
