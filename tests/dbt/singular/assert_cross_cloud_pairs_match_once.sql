-- Fails with each exit or entry that is matched more than once on a day: its gigabytes and its cost
-- would be counted twice.
with sides as (
    {% for end in ['exit', 'entry'] %}
    select
        '{{ end }}' as side,
        charge_date,
        {{ end }}_source_name as source_name,
        {{ end }}_sub_account_id as sub_account_id,
        {{ end }}_region_id as region_id,
        {{ end }}_resource_id as resource_id,
        {{ end }}_team as team,
        {{ end }}_project as project,
        {{ end }}_billing_currency as billing_currency
    from {{ ref('cross_cloud_pairs') }}
    where pair_status = 'matched'
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    side,
    charge_date,
    source_name,
    resource_id,
    count(*) as times_matched
from sides
group by
    side, charge_date, source_name, sub_account_id, region_id, resource_id, team, project,
    billing_currency
having count(*) > 1
