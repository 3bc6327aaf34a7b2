-- One row per source, billing period, attribution key and interval of a closed month: what was said
-- about the key when the month was closed. Keys that came later are not here.
select
    digests.source_name,
    digests.billing_period,
    digests.attribution_key,
    {%- for column in attribution_outcomes() %}
    kept.{{ column }},
    {%- endfor %}
    digests.key_digest
from {{ ref('key_digests') }} as digests
inner join {{ source('raw_ops', 'closed_periods') }} as closed
    on
        digests.source_name = closed.source_name
        and digests.billing_period = closed.billing_period
inner join {{ source('raw_ops', 'kept_attributions') }} as kept
    on
        digests.source_name = kept.source_name
        and digests.billing_period = kept.billing_period
        and digests.key_digest = kept.key_digest
