-- One row per part of a Google Cloud billing row that carries credits: what is left of it, what
-- commitments cover of it, and what promotions give back.
with netted as (

    select * from {{ ref('int_gcp_credits__netted') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

covers as (

    select * from {{ ref('int_gcp_usage__funded') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

charges as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        'charge' as source_part,
        cast(null as string) as commitment_id,
        cast(null as string) as commitment_category,
        cast(null as string) as commitment_status,
        cast(null as string) as commitment_unit,
        net_cost as billed_cost,
        net_cost as effective_cost,
        covered_share as share_from,
        case when covered_share is not null then cast(1 as decimal(13, 12)) end as share_to,
        cast(null as decimal(38, 12)) as unused_quantity,
        cast(null as string) as part_description,
        case when has_unknown_credit then 'unknown_credit_type' end as part_change
    from netted
    where not is_covered_whole and charge_kind not in ('commitment_fee', 'usage_committed')

),

-- What commitments cover: the row itself where that is all of it.
covered as (

    select
        covers.source_name,
        covers.billing_period,
        covers.source_file,
        covers.source_row,
        case
            when netted.is_covered_whole then 'charge'
            when covers.cover_number = 1 then 'covered'
            else concat('covered_', cast(covers.cover_number as string))
        end as source_part,
        covers.commitment_id as commitment_id,
        covers.commitment_category as commitment_category,
        'Used' as commitment_status,
        coalesce(covers.commitment_unit, covers.pricing_unit) as commitment_unit,
        0 as billed_cost,
        covers.used_cost as effective_cost,
        case when not netted.is_covered_whole then covers.share_from end as share_from,
        case when not netted.is_covered_whole then covers.share_to end as share_to,
        cast(null as decimal(38, 12)) as unused_quantity,
        cast(null as string) as part_description,
        case
            when not covers.has_fee then 'commitment_fee_missing'
            when covers.is_capacity_unknown then 'commitment_capacity_unknown'
        end as part_change
    from covers
    inner join netted
        on
            covers.source_name = netted.source_name
            and covers.billing_period = netted.billing_period
            and covers.source_file = netted.source_file
            and covers.source_row = netted.source_row

),

remainders as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        'rounding' as source_part,
        cast(null as string) as commitment_id,
        cast(null as string) as commitment_category,
        cast(null as string) as commitment_status,
        cast(null as string) as commitment_unit,
        net_cost as billed_cost,
        net_cost as effective_cost,
        cast(null as decimal(13, 12)) as share_from,
        cast(null as decimal(13, 12)) as share_to,
        cast(null as decimal(38, 12)) as unused_quantity,
        'Remainder of covered usage and its credits' as part_description,
        cast(null as string) as part_change
    from netted
    where is_covered_whole and net_cost <> 0

),

promotions as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        'credit' as source_part,
        cast(null as string) as commitment_id,
        cast(null as string) as commitment_category,
        cast(null as string) as commitment_status,
        cast(null as string) as commitment_unit,
        promotion_amount as billed_cost,
        promotion_amount as effective_cost,
        cast(null as decimal(13, 12)) as share_from,
        cast(null as decimal(13, 12)) as share_to,
        cast(null as decimal(38, 12)) as unused_quantity,
        promotion_names as part_description,
        case when has_unknown_credit then 'unknown_credit_type' end as part_change
    from netted
    where promotion_amount <> 0

)

select * from charges
union all
select * from covered
union all
select * from remainders
union all
select * from promotions
