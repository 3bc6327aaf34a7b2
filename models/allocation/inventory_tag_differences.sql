-- One row per source, billing period, currency, billed resource and governed key that an inventory
-- tags and the bill does not (not_on_bill), or of which the bill says what the inventory says at no
-- time of the charges (differs). Meanings are compared, not spellings.
with stated as (

    select
        source_name,
        billing_period,
        attribution_key,
        governed_key,
        decided_by,
        value,
        evidence
    from {{ ref('owner_candidates') }}
    where decided_by in ('bill_tag', 'inventory_tag')

),

compared as (

    select
        listed.source_name,
        listed.billing_period,
        listed.attribution_key,
        listed.governed_key,
        min(coalesce(billed.value, billed.evidence)) as bill_value,
        min(coalesce(listed.value, listed.evidence)) as inventory_value,
        max(case when billed.evidence is not null then 1 else 0 end) as is_billed,
        max(case when billed.value = listed.value then 1 else 0 end) as agrees
    from stated as listed
    left join stated as billed
        on
            listed.source_name = billed.source_name
            and listed.billing_period = billed.billing_period
            and listed.attribution_key = billed.attribution_key
            and listed.governed_key = billed.governed_key
            and billed.decided_by = 'bill_tag'
    where listed.decided_by = 'inventory_tag'
    group by
        listed.source_name, listed.billing_period, listed.attribution_key, listed.governed_key

),

-- A resource may be billed under several tag sets: one that has the tag is enough for the bill to
-- know it, one that contradicts the inventory is enough to differ.
judged as (

    select
        compared.*,
        resources.billing_currency,
        resources.provider,
        resources.resource_key,
        resources.resource_id,
        resources.resource_type,
        resources.sub_account_id,
        resources.billed_cost,
        resources.effective_cost,
        max(compared.is_billed) over (
            partition by
                compared.source_name, compared.billing_period, resources.billing_currency,
                resources.provider, resources.resource_key, compared.governed_key
        ) as is_billed_at_all
    from compared
    inner join {{ ref('billed_resources') }} as resources
        on
            compared.source_name = resources.source_name
            and compared.billing_period = resources.billing_period
            and compared.attribution_key = resources.attribution_key

)

select
    source_name,
    billing_period,
    billing_currency,
    provider,
    resource_key,
    governed_key,
    case when max(is_billed) = 0 then 'not_on_bill' else 'differs' end as difference,
    min(resource_id) as resource_id,
    max(resource_type) as resource_type,
    max(sub_account_id) as sub_account_id,
    min(bill_value) as bill_value,
    min(inventory_value) as inventory_value,
    {{ money('sum(billed_cost)') }} as billed_cost,
    {{ money('sum(effective_cost)') }} as effective_cost
from judged
where (is_billed = 1 and agrees = 0) or is_billed_at_all = 0
group by source_name, billing_period, billing_currency, provider, resource_key, governed_key
