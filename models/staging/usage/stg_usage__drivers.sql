-- One row per day, driver, team and project of a list of usage drivers.
with source as (

    select * from {{ source('raw_usage', 'drivers') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        usage_date,
        driver,
        team,
        project,
        quantity
    from source

)

select * from renamed
