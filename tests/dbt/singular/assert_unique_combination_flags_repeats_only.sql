-- Fails where the generic test unique_combination flags anything but the planted repeats:
-- (a, 1) three times and (missing, 2) twice; (a, 2), (b, 1) and (missing, 1) stand alone.
with flagged as (

    {{ test_unique_combination(
        "(values ('a', 1), ('a', 1), ('a', 1), ('a', 2), ('b', 1), "
        ~ "(cast(null as string), 2), (null, 2), (null, 1)) as planted (label, figure)",
        ['label', 'figure']
    ) }}

),

expected as (

    select * from (values ('a', 1, 3), (null, 2, 2)) as planted (label, figure, occurrences)

)

select 'not flagged' as problem, missed.*
from (select * from expected except select * from flagged) as missed
union all
select 'flagged wrongly' as problem, surplus.*
from (select * from flagged except select * from expected) as surplus
