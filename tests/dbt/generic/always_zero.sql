{% test always_zero(model, column_name, key) %}
-- Fails with each row whose figure is not exactly 0, or is missing: an unknown gap is not no gap.
select
    {{ key | join(',\n    ') }},
    '{{ column_name }}' as figure,
    0 as expected,
    {{ column_name }} as actual
from {{ model }}
where {{ column_name }} is null or {{ column_name }} <> 0
{% endtest %}
