-- One row per labelled pod, namespace or node and snapshot that lists it.
with source as (

    select
        *,
        json_extract_string(metric, '$.__name__') as metric_name,
        coalesce(namespace, json_extract_string(metric, '$.namespace')) as namespace_name,
        coalesce(node, json_extract_string(metric, '$.node')) as node_name,
        coalesce(pod, json_extract_string(metric, '$.pod')) as pod_name
    from {{ source('raw_inventories', 'kubernetes') }}

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        snapshot_at,
        snapshot_scope,
        true as is_last_page,
        false as is_statement,
        case
            when metric_name = 'kube_pod_labels' or pod_labels is not null then 'pod'
            when metric_name = 'kube_namespace_labels' or namespace_labels is not null
                then 'namespace'
            else 'node'
        end as item_type,
        cluster_name as account_id,
        cluster_name || case item_type
            when 'pod' then '/namespaces/' || namespace_name || '/pods/' || pod_name
            when 'namespace' then '/namespaces/' || namespace_name
            else '/nodes/' || node_name
        end as resource_id,
        cast(null as varchar) as alternate_id,
        'kubernetes:' || item_type as resource_type,
        case item_type
            when 'pod' then pod_name when 'namespace' then namespace_name else node_name
        end as resource_name,
        cast(null as varchar) as region_id,
        case item_type when 'pod' then 'namespace' else 'cluster' end as parent_type,
        cluster_name || case item_type
            when 'pod' then '/namespaces/' || namespace_name else ''
        end as parent_id,
        {{ inventory_label_list() }} as tags
    from source

)

select * from renamed
