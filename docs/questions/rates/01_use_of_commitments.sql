-- How well was each commitment used, by whom, and what of it stood idle?
select
    billing_period,
    provider,
    commitment_type,
    accelerator_model,
    billing_currency,
    cast(sum(committed_cost) as decimal(18, 2)) as committed_cost,
    cast(sum(unused_cost) as decimal(18, 2)) as unused_cost,
    round(sum(used_cost) / sum(committed_cost), 3) as utilisation,
    cast(sum(used_in_other_accounts_cost) as decimal(18, 2)) as used_in_other_accounts_cost
from rates.commitments_daily
group by billing_period, provider, commitment_type, commitment_discount_id, accelerator_model,
    billing_currency
order by unused_cost desc, provider, billing_period, commitment_discount_id
limit 15
