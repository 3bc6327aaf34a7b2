-- What is saved against list prices, and by what?
select
    billing_period,
    provider,
    billing_currency,
    cast(sum(list_cost) as decimal(18, 2)) as list_cost,
    cast(sum(negotiated_savings) as decimal(18, 2)) as negotiated,
    cast(sum(net_commitment_savings) as decimal(18, 2)) as commitments_net,
    cast(sum(unused_commitment_cost) as decimal(18, 2)) as unused_commitments,
    cast(sum(spot_savings) as decimal(18, 2)) as spot,
    cast(sum(prepaid_savings) as decimal(18, 2)) as prepaid,
    cast(sum(effective_cost) as decimal(18, 2)) as effective_cost,
    round(1 - sum(effective_cost) / nullif(sum(list_cost), 0), 3) + 0 as effective_savings_rate
from rates.savings_monthly
group by billing_period, provider, billing_currency
order by billing_period, provider, billing_currency
