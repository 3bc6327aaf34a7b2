-- One row per source, billing period, attribution key and interval in which nothing changes about
-- it. Nearly every key has one; more only where a statement begins or ends between its charges.
with keys as (

    select
        source_name,
        billing_period,
        attribution_key,
        first_charge_at,
        last_charge_end_at
    from {{ ref('attribution_keys') }}

),

changes as (

    select source_name, billing_period, attribution_key, valid_from as changed_at
    from {{ ref('derived_candidates') }}
    union
    select source_name, billing_period, attribution_key, valid_to as changed_at
    from {{ ref('derived_candidates') }}
    union
    -- A team that moves to another business unit.
    select
        candidates.source_name,
        candidates.billing_period,
        candidates.attribution_key,
        {{ open_start('teams.valid_from') }} as changed_at
    from {{ ref('derived_candidates') }} as candidates
    inner join {{ ref('team_hierarchy') }} as teams
        on candidates.governed_key = 'team' and candidates.value = teams.team

),

starts as (

    select
        source_name,
        billing_period,
        attribution_key,
        {{ open_start('null') }} as valid_from,
        first_charge_at as holds_at
    from keys
    union all
    select
        keys.source_name,
        keys.billing_period,
        keys.attribution_key,
        changes.changed_at as valid_from,
        changes.changed_at as holds_at
    from keys
    inner join changes
        on
            keys.source_name = changes.source_name
            and keys.billing_period = changes.billing_period
            and keys.attribution_key = changes.attribution_key
            and changes.changed_at > keys.first_charge_at
            and changes.changed_at < keys.last_charge_end_at

)

select
    source_name,
    billing_period,
    attribution_key,
    valid_from,
    lead(valid_from, 1, {{ open_end('null') }}) over (
        partition by source_name, billing_period, attribution_key order by valid_from
    ) as valid_to,
    -- The moment as of which statements are read: charges before the first are none.
    holds_at
from starts
