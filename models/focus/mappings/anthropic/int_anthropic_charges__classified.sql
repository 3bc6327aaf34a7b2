-- One row per Anthropic cost result: its kind of charge, meter, model and service tier.
with costs as (

    select * from {{ ref('stg_anthropic__cost') }}

),

-- A day has many rows and few kinds of them: rules are tried once per kind.
line_items as (

    select distinct
        source_name,
        billing_period,
        coalesce(cost_type, '') as cost_type,
        coalesce(token_type, '') as token_type,
        coalesce(description, '') as description
    from costs

),

candidates as (

    select
        line_items.*,
        rules.charge_kind,
        nullif(rules.meter, '') as meter,
        row_number() over (
            partition by
                line_items.source_name, line_items.billing_period, line_items.cost_type,
                line_items.token_type, line_items.description
            order by rules.rule_order
        ) as candidate_rank
    from line_items
    inner join {{ ref('anthropic_line_items') }} as rules
        on
            line_items.cost_type like rules.cost_type_pattern
            and line_items.token_type like rules.token_type_pattern
            and lower(line_items.description) like rules.description_pattern

),

recognised as (

    select * from candidates where candidate_rank = 1

),

named as (

    select
        costs.*,
        recognised.charge_kind as line_item_kind,
        case when costs.cost_usd >= 0 then recognised.meter end as meter
    from costs
    left join recognised
        on
            costs.source_name = recognised.source_name
            and costs.billing_period = recognised.billing_period
            and coalesce(costs.cost_type, '') = recognised.cost_type
            and coalesce(costs.token_type, '') = recognised.token_type
            and coalesce(costs.description, '') = recognised.description

)

select
    'anthropic' as provider,
    source_name,
    source_kind,
    billing_period,
    source_file,
    source_row,
    coalesce(organization_id, stated_account_id) as account_id,
    cast(null as string) as account_name,
    billing_currency,
    currency <> billing_currency as is_currency_changed,
    started_at,
    ended_at,
    coalesce(workspace_id, workspace_name) as group_id,
    workspace_name as group_name,
    api_key_id as credential_id,
    cast(null as string) as principal_id,
    coalesce(token_type, cost_type) as charge_type,
    case
        when line_item_kind is null and coalesce(cost_type, description) is null
            then 'unattributed'
        when line_item_kind is null then 'unknown'
        when line_item_kind = 'usage' and cost_usd < 0 then 'refund'
        else line_item_kind
    end as charge_kind,
    meter,
    model as model_id,
    service_tier,
    context_window,
    inference_geo,
    description,
    coalesce(
        model || coalesce('/' || token_type, ''), cost_type, description
    ) as sku_id,
    cost_usd as charged_cost,
    cast(null as decimal(38, 12)) as stated_quantity,
    cast(null as string) as stated_unit
from named
