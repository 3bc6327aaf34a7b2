-- What do checkpoints cost, and which of them does nobody refer to?
select
    bucket,
    reference_state,
    billing_currency,
    count(distinct run_id) as runs,
    cast(sum(stored_gigabytes) as decimal(18, 0)) as stored_gigabytes,
    cast(sum(effective_cost) as decimal(18, 2)) as effective_cost
from training.checkpoints_monthly
group by bucket, reference_state, billing_currency
order by effective_cost desc, bucket, reference_state
