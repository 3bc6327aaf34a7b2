-- One row per billing period, gap, provider, resource, tag key, time of change and currency: where
-- bill and inventory do not know the same, with the money that depends on it.
with billed as (

    select
        billing_period,
        billing_currency,
        provider,
        resource_key,
        min(resource_id) as resource_id,
        max(resource_type) as resource_type,
        max(sub_account_id) as sub_account_id,
        min(first_charge_at) as first_charge_at,
        max(last_charge_end_at) as last_charge_end_at,
        {{ money('sum(billed_cost)') }} as billed_cost,
        {{ money('sum(effective_cost)') }} as effective_cost
    from {{ ref('billed_resources') }}
    group by billing_period, billing_currency, provider, resource_key

),

-- Months before the first snapshot have no gaps: nobody looked.
covered as (

    select
        billed.provider,
        billed.billing_period
    from (select distinct provider, billing_period from billed) as billed
    inner join (
        select provider, min(valid_from) as first_seen_at from {{ ref('resource_history') }}
        group by provider
    ) as inventories
        on
            billed.provider = inventories.provider
            and substring(cast(inventories.first_seen_at as string), 1, 7)
            <= billed.billing_period

),

listed as (

    select
        covered.billing_period,
        history.provider,
        history.resource_key,
        history.item_type,
        history.resource_id,
        history.resource_type,
        history.account_id
    from covered
    inner join {{ ref('resource_history') }} as history
        on
            covered.provider = history.provider
            and substring(cast(history.valid_from as string), 1, 7) <= covered.billing_period
            and (
                history.valid_to is null
                or substring(cast(history.valid_to as string), 1, 7) >= covered.billing_period
            )

),

gaps as (

    select
        billed.billing_period, 'billed_not_listed' as gap, billed.provider, billed.resource_key,
        '' as tag_key, cast(null as timestamp) as changed_at, billed.billing_currency,
        billed.resource_id, billed.resource_type, billed.sub_account_id,
        cast(null as string) as bill_value, cast(null as string) as inventory_value,
        cast(null as string) as value_before, billed.billed_cost, billed.effective_cost
    from billed
    inner join covered
        on
            billed.provider = covered.provider
            and billed.billing_period = covered.billing_period
    left join (select distinct provider, billing_period, resource_key from listed) as known
        on
            billed.provider = known.provider
            and billed.billing_period = known.billing_period
            and billed.resource_key = known.resource_key
    where known.resource_key is null

    union all

    -- A resource that inventories know by two names is billed under one of them.
    select
        listed.billing_period, 'listed_not_billed' as gap, listed.provider,
        min(listed.resource_key) as resource_key, '' as tag_key,
        cast(null as timestamp) as changed_at, cast(null as string) as billing_currency,
        listed.resource_id, max(listed.resource_type) as resource_type,
        max(listed.account_id) as sub_account_id, cast(null as string) as bill_value,
        cast(null as string) as inventory_value, cast(null as string) as value_before,
        {{ money('0') }} as billed_cost, {{ money('0') }} as effective_cost
    from listed
    left join billed
        on
            listed.provider = billed.provider
            and listed.billing_period = billed.billing_period
            and listed.resource_key = billed.resource_key
    left join (select distinct provider, parent_key from {{ ref('parent_history') }}) as parents
        on listed.provider = parents.provider and listed.resource_key = parents.parent_key
    where listed.item_type = 'resource' and parents.parent_key is null
    group by listed.billing_period, listed.provider, listed.resource_id
    having count(billed.resource_key) = 0

    union all

    select
        billing_period, 'tag_disagrees' as gap, provider, resource_key, tag_key,
        cast(null as timestamp) as changed_at, billing_currency, min(resource_id) as resource_id,
        max(resource_type) as resource_type, max(sub_account_id) as sub_account_id,
        min(bill_value) as bill_value, min(inventory_value) as inventory_value,
        cast(null as string) as value_before, {{ money('sum(billed_cost)') }} as billed_cost,
        {{ money('sum(effective_cost)') }} as effective_cost
    from {{ ref('inventory_tag_differences') }}
    group by billing_period, provider, resource_key, tag_key, billing_currency

    union all

    select
        billed.billing_period, changes.change_kind as gap, changes.provider,
        changes.resource_key, changes.tag_key, changes.changed_at, billed.billing_currency,
        billed.resource_id, billed.resource_type, billed.sub_account_id,
        cast(null as string) as bill_value, changes.owner_after as inventory_value,
        changes.owner_before as value_before, billed.billed_cost, billed.effective_cost
    from {{ ref('inventory_owner_changes') }} as changes
    inner join billed
        on
            changes.provider = billed.provider
            and changes.resource_key = billed.resource_key
            and substring(cast(changes.changed_at as string), 1, 7) = billed.billing_period

)

select * from gaps
