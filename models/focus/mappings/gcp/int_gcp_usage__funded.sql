-- One row per billing row and commitment that pays for it, with the part of the fee that it takes
-- and the part of the row that it covers.
{% set row_key = 'source_name, billing_period, source_file, source_row' %}
{% set commitment -%}
    source_name, billing_period, billing_account_id, currency_code, commitment_id
{%- endset %}

with covered as (

    select * from {{ ref('int_gcp_usage__covered') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

commitments as (

    select
        {{ commitment }},
        commitment_unit,
        is_capacity_unknown,
        used_ratio,
        fee_cost + offset_amount as spreadable_cost
    from {{ ref('int_gcp_commitments__measured') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}

),

-- The used part of a fee is cut at cumulative shares of what the credits took back: each bound is
-- rounded once and used twice, so the parts add up to it exactly.
bounded as (

    select
        *,
        cast(coalesce({{ ratio(
            'sum(credit_amount) over up_to_here', 'sum(credit_amount) over same_commitment'
        ) }}, 1) as decimal(13, 12)) as fee_share_to,
        cast(least(sum(covered_share) over of_row, 1) as decimal(13, 12)) as share_to,
        row_number() over of_row as cover_number,
        count(*) over (partition by {{ row_key }}) as covers
    from covered
    window
        same_commitment as (partition by {{ commitment }}),
        up_to_here as (
            partition by {{ commitment }}
            order by source_file, source_row
            rows between unbounded preceding and current row
        ),
        of_row as (
            partition by {{ row_key }}
            order by commitment_id
            rows between unbounded preceding and current row
        )

),

funded as (

    select
        bounded.*,
        commitments.commitment_unit,
        coalesce(commitments.is_capacity_unknown, false) as is_capacity_unknown,
        coalesce({{ money(
            'cast(commitments.spreadable_cost as decimal(24, 16)) * commitments.used_ratio'
        ) }}, 0) as used_fee_cost,
        lag(bounded.share_to, 1, cast(0 as decimal(13, 12))) over (
            partition by
                bounded.source_name, bounded.billing_period, bounded.source_file,
                bounded.source_row
            order by bounded.commitment_id
        ) as share_from,
        lag(bounded.fee_share_to, 1, cast(0 as decimal(13, 12))) over (
            partition by
                bounded.source_name, bounded.billing_period, bounded.billing_account_id,
                bounded.currency_code, bounded.commitment_id
            order by bounded.source_file, bounded.source_row
        ) as fee_share_from
    from bounded
    left join commitments using ({{ commitment }})

)

select
    *,
    {{ money('cast(used_fee_cost as decimal(24, 16)) * fee_share_to') }}
    - {{ money('cast(used_fee_cost as decimal(24, 16)) * fee_share_from') }} as used_cost
from funded
