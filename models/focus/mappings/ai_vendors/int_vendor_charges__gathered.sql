-- One row per cost result of any AI vendor, in one shape.
select * from {{ ref('int_openai_charges__classified') }}
union all
select * from {{ ref('int_anthropic_charges__classified') }}
