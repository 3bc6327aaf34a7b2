-- What do we pay for an accelerator-hour, and who offers the same accelerator for less?
select
    usage_month,
    accelerator_model,
    cast(memory_gib as decimal(6, 1)) as memory_gib,
    provider,
    region_id,
    purchase_option,
    cast(accelerator_hours as decimal(18, 1)) as accelerator_hours,
    round(paid_per_hour, 3) as paid_per_hour,
    round(list_per_hour, 3) as list_per_hour,
    round(price_per_pflops_hour, 2) as price_per_pflops_hour,
    cheapest_offer_provider,
    cheapest_offer_region_id,
    round(cheapest_offer_per_hour, 3) as cheapest_offer_per_hour,
    difference_in_month
from gpu.price_comparison
where accelerator_hours > 0 and not_comparable_because is null
order by difference_in_month desc nulls last, usage_month, provider, purchase_option
limit 15
