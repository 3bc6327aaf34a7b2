-- Which accelerators sat idle, whose were they, what did that cost and what is to be done?
select
    billing_period,
    coalesce(team, owner_class) as owner,
    layer,
    accelerator_model,
    purchase_option,
    round(sum(accelerator_hours), 2) as accelerator_hours,
    round(sum(effective_cost), 2) as effective_cost,
    billing_currency,
    max(longest_streak_hours) as longest_streak_hours,
    any_value(recommended_action) as recommended_action
from gpu.idle_daily
where layer <> 'unknown'
group by all
order by sum(effective_cost) desc, billing_period, owner, layer, accelerator_model
limit 20;
