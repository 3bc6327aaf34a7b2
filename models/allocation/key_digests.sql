{{ config(materialized='view') }}

-- One row per source, billing period and attribution key: the digest by which a closed month knows
-- the key again. A view, because only closed months ask for it.
select
    keys.source_name,
    keys.billing_period,
    keys.attribution_key,
    {{ key_digest('keys') }} as key_digest
from {{ ref('attribution_keys') }} as keys
