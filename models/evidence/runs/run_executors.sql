-- One row per run and machine or billed resource that ran it, under the key of the bill.
with named as (

    select
        source_name,
        billing_period,
        run_id,
        {{ json_list_items('executors') }} as items
    from {{ ref('runs') }}
    where executors is not null
    union all
    select
        source_name,
        billing_period,
        run_id,
        split(replace(tagged_executor, ' ', ''), ',') as items
    from {{ ref('runs') }}
    where executors is null and tagged_executor is not null

),

executors as (

    select distinct
        named.source_name,
        named.billing_period,
        named.run_id,
        found.record as executor
    from named
    {{ lateral_records('named.items', 'found') }}
    where found.record <> ''

),

nodes as (

    select
        node_name,
        max(provider) as provider,
        max(resource_key) as resource_key
    from {{ ref('node_resources') }}
    group by node_name
    having count(distinct resource_key) = 1

),

placed as (

    select
        executors.*,
        coalesce(
            case
                when executors.executor like 'i-%' or executors.executor like 'arn:aws%' then 'aws'
                when executors.executor like '/subscriptions/%' then 'azure'
                when executors.executor like '//compute%' or executors.executor like 'projects/%'
                    then 'gcp'
            end,
            nodes.provider,
            case when executors.executor like '%/%' then 'on_prem' end
        ) as provider,
        nodes.resource_key as node_resource_key
    from executors
    left join nodes
        on split_part(executors.executor, '/', -1) = nodes.node_name

)

select
    source_name,
    billing_period,
    run_id,
    executor,
    provider,
    coalesce(node_resource_key, {{ resource_key('provider', 'executor') }}) as resource_key
from placed
