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
-- more branch and cannot add, lack or reorder a column. A branch is named as raw_ops names its
-- provider.
{{ union_of_providers(linked_columns(model.columns), {
    'aws': ref('focus_aws'),
    'azure': ref('focus_azure'),
    'gcp': ref('focus_gcp'),
    'oci': ref('focus_oci'),
    'focus': ref('focus_native'),
    'openai': ref('focus_openai'),
    'anthropic': ref('focus_anthropic'),
    'on_prem': ref('focus_on_prem'),
}) }}
