{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per set of labels in a source and billing period: the set as FOCUS tags, and what labels
-- say about machine, cluster and place in the organisation.
-- Labels of the resource keep their keys. Other origins keep a prefix: `tag:` Resource Manager
-- tags, `project:` labels of the project, `gcp:` facts that Google states. So no origin hides
-- another; of one key twice in one origin the first value in alphabetical order counts.
with billing_rows as (

    select * from {{ ref('int_gcp_billing_rows__classified') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

label_sets as (

    select
        source_name,
        billing_period,
        label_key,
        any_value(labels) as labels,
        any_value(resource_tags) as resource_tags,
        any_value(project_labels) as project_labels,
        any_value(system_labels) as system_labels,
        any_value(project_ancestors) as project_ancestors,
        any_value(project_ancestry_numbers) as project_ancestry_numbers
    from billing_rows
    group by source_name, billing_period, label_key

),

read as (

    select
        *,
        {{ json_records('labels', ['key', 'value']) }} as label_records,
        {{ json_records('resource_tags', ['key', 'value']) }} as tag_records,
        {{ json_records('project_labels', ['key', 'value']) }} as project_records,
        {{ json_records('system_labels', ['key', 'value']) }} as system_records,
        {{ json_records('project_ancestors', ['resource_name', 'display_name']) }}
            as ancestor_records
    from label_sets

),

entries as (

    select
        *,
        {{ joined_lists([
            gcp_label_entries('label_records', ''),
            gcp_label_entries('tag_records', 'tag:'),
            gcp_label_entries('project_records', 'project:'),
            gcp_label_entries('system_records', 'gcp:'),
        ]) }} as label_entries
    from read

),

mapped as (

    select
        *,
        {{ map_of_entries('label_entries') }} as label_map,
        cardinality(label_entries) as label_count
    from entries

)

select
    source_name,
    billing_period,
    label_key,
    case when label_count > 0 then label_map end as tags,
    cardinality(label_map) < label_count as has_repeated_keys,
    label_map['gcp:compute.googleapis.com/machine_spec'] as machine_type,
    label_map['gcp:compute.googleapis.com/cores'] as core_count,
    label_map['gcp:compute.googleapis.com/memory'] as memory_mib,
    label_map['gcp:compute.googleapis.com/is_unused_reservation'] as is_unused_reservation,
    label_map['goog-k8s-cluster-name'] as cluster_name,
    label_map['k8s-namespace'] as namespace,
    label_map['k8s-workload-name'] as workload,
    {{ map_with_prefixes('label_map', ['k8s-', 'goog-k8s-']) }} as cluster_tags,
    coalesce(
        {{ gcp_ancestor_path('ancestor_records') }},
        nullif(replace(trim(both '/' from project_ancestry_numbers), '/', ' / '), '')
    ) as ancestor_path
from mapped
