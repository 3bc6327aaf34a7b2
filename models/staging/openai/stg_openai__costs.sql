-- One row per cost result of an OpenAI organisation: a day, project, line item and API key;
-- renamed, nothing dropped.
with source as (

    select * from {{ source('raw_openai', 'costs') }}

),

renamed as (

    select
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        _account as stated_account_id,
        start_time as started_at,
        end_time as ended_at,
        result_object,
        organization_id,
        organization_name,
        project_id,
        project_name,
        user_id,
        api_key_id,
        api_source,
        line_item,
        amount,
        amount_currency,
        billing_currency,
        quantity,
        quantity_unit
    from source

)

select * from renamed
