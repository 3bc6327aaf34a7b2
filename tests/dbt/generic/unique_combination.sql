{% test unique_combination(model, columns) %}
-- Fails with each combination of the columns that occurs more than once, and how often. A missing
-- value counts as a value: two rows without an account are the same combination.
select
    {{ columns | join(',\n    ') }},
    count(*) as occurrences
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
