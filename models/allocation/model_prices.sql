-- One row per provider, model, meter, service tier and first day: public price of a million tokens
-- from that day on. Of several names of a model the one that is dated latest counts.
with named as (

    select
        prices.provider,
        aliases.model,
        prices.meter,
        prices.service_tier,
        prices.valid_from,
        prices.valid_to,
        prices.list_unit_price,
        prices.currency
    from {{ ref('ai_vendor_token_prices') }} as prices
    inner join {{ ref('model_aliases') }} as aliases on prices.model_id = aliases.model_name
    qualify
        row_number() over (
            partition by
                prices.provider,
                aliases.model,
                prices.meter,
                prices.service_tier,
                prices.valid_from
            order by prices.context_pattern, prices.model_id desc
        ) = 1

)

select
    provider,
    model,
    meter,
    service_tier,
    valid_from,
    least(
        valid_to,
        coalesce(
            lead(valid_from) over (
                partition by provider, model, meter, service_tier order by valid_from
            ),
            valid_to
        )
    ) as valid_to,
    list_unit_price,
    currency
from named
