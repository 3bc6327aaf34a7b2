-- One row per source, billing period, attribution key, interval and governed key that something is
-- said about: the statement that counts. First who says it, then what is said outright before what
-- follows from it, then the order of the rules.
with intervals as (

    select * from {{ ref('attribution_intervals') }}

),

candidates as (

    select * from {{ ref('derived_candidates') }}

)

select
    intervals.source_name,
    intervals.billing_period,
    intervals.attribution_key,
    intervals.valid_from,
    candidates.governed_key,
    candidates.value,
    candidates.problem,
    candidates.decided_by,
    candidates.derivation,
    candidates.evidence
from intervals
inner join candidates
    on
        intervals.source_name = candidates.source_name
        and intervals.billing_period = candidates.billing_period
        and intervals.attribution_key = candidates.attribution_key
        and intervals.holds_at >= candidates.valid_from
        and intervals.holds_at < candidates.valid_to
qualify
    row_number() over (
        partition by
            intervals.source_name,
            intervals.billing_period,
            intervals.attribution_key,
            intervals.valid_from,
            candidates.governed_key
        order by
            candidates.decided_rank,
            candidates.derivation,
            candidates.position,
            candidates.evidence
    ) = 1
