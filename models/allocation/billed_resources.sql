-- One row per source, billing period and attribution key that names a resource: the key by which
-- inventories know it, where they would list it, and what its charges amount to.
with keys as (

    select
        source_name,
        billing_period,
        attribution_key,
        billing_currency,
        {{ inventory_provider('source_kind', 'service_provider_name', 'host_provider_name') }}
            as provider,
        coalesce(allocated_resource_id, resource_id) as resource_id,
        case when allocated_resource_id is null then resource_type else 'pod' end as resource_type,
        sub_account_id,
        first_charge_at,
        last_charge_end_at,
        charge_rows,
        billed_cost,
        effective_cost
    from {{ ref('attribution_keys') }}
    where coalesce(allocated_resource_id, resource_id) is not null

),

keyed as (

    select
        *,
        {{ resource_key('provider', 'resource_id') }} as resource_key
    from keys

)

select
    *,
    -- Pods are listed by their cluster, all else by its account; orders of commitments at Azure are
    -- in no subscription.
    case
        when resource_type = 'pod' then split_part(resource_key, '/', 1)
        when provider = 'azure' and resource_key not like '/subscriptions/%' then null
        else sub_account_id
    end as listed_in
from keyed
