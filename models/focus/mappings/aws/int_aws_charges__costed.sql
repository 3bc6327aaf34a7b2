-- One row per FOCUS charge: line items times the rows that their kind gives, shared machines cut
-- up, with what each row bills and really costs. `aws_charge_rules` says which rows and which rule.
with line_items as (

    select
        *,
        -- Keys are NULL on lines that cannot match: a NULL key costs no probe.
        case
            when charge_kind in (
                'sp_negation', 'sp_covered_usage', 'ri_covered_usage', 'discount_in_net', 'split'
            )
                then source_row
        end as exception_row,
        case when {{ aws_is_machine_line() }} then resource_id end as machine_id
    from {{ ref('int_aws_line_items__classified') }}

),

rules as (

    select
        charge_kind,
        source_part,
        charge_category,
        charge_frequency,
        -- A unit test reads the seed's file itself, in which a blank is an empty text.
        nullif(pricing_category, '') as pricing_category,
        billed_rule,
        effective_rule,
        price_rule,
        nullif(commitment_status, '') as commitment_status
    from {{ ref('aws_charge_rules') }}
    where source_part <> 'dropped'

),

shares as (

    select * from {{ ref('int_aws_splits__shared') }}

),

-- Lines that give a row only in this bill: they carry a remainder or have lost their machine.
exceptions as (

    select
        source_name,
        billing_period,
        source_file,
        source_row,
        'rounding' as source_part,
        remainder_cost
    from {{ ref('int_aws_remainders__collected') }}
    union all
    select
        source_name,
        billing_period,
        source_file,
        source_row,
        'split' as source_part,
        {{ money('0') }} as remainder_cost
    from {{ ref('int_aws_splits__orphaned') }}

),

charges as (

    select
        line_items.*,
        rules.source_part as rule_part,
        rules.charge_category,
        rules.charge_frequency,
        rules.pricing_category,
        rules.billed_rule,
        rules.effective_rule,
        rules.price_rule,
        rules.commitment_status,
        exceptions.remainder_cost,
        case when rules.source_part = 'charge' then line_items.machine_id end as shared_machine_id
    from line_items
    left join exceptions
        on
            line_items.source_name = exceptions.source_name
            and line_items.billing_period = exceptions.billing_period
            and line_items.source_file = exceptions.source_file
            and line_items.exception_row = exceptions.source_row
    inner join rules
        on
            line_items.charge_kind = rules.charge_kind
            and (
                rules.source_part in ('charge', 'unused_commitment')
                or rules.source_part = exceptions.source_part
            )

),

costed as (

    select
        *,
        case when rule_part = 'unused_commitment' then {{ aws_unused_cost() }} end as unused_cost,
        case billed_rule
            when 'amount' then charged_cost
            when 'remainder' then remainder_cost
            else 0
        end as line_billed_cost,
        case effective_rule
            when 'billed' then line_billed_cost
            when 'covered' then coalesce(used_cost, charged_cost)
            when 'unused' then unused_cost
            -- A fee that names no commitment pays for no usage that could be found.
            when 'zero'
                then case
                    when commitment_id is null and billed_rule = 'amount' then charged_cost else 0
                end
            else 0
        end as line_effective_cost,
        case
            when rule_part = 'unused_commitment' and charge_kind = 'ri_fee'
                then reservation_unused_quantity
            when rule_part = 'unused_commitment' then {{ quantity('unused_cost') }}
            -- A refund names an amount, and a quantity only where it says of what.
            when price_rule = 'none' and pricing_unit is null then null
            when charge_category in ('Usage', 'Purchase') then usage_amount
        end as line_quantity
    from charges

)

select
    costed.*,
    coalesce(shares.source_part, costed.rule_part) as source_part,
    shares.pod_id,
    shares.tag_set_key as pod_tag_set_key,
    shares.method_details,
    shares.share_from,
    shares.share_to,
    {{ aws_share('line_billed_cost') }} as billed_cost,
    {{ aws_share('line_effective_cost') }} as effective_cost,
    {{ aws_share('line_quantity', 'quantity') }} as pricing_quantity
from costed
left join shares
    on
        costed.source_name = shares.source_name
        and costed.billing_period = shares.billing_period
        and costed.usage_account_id = shares.usage_account_id
        and costed.shared_machine_id = shares.machine_id
        and costed.usage_start_at = shares.usage_start_at
-- A fee that was used up leaves no idle row.
where
    costed.rule_part <> 'unused_commitment'
    or costed.unused_cost <> 0
    or costed.line_quantity <> 0
