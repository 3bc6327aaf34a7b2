-- One row per billing period, currency and pair of rules of one rule set that hold for the same
-- charges and tell different things: which of them counts, and the money that depends on it.
with matches as (

    select * from {{ ref('rule_matches') }}
    where rule_set in ('parent', 'virtual_tag', 'default_owner')

),

pairs as (

    select
        first_rule.source_name,
        first_rule.billing_period,
        first_rule.attribution_key,
        first_rule.rule_set,
        first_rule.assigned_key,
        first_rule.rule as counting_rule,
        other_rule.rule as other_rule,
        first_rule.assigned_value as counting_value,
        other_rule.assigned_value as other_value
    from matches as first_rule
    inner join matches as other_rule
        on
            first_rule.source_name = other_rule.source_name
            and first_rule.billing_period = other_rule.billing_period
            and first_rule.attribution_key = other_rule.attribution_key
            and first_rule.rule_set = other_rule.rule_set
            and first_rule.assigned_key = other_rule.assigned_key
            and first_rule.assigned_value <> other_rule.assigned_value
            and first_rule.valid_from < other_rule.valid_to
            and other_rule.valid_from < first_rule.valid_to
            and (
                first_rule.position < other_rule.position
                or (
                    first_rule.position = other_rule.position
                    and first_rule.rule < other_rule.rule
                )
            )

)

select
    pairs.billing_period,
    keys.billing_currency,
    pairs.rule_set,
    pairs.assigned_key,
    pairs.counting_rule,
    pairs.other_rule,
    pairs.counting_value,
    pairs.other_value,
    cast(count(*) as bigint) as attribution_keys,
    cast(sum(keys.charge_rows) as bigint) as charge_rows,
    {{ money('sum(keys.effective_cost)') }} as effective_cost
from pairs
inner join {{ ref('attribution_keys') }} as keys
    on
        pairs.source_name = keys.source_name
        and pairs.billing_period = keys.billing_period
        and pairs.attribution_key = keys.attribution_key
group by
    pairs.billing_period,
    keys.billing_currency,
    pairs.rule_set,
    pairs.assigned_key,
    pairs.counting_rule,
    pairs.other_rule,
    pairs.counting_value,
    pairs.other_value
