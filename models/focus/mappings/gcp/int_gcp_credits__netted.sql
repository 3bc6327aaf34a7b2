-- One row per billing row with credits: what is left of its cost when discounts and commitments are
-- taken off, and what promotions and free tiers give back.
{% set row_key = 'source_name, billing_period, source_file, source_row' %}

with credits as (

    select
        {{ row_key }},
        max(charge_kind) as charge_kind,
        max(gross_cost) as gross_cost,
        sum(case when treatment <> 'credit' then credit_amount else 0 end) as discount_amount,
        sum(case when treatment = 'credit' then credit_amount else 0 end) as promotion_amount,
        bool_or(is_unknown_type) as has_unknown_credit,
        {{ ordered_list_text(
            "case when treatment = 'credit' then coalesce(credit_name, credit_type) end", ', ',
            'credit_number'
        ) }} as promotion_names
    from {{ ref('int_gcp_credits__listed') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}
    group by {{ row_key }}

),

covered_rows as (

    select
        {{ row_key }},
        max(covers) as covers,
        max(share_to) as share_to
    from {{ ref('int_gcp_usage__funded') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}
    group by {{ row_key }}

)

-- Credits that leave less than a millionth of the cost over cover the row whole.
select
    credits.*,
    credits.gross_cost + credits.discount_amount as net_cost,
    covered_rows.share_to as covered_share,
    coalesce(
        covered_rows.covers = 1
        and abs(credits.gross_cost + credits.discount_amount)
        <= 0.000001 * abs(credits.gross_cost),
        false
    ) as is_covered_whole
from credits
left join covered_rows using ({{ row_key }})
