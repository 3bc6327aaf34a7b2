{# Exception to the folder: a table of one row per month; every charge asks it. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per source and billing period: which of the two files of an Azure bill are there.
with charges as (

    select * from {{ ref('stg_azure__cost_details') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

)

select
    source_name,
    billing_period,
    count_if(dataset = 'actual') > 0 as has_actual,
    count_if(dataset = 'amortized') > 0 as has_amortized
from charges
group by source_name, billing_period
