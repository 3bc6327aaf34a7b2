-- One row per billing period, currency, provider, governed key, who says it, problem and spelling:
-- tags that contradict each other or name nothing that policy knows, and the money that hangs on
-- them. A row that does not count is one that somebody else overrules.
with costs as (

    select
        keys.source_name,
        keys.billing_period,
        keys.attribution_key,
        keys.valid_from,
        sum(daily.effective_cost) as effective_cost
    from {{ ref('coverage_keys') }} as keys
    inner join {{ ref('daily_costs') }} as daily
        on
            keys.source_name = daily.source_name
            and keys.billing_period = daily.billing_period
            and keys.attribution_key = daily.attribution_key
            and cast(daily.charge_date as timestamp) >= keys.valid_from
            and cast(daily.charge_date as timestamp) < keys.valid_to
    group by
        keys.source_name, keys.billing_period, keys.attribution_key, keys.valid_from,
        keys.billing_currency

),

stated as (

    select
        keys.billing_period,
        keys.billing_currency,
        keys.provider,
        candidates.governed_key,
        candidates.decided_by,
        candidates.problem,
        candidates.evidence as stated_tags,
        keys.resource_id,
        costs.effective_cost,
        -- Of a bill and an inventory that say the same nonsense, one decides.
        states.tag_state in ('conflict', 'unknown_value') and row_number() over (
            partition by
                keys.source_name, keys.billing_period, keys.attribution_key, keys.valid_from,
                candidates.governed_key
            order by candidates.decided_rank, candidates.position, candidates.evidence
        ) = 1 as counts
    from {{ ref('owner_candidates') }} as candidates
    inner join {{ ref('coverage_keys') }} as keys
        on
            candidates.source_name = keys.source_name
            and candidates.billing_period = keys.billing_period
            and candidates.attribution_key = keys.attribution_key
            and candidates.valid_from < keys.valid_to
            and candidates.valid_to > keys.valid_from
    inner join costs
        on
            keys.source_name = costs.source_name
            and keys.billing_period = costs.billing_period
            and keys.attribution_key = costs.attribution_key
            and keys.valid_from = costs.valid_from
    inner join {{ ref('tag_states') }} as states
        on
            keys.source_name = states.source_name
            and keys.billing_period = states.billing_period
            and keys.attribution_key = states.attribution_key
            and keys.valid_from = states.valid_from
            and candidates.governed_key = states.governed_key
    where candidates.problem is not null

),

-- The agreed value that is spelled most alike, where one tag is not understood.
spellings as (

    select distinct
        governed_key,
        stated_tags,
        {{ tag_form("split_part(stated_tags, '=', 2)") }} as value_form
    from stated
    where problem = 'unknown_value'

),

alike as (

    select
        spellings.governed_key,
        spellings.stated_tags,
        -- Fewest changes first, then by the alphabet: distances have one digit here.
        substr(min(concat(
            cast(levenshtein(spellings.value_form, vocabulary.value_form) as string),
            vocabulary.value
        )), 2) as nearest_value
    from spellings
    inner join {{ ref('tag_vocabulary') }} as vocabulary
        on
            spellings.governed_key = vocabulary.governed_key
            and levenshtein(spellings.value_form, vocabulary.value_form) <= 3
    group by spellings.governed_key, spellings.stated_tags

)

select
    stated.billing_period,
    stated.billing_currency,
    stated.provider,
    stated.governed_key,
    stated.decided_by,
    stated.problem,
    stated.stated_tags,
    stated.counts,
    max(alike.nearest_value) as nearest_value,
    count(distinct stated.resource_id) as resources,
    min(stated.resource_id) as example_resource_id,
    {{ money('sum(stated.effective_cost)') }} as effective_cost
from stated
left join alike
    on stated.governed_key = alike.governed_key and stated.stated_tags = alike.stated_tags
group by
    stated.billing_period,
    stated.billing_currency,
    stated.provider,
    stated.governed_key,
    stated.decided_by,
    stated.problem,
    stated.stated_tags,
    stated.counts
order by effective_cost desc
