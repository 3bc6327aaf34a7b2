-- One row per usage result and meter of any AI vendor, in one shape and counted once.
-- Two exports may hold the same usage (a folder named twice, an old and a new script). Landing
-- keeps both, as neither is a bill; of one endpoint, project and day the first by name counts.
with usage as (

    select * from {{ ref('int_openai_usage__metered') }}
    union all
    select * from {{ ref('int_anthropic_usage__metered') }}

),

ranked as (

    select
        *,
        min(source_name) over (
            partition by
                provider, billing_period, account_id, usage_date, usage_subject, group_id
        ) as counted_source_name
    from usage

)

select * from ranked
where source_name = counted_source_name
