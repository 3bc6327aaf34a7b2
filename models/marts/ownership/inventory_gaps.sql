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
        max(listed_in) as listed_in,
        {{ money('sum(billed_cost)') }} as billed_cost,
        {{ money('sum(effective_cost)') }} as effective_cost
    from {{ ref('billed_resources') }}
    group by billing_period, billing_currency, provider, resource_key

),

-- Nobody looked into accounts before their first complete snapshot. A list that names no accounts
-- is about all of the provider.
looked_into as (

    select
        provider,
        account_id as listed_in,
        substring(cast(min(snapshot_at) as string), 1, 7) as first_period
    from {{ ref('inventory_snapshots') }}
    where is_complete and lists_resources and (account_id <> '' or not knows_accounts)
    group by provider, account_id

),

-- What holds until midnight of the first of a month does not reach into it.
listed as (

    select
        months.billing_period,
        history.provider,
        history.resource_key,
        history.item_type,
        history.resource_id,
        history.resource_type,
        history.account_id
    from (select distinct provider, billing_period from billed) as months
    inner join {{ ref('resource_history') }} as history
        on
            months.provider = history.provider
            and substring(cast(history.valid_from as string), 1, 7) <= months.billing_period
            and (
                history.valid_to is null
                or history.valid_to > cast(concat(months.billing_period, '-01') as timestamp)
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
    inner join (
        select provider, listed_in, min(first_period) as first_period from looked_into
        group by provider, listed_in
    ) as known_places
        on
            billed.provider = known_places.provider
            and (billed.listed_in = known_places.listed_in or known_places.listed_in = '')
            and known_places.first_period <= billed.billing_period
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
        billing_period,
        case difference when 'differs' then 'tag_disagrees' else 'owner_not_on_bill' end as gap,
        provider, resource_key, governed_key as tag_key, cast(null as timestamp) as changed_at,
        billing_currency, min(resource_id) as resource_id, max(resource_type) as resource_type,
        max(sub_account_id) as sub_account_id, min(bill_value) as bill_value,
        min(inventory_value) as inventory_value, cast(null as string) as value_before,
        {{ money('sum(billed_cost)') }} as billed_cost,
        {{ money('sum(effective_cost)') }} as effective_cost
    from {{ ref('inventory_tag_differences') }}
    where difference = 'differs' or governed_key = 'team'
    group by
        billing_period, difference, provider, resource_key, governed_key, billing_currency

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
