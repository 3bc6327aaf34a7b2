-- One row per FOCUS charge: billing rows, those with credits and commitments in their parts, with
-- what each part bills and really costs. `gcp_charge_rules` says what kind of charge a part is.
with billing_rows as (

    select
        *,
        -- NULL on rows that are one charge as they stand: a NULL key costs no probe.
        case when has_parts then source_row end as parted_row
    from {{ ref('int_gcp_billing_rows__classified') }}

),

parts as (

    select * from {{ ref('int_gcp_rows__parted') }}

),

rules as (

    select
        charge_kind,
        source_part as rule_part,
        charge_category,
        charge_frequency,
        -- A unit test reads the seed's file itself, in which a blank is an empty text.
        nullif(pricing_category, '') as rule_pricing_category,
        price_rule
    from {{ ref('gcp_charge_rules') }}

),

charges as (

    select
        billing_rows.*,
        coalesce(parts.source_part, 'charge') as source_part,
        case
            when parts.source_part like 'covered%' then 'covered'
            else coalesce(parts.source_part, 'charge')
        end as rule_part,
        parts.commitment_id,
        parts.commitment_category,
        parts.commitment_status,
        parts.share_from,
        parts.share_to,
        parts.unused_quantity,
        parts.part_description,
        parts.part_change,
        coalesce(parts.part_billed_cost, billing_rows.gross_cost) as billed_cost,
        coalesce(parts.part_effective_cost, billing_rows.gross_cost) as effective_cost
    from billing_rows
    left join parts
        on
            billing_rows.source_name = parts.source_name
            and billing_rows.billing_period = parts.billing_period
            and billing_rows.source_file = parts.source_file
            and billing_rows.parted_row = parts.source_row

)

select
    charges.*,
    rules.charge_category,
    rules.charge_frequency,
    rules.price_rule,
    case
        when charges.commitment_status is not null then 'Committed'
        when rules.rule_pricing_category = 'Committed' then 'Standard'
        else rules.rule_pricing_category
    end as pricing_category,
    case
        when charges.source_part = 'unused_commitment' and charges.commitment_category = 'Spend'
            then {{ quantity('charges.effective_cost') }}
        when charges.source_part = 'unused_commitment' then charges.unused_quantity
        when rules.price_rule <> 'none'
            then {{ gcp_share('charges.pricing_amount', 'quantity') }}
    end as native_quantity
from charges
inner join rules
    on charges.charge_kind = rules.charge_kind and charges.rule_part = rules.rule_part
