-- One row per day, exit on one provider's bill and entry on another's that moved about as much: how
-- well they agree. An exit or entry is matched at most once; the rest are candidates.
{% set parameters = [
    'minimum_gigabytes', 'quantity_tolerance', 'weight_of_quantity', 'weight_of_project',
    'weight_of_repetition', 'days_of_repetition', 'score_to_list', 'score_to_match'
] %}
{% set what_moves = [
    'source_name', 'provider', 'sub_account_id', 'region_id', 'resource_id', 'team', 'project',
    'billing_currency'
] %}
with policy as (

    select
        {%- for parameter in parameters %}
        max(case when parameter = '{{ parameter }}' then value end)
            as {{ parameter }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('cross_cloud_policy') }}

),

located as (

    select
        *,
        case direction when 'out' then from_region_id else to_region_id end as region_id
    from {{ ref('paths_daily') }}
    where
        direction in ('out', 'in')
        and transfer_class in ('internet_out', 'internet_in', 'cross_cloud', 'interconnect')

),

moved as (

    select
        {{ what_moves | join(', ') }},
        direction,
        charge_date,
        sum(gigabytes + free_gigabytes) as gigabytes,
        sum(effective_cost) as effective_cost
    from located
    group by {{ what_moves | join(', ') }}, direction, charge_date

),

large as (

    select
        moved.*,
        count(*) over (partition by {{ what_moves | join(', ') }}, direction) as days
    from moved
    cross join policy
    where moved.gigabytes >= policy.minimum_gigabytes

),

alike as (

    select
        exits.charge_date,
        {%- for end, rows in [('exit', 'exits'), ('entry', 'entries')] %}
        {%- for column in what_moves + ['gigabytes', 'effective_cost', 'days'] %}
        {{ rows }}.{{ column }} as {{ end }}_{{ column }},
        {%- endfor %}
        {%- endfor %}
        policy.*,
        coalesce(exits.project = entries.project, false) as is_same_project,
        {{ ratio(
            'abs(exits.gigabytes - entries.gigabytes)',
            'greatest(exits.gigabytes, entries.gigabytes)'
        ) }} as difference
    from large as exits
    inner join large as entries
        on exits.charge_date = entries.charge_date and exits.provider <> entries.provider
    cross join policy
    where
        exits.direction = 'out'
        and entries.direction = 'in'
        and abs(exits.gigabytes - entries.gigabytes)
        <= policy.quantity_tolerance * greatest(exits.gigabytes, entries.gigabytes)

),

repeated as (

    select
        *,
        least(exit_days, entry_days) as days_together,
        count(*) over (
            partition by
                {% for column in what_moves -%}
                exit_{{ column }}, entry_{{ column }}{{ ', ' if not loop.last }}
                {%- endfor %}
        ) as days_alike
    from alike

),

scored as (

    select
        *,
        cast(round(
            weight_of_quantity * (1 - difference / quantity_tolerance)
            + case when is_same_project then weight_of_project else 0 end
            + weight_of_repetition * days_alike / greatest(days_together, days_of_repetition),
            6
        ) as decimal(18, 6)) as score
    from repeated

),

ranked as (

    select
        *,
        {%- for end, other in [('exit', 'entry'), ('entry', 'exit')] %}
        row_number() over (
            partition by charge_date, {{ end }}_{{ what_moves | join(', ' ~ end ~ '_') }}
            order by score desc, {{ other }}_{{ what_moves | join(', ' ~ other ~ '_') }}
        ) as {{ end }}_rank,
        {%- endfor %}
        score >= score_to_match as is_convincing
    from scored
    where score >= score_to_list

)

select
    charge_date,
    {%- for end in ['exit', 'entry'] %}
    {%- for column in what_moves %}
    {{ end }}_{{ column }},
    {%- endfor %}
    {{ quantity(end ~ '_gigabytes') }} as {{ end }}_gigabytes,
    {%- endfor %}
    case when is_convincing and exit_rank = 1 and entry_rank = 1
        then 'matched' else 'candidate' end as pair_status,
    score,
    concat(
        'quantities within ', cast(cast(difference * 100 as decimal(9, 1)) as string), ' %, ',
        case when is_same_project then 'same project, ' else '' end,
        'alike on ', cast(days_alike as string), ' of ', cast(days_together as string), ' days'
    ) as evidence,
    {%- for end in ['exit', 'entry'] %}
    {{ money('case when is_convincing and exit_rank = 1 and entry_rank = 1 '
        ~ 'then ' ~ end ~ '_effective_cost else 0 end') }}
        as matched_{{ end }}_cost{{ ',' if not loop.last }}
    {%- endfor %}
from ranked
