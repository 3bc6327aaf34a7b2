{# Exception to the folder: months are replaced one by one, the table as a whole never. #}
{{ config(
    materialized='incremental',
    pre_hook=[
        "{{ delete_queued('x_source_name', 'x_billing_period') }}",
        "{{ keep_join_order() }}",
    ],
    post_hook="{{ free_join_order() }}"
) }}

-- One row per charge of any provider. The columns are the contract's own list, so a provider is one
-- more branch and cannot add, lack or reorder a column.
{% set focus_columns = linked_columns(model.columns) %}

select {{ focus_columns }} from {{ ref('focus_aws') }}
where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
union all
select {{ focus_columns }} from {{ ref('focus_azure') }}
where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
union all
select {{ focus_columns }} from {{ ref('focus_native') }}
where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
union all
select {{ focus_columns }} from {{ ref('focus_anthropic') }}
where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
union all
select {{ focus_columns }} from {{ ref('focus_openai') }}
where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
union all
select {{ focus_columns }} from {{ ref('focus_oci') }}
where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
union all
select {{ focus_columns }} from {{ ref('focus_on_prem') }}
where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
union all
select {{ focus_columns }} from {{ ref('focus_gcp') }}
where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
