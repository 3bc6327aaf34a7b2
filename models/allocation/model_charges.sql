-- One row per source, billing period and attribution key of what model services charge for: which
-- model, class and tier. Rules are tried once per distinct text of what is sold.
with counting as (

    -- Whoever bills tokens sells a model.
    select distinct source_name, billing_period, attribution_key from {{ ref('daily_costs') }}
    where consumed_unit = 'Tokens'

),

keys as (

    select
        keys.source_name,
        keys.billing_period,
        keys.attribution_key,
        {{ inventory_provider(
            'keys.source_kind', 'keys.service_provider_name', 'keys.host_provider_name'
        ) }} as provider,
        coalesce(keys.host_provider_name, keys.service_provider_name) as provider_name,
        concat_ws(' | ', keys.service_name, keys.x_service_code, keys.x_product_family)
            as service_text,
        concat_ws(
            ' | ',
            coalesce(keys.x_usage_type, keys.sku_meter, keys.charge_description),
            {{ json_member_text('keys.sku_price_details', 'x_ServiceTier') }}
        ) as sku_text,
        keys.billing_currency,
        keys.sub_account_id,
        keys.sub_account_name,
        keys.resource_id,
        keys.x_principal_id as principal_id,
        keys.x_credential_id as credential_id,
        keys.x_model_id as model_name,
        keys.charge_category,
        counting.attribution_key is not null as counts_tokens
    from {{ ref('attribution_keys') }} as keys
    left join counting
        on
            keys.source_name = counting.source_name
            and keys.billing_period = counting.billing_period
            and keys.attribution_key = counting.attribution_key

),

sold as (

    select distinct provider_name, service_text, sku_text from keys

),

decided as (

    select
        sold.provider_name,
        sold.service_text,
        sold.sku_text,
        {%- for decision in ['scope', 'token_class', 'service_tier'] %}
        min_by(rules.value, rules.position) filter (where rules.decides = '{{ decision }}')
            as {{ decision }}{{ ',' if not loop.last }}
        {%- endfor %}
    from sold
    inner join {{ ref('model_charge_rules') }} as rules
        on
            coalesce(rules.provider_name, sold.provider_name) = sold.provider_name
            and {{ text_matches_pattern(
                'sold.service_text', "coalesce(rules.service_pattern, '')"
            ) }}
            and {{ text_matches_pattern(
                "concat(' ', sold.sku_text)", "coalesce(rules.sku_pattern, '')"
            ) }}
    group by sold.provider_name, sold.service_text, sold.sku_text

)

select
    keys.source_name,
    keys.billing_period,
    keys.attribution_key,
    keys.provider,
    keys.billing_currency,
    keys.sub_account_id,
    keys.sub_account_name,
    keys.resource_id,
    keys.principal_id,
    keys.credential_id,
    keys.model_name,
    aliases.model,
    aliases.model_family,
    aliases.model_vendor,
    aliases.model_class,
    aliases.is_known_model,
    case
        when keys.charge_category not in ('Usage', 'Purchase') then 'adjustment'
        else decided.token_class
    end as ruled_class,
    coalesce(decided.service_tier, 'standard') as service_tier
from keys
left join decided
    on
        keys.provider_name = decided.provider_name
        and keys.service_text = decided.service_text
        and keys.sku_text = decided.sku_text
left join {{ ref('model_aliases') }} as aliases on keys.model_name = aliases.model_name
where
    keys.counts_tokens
    or keys.model_name is not null
    or decided.scope = 'model_service'
