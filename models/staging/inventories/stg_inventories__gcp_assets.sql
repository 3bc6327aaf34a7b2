-- One row per Google Cloud asset and snapshot that lists it.
with source as (

    select * from {{ source('raw_inventories', 'gcp_assets') }}

),

-- Assets are below the number of their project where their name does not have its id; bills know
-- the id.
projects as (

    select
        _source_name,
        split_part(asset_name, '/projects/', 2) as project_number,
        max(json_extract_string(resource_data, '$.projectId')) as project_id
    from source
    where asset_type = 'cloudresourcemanager.googleapis.com/Project'
    group by _source_name, split_part(asset_name, '/projects/', 2)

),

placed as (

    select
        source.*,
        coalesce(projects.project_id, named.project) as project_id
    from source
    cross join lateral (
        select coalesce(
            nullif(regexp_extract(source.asset_name, '/projects/([^/]+)', 1), ''),
            split_part(
                coalesce(json_extract_string(source.ancestors, '$[0]'), source.project), '/', 2
            )
        ) as project
    ) as named
    left join projects
        on source._source_name = projects._source_name and named.project = projects.project_number

),

renamed as (

    select
        _source_name as source_name,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        snapshot_at,
        snapshot_scope,
        next_token is null as is_last_page,
        false as is_statement,
        case asset_type
            when 'cloudresourcemanager.googleapis.com/Project' then 'account'
            else 'resource'
        end as item_type,
        project_id as account_id,
        case asset_type
            when 'cloudresourcemanager.googleapis.com/Project' then project_id
            else asset_name
        end as resource_id,
        -- Bills name an instance by its number where the name was reused.
        case
            when asset_type like 'compute.googleapis.com/%'
                then regexp_replace(
                    asset_name, '[^/]+$', json_extract_string(resource_data, '$.id')
                )
        end as alternate_id,
        asset_type as resource_type,
        coalesce(display_name, split_part(asset_name, '/', -1)) as resource_name,
        resource_location as region_id,
        case
            when asset_type <> 'cloudresourcemanager.googleapis.com/Project' then 'project'
            when json_extract_string(ancestors, '$[1]') is not null then 'folder'
        end as parent_type,
        case
            when asset_type <> 'cloudresourcemanager.googleapis.com/Project' then project_id
            else json_extract_string(ancestors, '$[1]')
        end as parent_id,
        list_concat(
            {{ inventory_tag_object(
                "coalesce(labels, json_extract(resource_data, '$.labels')::varchar, "
                ~ "json_extract(resource_data, '$.settings.userLabels')::varchar)"
            ) }},
            {{ inventory_tag_list('tags', 'tagKey', 'tagValue') }}
        ) as tags
    from placed

)

select * from renamed
