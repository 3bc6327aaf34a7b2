-- One row per OpenAI cost result: its kind of charge, meter, model and service tier.
with costs as (

    select * from {{ ref('stg_openai__costs') }}

),

-- A day has many rows and few line items: patterns are tried once per line item.
line_items as (

    select distinct
        source_name,
        billing_period,
        line_item
    from costs
    where line_item is not null

),

candidates as (

    select
        line_items.source_name,
        line_items.billing_period,
        line_items.line_item,
        rules.charge_kind,
        nullif(rules.meter, '') as meter,
        row_number() over (
            partition by line_items.source_name, line_items.billing_period, line_items.line_item
            order by rules.rule_order
        ) as candidate_rank
    from line_items
    inner join {{ ref('openai_line_items') }} as rules
        on lower(line_items.line_item) like rules.line_item_pattern

),

recognised as (

    select * from candidates where candidate_rank = 1

),

-- `gpt-4o-2024-08-06 batch, input`: the model, perhaps its service tier, and what is charged.
named as (

    select
        costs.*,
        recognised.charge_kind as line_item_kind,
        case when costs.amount >= 0 then recognised.meter end as meter,
        case
            when recognised.meter is not null and costs.line_item like '%, %'
                then regexp_replace(costs.line_item, ', [^,]*$', '')
            when recognised.meter is not null and costs.line_item not like '% %'
                then costs.line_item
        end as model_text,
        regexp_replace(costs.line_item, '^.*, ', '') as charge_type
    from costs
    left join recognised
        on
            costs.source_name = recognised.source_name
            and costs.billing_period = recognised.billing_period
            and costs.line_item = recognised.line_item

)

select
    'openai' as provider,
    source_name,
    source_kind,
    billing_period,
    source_file,
    source_row,
    coalesce(organization_id, stated_account_id) as account_id,
    organization_name as account_name,
    billing_currency,
    amount_currency <> billing_currency as is_currency_changed,
    started_at,
    ended_at,
    project_id as group_id,
    project_name as group_name,
    api_key_id as credential_id,
    user_id as principal_id,
    charge_type,
    case
        when line_item is null then 'unattributed'
        when line_item_kind is null then 'unknown'
        when line_item_kind = 'usage' and amount < 0 then 'refund'
        else line_item_kind
    end as charge_kind,
    meter,
    regexp_replace(model_text, ' (batch|flex|priority)$', '') as model_id,
    case
        when lower(line_item) like '% batch%' then 'batch'
        when lower(line_item) like '% flex%' then 'flex'
        when lower(line_item) like '% priority%' then 'priority'
    end as service_tier,
    cast(null as string) as context_window,
    cast(null as string) as inference_geo,
    line_item as description,
    line_item as sku_id,
    amount as charged_cost,
    -- Brought to the unit of the meter: 1000_tokens to tokens, hours and minutes to seconds.
    -- A quantity without a unit may count anything.
    case when quantity_unit is not null then {{ quantity_of_blocks(
        'quantity',
        "(case quantity_unit when '1000_tokens' then 1000 when 'duration_minutes' then 60"
        ~ " when 'duration_hours' then 3600 else 1 end)"
    ) }} end as stated_quantity,
    case
        when quantity_unit in ('tokens', '1000_tokens') then 'tokens'
        when quantity_unit like 'duration_%' then 'seconds'
        else quantity_unit
    end as stated_unit
from named
