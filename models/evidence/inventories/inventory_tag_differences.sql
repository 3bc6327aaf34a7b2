-- One row per billing period, currency, billed resource, tag set and tag key whose value on the
-- bill the inventory shows at no time of the charges.
with billed_tags as (

    select
        billed.*,
        exploded.record
    from {{ ref('billed_resources') }} as billed
    {{ lateral_records(tag_entries('billed.tags', tag_match_key), 'exploded') }}

),

billed as (

    select
        source_name, billing_period, billing_currency, provider, resource_key, tags_key,
        resource_id, resource_type, sub_account_id, first_charge_at, last_charge_end_at,
        billed_cost, effective_cost,
        record.tag_key as match_key,
        record.native_key as tag_key,
        record.tag_value as bill_value
    from billed_tags

),

listed as (

    select
        provider, resource_key, tag_value, valid_to,
        {{ tag_match_key('tag_key') }} as match_key,
        case when not may_be_older then valid_from end as valid_from
    from {{ ref('tag_history') }}

)

select
    billed.source_name,
    billed.billing_period,
    billed.billing_currency,
    billed.provider,
    billed.resource_key,
    billed.tags_key,
    billed.tag_key,
    min(billed.resource_id) as resource_id,
    min(billed.resource_type) as resource_type,
    min(billed.sub_account_id) as sub_account_id,
    min(billed.bill_value) as bill_value,
    min(listed.tag_value) as inventory_value,
    min(billed.billed_cost) as billed_cost,
    min(billed.effective_cost) as effective_cost
from billed
inner join listed
    on
        billed.provider = listed.provider
        and billed.resource_key = listed.resource_key
        and billed.match_key = listed.match_key
        and (listed.valid_from is null or listed.valid_from < billed.last_charge_end_at)
        and (listed.valid_to is null or listed.valid_to > billed.first_charge_at)
group by
    billed.source_name, billed.billing_period, billed.billing_currency, billed.provider,
    billed.resource_key, billed.tags_key, billed.tag_key
having max(case when trim(listed.tag_value) = trim(billed.bill_value) then 1 else 0 end) = 0
