-- How much of what could be committed is covered, and what is left at on-demand prices?
select
    provider,
    coalesce(accelerator_model, 'none') as accelerator,
    billing_currency,
    cast(sum(eligible_list_cost) as decimal(18, 2)) as eligible_list_cost,
    round(sum(committed_list_cost) / nullif(sum(eligible_list_cost), 0), 3) as coverage,
    cast(sum(uncovered_cost) as decimal(18, 2)) as uncovered_cost,
    cast(sum(spot_cost) as decimal(18, 2)) as spot_cost,
    cast(sum(unknown_eligibility_cost) as decimal(18, 2)) as unknown_eligibility_cost
from rates.coverage_daily
group by provider, accelerator_model, billing_currency
order by uncovered_cost desc, provider, accelerator, billing_currency
limit 15
