-- One row per usage result and meter of any AI vendor, in one shape.
select * from {{ ref('int_openai_usage__metered') }}
union all
select * from {{ ref('int_anthropic_usage__metered') }}
