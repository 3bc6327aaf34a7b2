-- One row per source, billing period, attribution key and interval of a closed month whose costs
-- were shared, and recipient: by which policy and in which parts they stay shared.
select
    kept_keys.source_name,
    kept_keys.billing_period,
    kept_keys.attribution_key,
    kept_keys.valid_from,
    kept.policy,
    kept.method,
    kept.driver,
    kept.method_id,
    kept.residual_class,
    kept.business_unit,
    kept.cost_centre,
    kept.team,
    kept.project,
    kept.weight,
    kept.ratio
from {{ ref('kept_attributions') }} as kept_keys
inner join {{ source('raw_ops', 'kept_shares') }} as kept
    on
        kept_keys.source_name = kept.source_name
        and kept_keys.billing_period = kept.billing_period
        and kept_keys.key_digest = kept.key_digest
        and kept_keys.valid_from = kept.valid_from
