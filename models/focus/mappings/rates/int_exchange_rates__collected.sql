-- One row per currency, reporting currency, first day and statement of an exchange rate: landed
-- lists and the policy seed count alike.
select
    currency,
    reporting_currency,
    valid_from,
    rate,
    source
from {{ ref('exchange_rates') }}
union all
select
    currency,
    reporting_currency,
    valid_from,
    cast(rate as string) as rate,
    coalesce(rate_source, concat(source_name, ' of exports.yml')) as source
from {{ ref('stg_rates__exchange_rates') }}
