-- One row per source, billing period, attribution key and interval: the few columns by which
-- coverage is broken down, and whether it is spent on AI.
with ai_spend as (

    select source_name, billing_period, attribution_key from {{ ref('rule_matches') }}
    where rule_set = 'ai_spend'
    union
    select source_name, billing_period, attribution_key from {{ ref('key_accelerators') }}
    where accelerator_model is not null

)

select
    keys.source_name,
    keys.billing_period,
    keys.attribution_key,
    attributions.valid_from,
    attributions.valid_to,
    keys.billing_currency,
    {{ inventory_provider(
        'keys.source_kind', 'keys.service_provider_name', 'keys.host_provider_name'
    ) }} as provider,
    keys.billing_account_id,
    keys.sub_account_id,
    keys.sub_account_name,
    keys.service_category,
    keys.service_name,
    coalesce(keys.allocated_resource_id, keys.resource_id) as resource_id,
    case when keys.allocated_resource_id is null then keys.resource_name end as resource_name,
    -- What lists of resources are grouped by: charges without a resource by their service.
    concat(
        coalesce(keys.sub_account_id, ''),
        '|',
        coalesce(keys.allocated_resource_id, keys.resource_id, concat('of ', keys.service_name))
    ) as billed_thing,
    attributions.team,
    ai_spend.attribution_key is not null as is_ai_spend
from {{ ref('attribution_keys') }} as keys
inner join {{ ref('key_attributions') }} as attributions
    on
        keys.source_name = attributions.source_name
        and keys.billing_period = attributions.billing_period
        and keys.attribution_key = attributions.attribution_key
left join ai_spend
    on
        keys.source_name = ai_spend.source_name
        and keys.billing_period = ai_spend.billing_period
        and keys.attribution_key = ai_spend.attribution_key
