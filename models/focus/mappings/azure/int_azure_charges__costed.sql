-- One row per FOCUS charge of an Azure bill: rows times the parts that their kind gives, with what
-- each bills and really costs. `azure_charge_rules` says which parts.
with charges as (

    select * from {{ ref('int_azure_charges__classified') }}

),

rules as (

    select
        charge_kind,
        source_part,
        charge_category,
        charge_frequency as usual_frequency,
        -- A unit test reads the seed's file itself, in which a blank is an empty text.
        nullif(pricing_category, '') as pricing_category,
        price_rule,
        nullif(commitment_status, '') as commitment_status
    from {{ ref('azure_charge_rules') }}
    where source_part <> 'dropped'

),

differences as (

    select * from {{ ref('int_azure_bills__compared') }}

),

parts as (

    select
        charges.*,
        rules.source_part,
        rules.charge_category,
        rules.usual_frequency,
        rules.pricing_category,
        rules.price_rule,
        rules.commitment_status,
        differences.difference_cost
    from charges
    left join differences
        on
            charges.source_name = differences.source_name
            and charges.billing_period = differences.billing_period
            and charges.source_file = differences.source_file
            and charges.source_row = differences.source_row
    inner join rules
        on
            charges.charge_kind = rules.charge_kind
            and (
                rules.source_part <> 'amortized_difference'
                or differences.difference_cost is not null
            )

)

select
    *,
    case when source_part = 'charge' then row_billed_cost else {{ money('0') }} end as billed_cost,
    case
        when source_part = 'amortized_difference' then difference_cost else row_effective_cost
    end as effective_cost,
    -- A purchase is made once or recurs, whatever else the row says.
    case
        when source_part = 'amortized_difference' then usual_frequency
        when charge_category = 'Usage' then 'Usage-Based'
        when lower(frequency) = 'recurring' then 'Recurring'
        else usual_frequency
    end as charge_frequency,
    -- Money back for a day of an earlier month corrects an invoice that was closed.
    case
        when
            native_charge_type = 'Refund'
            and charge_date < cast(concat(billing_period, '-01') as timestamp)
            then 'Correction'
    end as charge_class
from parts
