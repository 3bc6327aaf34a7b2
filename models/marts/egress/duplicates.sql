-- One row per billing period and stored thing that is kept in several places: which copy group it
-- is in and why, whether it is the kept one or a copy, and what the copies cost.
{% set thing = [
    'billing_period', 'source_name', 'sub_account_id', 'region_id', 'resource_id',
    'billing_currency'
] %}
{% set described = [
    'provider', 'thing_name', 'copy_name', 'content_class', 'data_set', 'model', 'team', 'project'
] %}
-- Names that say no more than what they hold are shared by chance.
{% set generic = [
    'checkpoint', 'checkpoints', 'dataset', 'datasets', 'data-set', 'artifacts', 'artefacts',
    'models', 'images', 'features', 'corpora'
] %}
{% set evidence = [
    ('data set tag', "concat('data_set:', data_set)", 'data_set is not null'),
    (
        'same name', "concat('name:', copy_name)",
        "length(copy_name) > 3 and copy_name not in ('" ~ generic | join("', '") ~ "')",
    ),
    (
        'same model tag', "concat('model:', model, ' ', content_class)",
        "model is not null and content_class in ('checkpoint', 'artefact')",
    ),
] %}
with things as (

    select
        {{ thing | join(', ') }},
        {%- for column in described %}
        min({{ column }}) as {{ column }},
        {%- endfor %}
        sum(gigabyte_months) as gigabyte_months,
        sum(effective_cost) as storage_cost,
        min(first_seen_on) as first_seen_on
    from {{ ref('storage_by_class') }}
    where
        content_class <> 'unknown'
        and storage_kind in ('object', 'file', 'snapshot')
        and resource_id is not null
    group by {{ thing | join(', ') }}

),

candidates as (
    {% for name, copy_group, holds in evidence %}
    select
        *,
        {{ loop.index }} as strength,
        '{{ name }}' as evidence,
        {{ copy_group }} as copy_group
    from things
    where {{ holds }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

spread as (

    select billing_period, copy_group
    from candidates
    group by billing_period, copy_group
    having count(distinct concat(provider, '|', coalesce(region_id, ''))) > 1

),

-- A thing is in one group only: that of the best evidence.
grouped as (

    select candidates.*
    from candidates
    inner join spread
        on
            candidates.billing_period = spread.billing_period
            and candidates.copy_group = spread.copy_group
    qualify
        row_number() over (
            partition by candidates.{{ thing | join(', candidates.') }}
            order by candidates.strength
        ) = 1

),

-- Which may leave another group in one place.
ranked as (

    select
        *,
        row_number() over (
            partition by billing_period, copy_group
            order by gigabyte_months desc, first_seen_on, source_name, resource_id
        ) as place
    from grouped
    qualify
        min(concat(provider, '|', coalesce(region_id, '')))
            over (partition by billing_period, copy_group)
        <> max(concat(provider, '|', coalesce(region_id, '')))
            over (partition by billing_period, copy_group)

),

-- What a member sends to the region of another one keeps the copies alike; on the sender's bill.
replication as (

    select
        {% for column in thing %}senders.{{ column }}, {% endfor %}
        sum(paths.gigabytes) as gigabytes,
        sum(paths.effective_cost) as effective_cost
    from ranked as senders
    inner join (select distinct billing_period, copy_group, provider, region_id from ranked)
        as receivers
        on
            senders.billing_period = receivers.billing_period
            and senders.copy_group = receivers.copy_group
    inner join {{ ref('paths_daily') }} as paths
        on
            senders.source_name = paths.source_name
            and senders.billing_period = paths.billing_period
            and senders.sub_account_id is not distinct from paths.sub_account_id
            and senders.region_id = paths.from_region_id
            and senders.resource_id = paths.resource_id
            and senders.billing_currency = paths.billing_currency
            and receivers.provider = paths.to_provider
            and receivers.region_id = paths.to_region_id
            and paths.transfer_class = 'inter_region'
            and paths.direction = 'out'
    group by senders.{{ thing | join(', senders.') }}

)

select
    {% for column in thing %}ranked.{{ column }}, {% endfor %}
    ranked.copy_group,
    ranked.evidence,
    case when ranked.place = 1 then 'kept' else 'copy' end as copy_role,
    {% for column in described %}ranked.{{ column }}, {% endfor %}
    {{ quantity('ranked.gigabyte_months') }} as gigabyte_months,
    {{ money('ranked.storage_cost') }} as storage_cost,
    {{ quantity('coalesce(replication.gigabytes, 0)') }} as replication_gigabytes,
    {{ money('coalesce(replication.effective_cost, 0)') }} as replication_cost,
    {{ money('case when ranked.place = 1 then 0 else ranked.storage_cost end '
        ~ '+ coalesce(replication.effective_cost, 0)') }} as cost_of_copies
from ranked
left join replication
    on
        {%- for column in thing %}
        {{ 'and ' if not loop.first -}}
        ranked.{{ column }} is not distinct from replication.{{ column }}
        {%- endfor %}
