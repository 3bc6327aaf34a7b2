-- Fails where policy names no reporting currency, or several: sums in it would mix them.
select
    1 as expected,
    count(*) as actual
from {{ ref('reporting_currency') }}
having count(*) <> 1
