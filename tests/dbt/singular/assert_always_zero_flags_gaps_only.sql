-- Fails where the generic test always_zero flags anything but the planted gaps: a cent too much,
-- the 16th decimal too little, and a missing figure; 0 and 0.0000 pass.
with flagged as (

    {{ test_always_zero(
        "(values ('over', 0.01), ('under', -0.0000000000000001), ('unknown', null), ('zero', 0), "
        ~ "('decimal zero', 0.0000)) as planted (label, gap)",
        'gap',
        ['label']
    ) }}

),

expected as (

    select * from (values ('over'), ('under'), ('unknown')) as planted (label)

)

select 'not flagged' as problem, missed.label
from (select label from expected except select label from flagged) as missed
union all
select 'flagged wrongly' as problem, surplus.label
from (select label from flagged except select label from expected) as surplus
