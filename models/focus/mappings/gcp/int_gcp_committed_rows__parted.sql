-- One row per part of a Google Cloud billing row that pays a commitment's fee or is priced by one:
-- purchase, idle part, and usage that the fee pays for.
with fees as (

    select * from {{ ref('int_gcp_fees__balanced') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

modelled as (

    select * from {{ ref('int_gcp_usage__modelled') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

purchases as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        'charge' as source_part,
        commitment_id,
        commitment_category,
        cast(null as string) as commitment_status,
        commitment_unit,
        billed_cost,
        0 as effective_cost,
        cast(null as decimal(13, 12)) as share_from,
        cast(null as decimal(13, 12)) as share_to,
        cast(null as decimal(38, 12)) as unused_quantity,
        cast(null as string) as part_description,
        case when is_pooled then 'commitments_pooled' end as part_change
    from fees

),

idle as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        'unused_commitment' as source_part,
        commitment_id,
        commitment_category,
        'Unused' as commitment_status,
        commitment_unit,
        0 as billed_cost,
        unused_cost as effective_cost,
        cast(null as decimal(13, 12)) as share_from,
        cast(null as decimal(13, 12)) as share_to,
        unused_quantity,
        cast(null as string) as part_description,
        case when is_pooled then 'commitments_pooled' end as part_change
    from fees
    where unused_cost <> 0

),

-- Without its fee in the bill such usage stays as it is billed.
used as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        'charge' as source_part,
        commitment_id,
        case when has_fee then 'Spend' end as commitment_category,
        case when has_fee then 'Used' end as commitment_status,
        currency_code as commitment_unit,
        case when has_fee then 0 else modelled_cost end as billed_cost,
        modelled_cost as effective_cost,
        cast(null as decimal(13, 12)) as share_from,
        cast(null as decimal(13, 12)) as share_to,
        cast(null as decimal(38, 12)) as unused_quantity,
        cast(null as string) as part_description,
        case when not has_fee then 'commitment_fee_missing' end as part_change
    from modelled

)

select * from purchases
union all
select * from idle
union all
select * from used
