-- One row per source, billing period, attribution key, interval, part, team and project: what a
-- charge's costs come to for whom once shared costs are shared. Adds up to the bill.
{% set costs = ['billed_cost', 'effective_cost', 'list_cost', 'contracted_cost'] %}

with charged as (

    select * from {{ ref('attributed_costs') }}

),

shares as (

    select * from {{ ref('shared_shares') }}

),

joined as (

    select
        charged.source_name,
        charged.billing_period,
        charged.attribution_key,
        charged.valid_from,
        case
            when shares.policy is null then 'direct'
            when shares.residual_class is not null then 'residual'
            else 'shared'
        end as part,
        shares.policy,
        shares.method,
        shares.driver,
        shares.method_id,
        shares.residual_class,
        shares.weight,
        cast(coalesce(shares.ratio, 1) as decimal(13, 12)) as ratio,
        -- What could not be shared stays whose it was.
        shares.policy is not null and shares.residual_class is null as is_shared,
        shares.business_unit as shared_business_unit,
        shares.cost_centre as shared_cost_centre,
        shares.team as shared_team,
        shares.project as shared_project,
        charged.business_unit,
        charged.cost_centre,
        charged.team,
        charged.project,
        charged.owner_class,
        charged.billing_currency,
        charged.billing_account_id,
        charged.sub_account_id,
        charged.service_category,
        charged.service_name,
        charged.charge_category,
        charged.commitment_discount_status,
        {%- for cost in costs %}
        charged.{{ cost }} as pool_{{ cost }},
        {{ share_of('charged.' ~ cost, 'coalesce(shares.ratio, cast(1 as decimal(13, 12)))') }}
            as {{ cost }},
        {%- endfor %}
        row_number() over (
            partition by
                charged.source_name, charged.billing_period, charged.attribution_key,
                charged.valid_from
            order by shares.ratio desc, shares.team asc, shares.project asc nulls first
        ) as share_rank
    from charged
    left join shares
        on
            charged.source_name = shares.source_name
            and charged.billing_period = shares.billing_period
            and charged.attribution_key = shares.attribution_key
            and charged.valid_from = shares.valid_from

),

-- What rounding leaves of a cost is the largest share's.
balanced as (

    select
        *,
        {%- for cost in costs %}
        {{ money(
            cost ~ ' + case when share_rank = 1 then pool_' ~ cost ~ ' - sum(' ~ cost ~ ') over ('
            ~ 'partition by source_name, billing_period, attribution_key, valid_from,'
            ~ ' billing_currency) else 0 end'
        ) }} as balanced_{{ cost }},
        {%- endfor %}
        case when is_shared then shared_team else team end as bearing_team
    from joined

)

select
    source_name,
    billing_period,
    attribution_key,
    valid_from,
    part,
    case when is_shared then shared_business_unit else business_unit end as business_unit,
    case when is_shared then shared_cost_centre else cost_centre end as cost_centre,
    bearing_team as team,
    case when is_shared then shared_project else project end as project,
    case
        when bearing_team is null then 'unattributed'
        when charge_category = 'Tax' then 'tax'
        when charge_category = 'Credit' then 'credit'
        when commitment_discount_status = 'Unused' then 'unused_commitment'
        when is_shared then 'shared'
        else 'direct'
    end as line_type,
    owner_class,
    residual_class,
    policy,
    method,
    driver,
    method_id,
    weight,
    ratio,
    billing_currency,
    billing_account_id,
    sub_account_id,
    service_category,
    service_name,
    charge_category,
    {%- for cost in costs %}
    balanced_{{ cost }} as {{ cost }}{{ ',' if not loop.last }}
    {%- endfor %}
from balanced
