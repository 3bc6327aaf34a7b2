-- One row per result of an Anthropic cost report: a day, workspace, model and class of tokens;
-- renamed, nothing dropped.
with source as (

    select * from {{ source('raw_anthropic', 'cost') }}

),

renamed as (

    select
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        _account as stated_account_id,
        starting_at as started_at,
        ending_at as ended_at,
        organization_id,
        workspace_id,
        workspace_name,
        api_key_id,
        model,
        service_tier,
        context_window,
        inference_geo,
        speed,
        description,
        cost_type,
        token_type,
        product,
        amount as amount_cents,
        cost_usd,
        list_amount as list_amount_cents,
        currency,
        billing_currency
    from source

)

select * from renamed
