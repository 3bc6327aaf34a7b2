-- One row per bill, month, currency, bucket of checkpoints or artefacts and folder that its
-- inventory lists: whose run it is of, what it costs, and whether anything still refers to it. A
-- bucket shares its storage by bytes; one without an inventory has one row.
{% set of_bucket -%}
    buckets.source_name, buckets.billing_period, buckets.billing_currency, buckets.bucket
{%- endset %}
with buckets as (

    select
        stored.source_name,
        stored.billing_period,
        keys.billing_currency,
        stored.thing_name as bucket,
        max(keys.resource_id) as resource_id,
        min(stored.content_class) as content_class,
        min(stored.team) as team,
        sum(daily.billed_cost) as billed_cost,
        sum(daily.effective_cost) as effective_cost
    from {{ ref('stored_data') }} as stored
    inner join {{ ref('attribution_keys') }} as keys
        on
            stored.source_name = keys.source_name
            and stored.billing_period = keys.billing_period
            and stored.attribution_key = keys.attribution_key
    inner join {{ ref('daily_costs') }} as daily
        on
            stored.source_name = daily.source_name
            and stored.billing_period = daily.billing_period
            and stored.attribution_key = daily.attribution_key
            and cast(daily.charge_date as timestamp) >= stored.valid_from
            and cast(daily.charge_date as timestamp) < stored.valid_to
    where stored.storage_kind = 'object'
    group by
        stored.source_name, stored.billing_period, keys.billing_currency, stored.thing_name

),

placed as (

    select
        buckets.*,
        folders.prefix,
        folders.objects,
        folders.stored_bytes,
        folders.old_version_bytes,
        folders.bytes_over_90_days,
        folders.last_modified_at,
        folders.run_source_name,
        folders.run_id,
        folders.bucket is not null as is_listed,
        row_number() over (
            partition by {{ of_bucket }} order by folders.stored_bytes desc, folders.prefix
        ) as place,
        -- The largest folder has what the others leave.
        cast(round({{ ratio(
            'folders.stored_bytes',
            'sum(folders.stored_bytes) over (partition by ' ~ of_bucket ~ ')'
        ) }}, 12) as decimal(13, 12)) as share_ratio
    from buckets
    left join {{ ref('checkpoint_folders') }} as folders
        on buckets.bucket = folders.bucket and buckets.billing_period = folders.billing_period
    where
        buckets.content_class in ('checkpoint', 'artefact')
        or buckets.bucket in (
            select bucket from {{ ref('checkpoint_folders') }} where run_id is not null
        )

)

select
    placed.source_name,
    placed.billing_period,
    placed.billing_currency,
    placed.resource_id,
    placed.bucket,
    placed.prefix,
    placed.content_class,
    placed.run_source_name,
    placed.run_id,
    runs.experiment_name,
    runs.model_name,
    coalesce(runs.team, placed.team) as team,
    runs.run_state,
    runs.waste_class,
    case
        when not placed.is_listed then 'not_listed'
        when placed.run_id is null and placed.content_class in ('checkpoint', 'artefact')
            then 'unreferenced'
        when placed.run_id is null then 'other_content'
        when runs.waste_class in ('failed', 'cancelled', 'abandoned', 'duplicate')
            then 'run_of_no_use'
        else 'referenced'
    end as reference_state,
    cast(placed.objects as bigint) as objects,
    {%- for column in ['stored', 'old_version'] %}
    {{ quantity('placed.' ~ column ~ '_bytes / 1000000000') }} as {{ column }}_gigabytes,
    {%- endfor %}
    {{ quantity('placed.bytes_over_90_days / 1000000000') }} as gigabytes_over_90_days,
    placed.last_modified_at,
    {%- for cost in ['billed_cost', 'effective_cost'] %}
    {{ money(shared_out(
        'placed.' ~ cost, 'coalesce(placed.share_ratio, 0)', 'placed.place',
        'placed.source_name, placed.billing_period, placed.billing_currency, placed.bucket', 'money'
    )) }} as {{ cost }}{{ ',' if not loop.last }}
    {%- endfor %}
from placed
left join (
    select distinct
        source_name, run_id, experiment_name, model_name, team, run_state, waste_class
    from {{ ref('training_runs') }}
) as runs
    on placed.run_source_name = runs.source_name and placed.run_id = runs.run_id
