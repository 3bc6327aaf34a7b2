-- One row per line of an on-prem rate card and month; renamed, nothing dropped.
with source as (

    select * from {{ source('raw_on_prem', 'rate_card_months') }}

),

renamed as (

    select
        -- lineage
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        cast(card_line as bigint) as source_row,
        -- identity
        company,
        coalesce(billing_account, company) as billing_account_id,
        site as site_id,
        site_name,
        cluster as cluster_name,
        node_pool,
        machine_type,
        accelerator_model,
        accelerators_per_node,
        cast(nodes as integer) as nodes,
        accrued_node_names as node_names,
        -- time
        valid_from,
        valid_to,
        accrue_through,
        in_service_from,
        accrual_started_at,
        accrual_ended_at,
        cast(accrued_hours as integer) as accrued_hours,
        -- money: the card's figures
        currency as currency_code,
        price_per_accelerator_hour,
        capex_per_node,
        residual_value_per_node,
        depreciation_months,
        power_kw_per_node,
        price_per_kwh,
        pue,
        space_per_month,
        staff_per_month,
        other_per_month,
        -- money: what they come to in the month
        depreciation_cost,
        power_cost,
        space_cost,
        staff_cost,
        other_cost,
        flat_cost,
        accrued_cost,
        node_hour_cost,
        remainder_cost,
        node_hour_text,
        -- labels
        tags
    from source

)

select * from renamed
