{# Exception to the folder: a narrow table, see int_aws_tags__normalised. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}

-- One row per commitment of Google Cloud in a source and billing period: its fee, what the bill
-- leaves of it to be spread, and the share of it that usage took.
{% set commitment -%}
    source_name, billing_period, billing_account_id, currency_code, commitment_id
{%- endset %}

with fees as (

    select
        {{ commitment }},
        max(commitment_category) as commitment_category,
        min(commitment_unit) as commitment_unit,
        min(commitment_unit) <> max(commitment_unit) as has_several_units,
        sum(fee_cost) as fee_cost,
        sum(offset_amount) as offset_amount,
        sum(capacity) as capacity
    from {{ ref('int_gcp_fees__collected') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}
    group by {{ commitment }}

),

covered as (

    select
        {{ commitment }},
        min(pricing_unit) as covered_unit,
        min(pricing_unit) <> max(pricing_unit) as has_several_units,
        -sum(credit_amount) as covered_value,
        sum(covered_quantity) as covered_quantity
    from {{ ref('int_gcp_usage__covered') }}
    where {{ rebuild_predicate('source_name', 'billing_period') }}
    group by {{ commitment }}

),

-- Usage that a consumption model prices says itself what it takes of the fee.
modelled as (

    select
        {{ commitment }},
        sum(modelled_cost) as modelled_cost
    from {{ ref('int_gcp_usage__modelled') }}
    where has_fee and {{ rebuild_predicate('source_name', 'billing_period') }}
    group by {{ commitment }}

),

-- What a commitment could cover: its units where usage is counted in them, or list money. A spend
-- commitment costs 25 to 100 % of the list money it covers; what lies outside is another figure.
measured as (

    select
        fees.*,
        coalesce(covered.covered_value, 0) as covered_value,
        coalesce(modelled.modelled_cost, 0) as modelled_cost,
        case
            when fees.commitment_category = 'Usage'
                then case
                    when
                        not fees.has_several_units
                        and not covered.has_several_units
                        and fees.commitment_unit = covered.covered_unit
                        then {{ ratio('covered.covered_quantity', 'fees.capacity') }}
                end
            when fees.capacity between fees.fee_cost and 4 * fees.fee_cost
                then {{ ratio('covered.covered_value', 'fees.capacity') }}
        end as used_ratio
    from fees
    left join covered using ({{ commitment }})
    left join modelled using ({{ commitment }})

)

select
    {{ commitment }},
    commitment_category,
    commitment_unit,
    {{ money('fee_cost') }} as fee_cost,
    {{ money('offset_amount') }} as offset_amount,
    {{ money('modelled_cost') }} as modelled_cost,
    {{ money('covered_value') }} as covered_value,
    used_ratio is null and covered_value <> 0 as is_capacity_unknown,
    -- Where the capacity is not known the whole fee goes to what it covered.
    cast(case
        when covered_value = 0 then 0
        when used_ratio is null then 1
        else greatest(least(used_ratio, 1), 0)
    end as decimal(13, 12)) as used_ratio
from measured
