-- Warns of each term with cost that has no FOCUS word yet and is no more of the bill than allowed.
select
    source_name,
    billing_period,
    billing_currency,
    subject,
    term,
    example,
    unmapped_cost
from {{ ref('unmapped_vocabulary') }}
where status <> 'over_threshold' and unmapped_cost > 0 and subject <> 'resource type'
