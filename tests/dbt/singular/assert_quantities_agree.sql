-- Fails with each source whose mapping states another quantity in consumed units than in pricing
-- units: money laws do not see a quantity that is halved or not brought to its block.
select
    source_name,
    rows_failing,
    rows_checked,
    example
from {{ ref('conformance') }}
where
    rule_id = 'consumed_quantity.agrees_with_pricing_quantity'
    and rows_failing > 0
    and source_name in (select source_name from {{ ref('ledger') }} where source_kind <> 'focus')
