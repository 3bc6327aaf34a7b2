-- One row per FOCUS charge: line items times the rows that their kind gives, shared machines cut up.
with line_items as (

    select * from {{ ref('int_aws_line_items__classified') }}

),

rules as (

    select * from {{ ref('aws_charge_rules') }} where source_part <> 'dropped'

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

-- Keys are NULL on lines that cannot match: a NULL key costs no probe.
keyed as (

    select
        *,
        case
            when charge_kind in (
                'sp_negation', 'sp_covered_usage', 'ri_covered_usage', 'discount_in_net', 'split'
            )
                then source_row
        end as exception_row,
        case when {{ aws_is_machine_line() }} then resource_id end as machine_id
    from line_items

),

lines_with_exceptions as (

    select
        keyed.*,
        exceptions.source_part as exception_part,
        exceptions.remainder_cost
    from keyed
    left join exceptions
        on
            keyed.source_name = exceptions.source_name
            and keyed.billing_period = exceptions.billing_period
            and keyed.source_file = exceptions.source_file
            and keyed.exception_row = exceptions.source_row

),

charges as (

    select
        lines_with_exceptions.*,
        rules.source_part as rule_part,
        rules.charge_category,
        rules.charge_frequency,
        rules.pricing_category,
        rules.billed_rule,
        rules.effective_rule,
        rules.price_rule,
        rules.commitment_status,
        case when rules.source_part = 'charge' then lines_with_exceptions.machine_id end
            as shared_machine_id
    from lines_with_exceptions
    inner join rules
        on
            lines_with_exceptions.charge_kind = rules.charge_kind
            and (
                rules.source_part in ('charge', 'unused_commitment')
                or rules.source_part = lines_with_exceptions.exception_part
            )

)

select
    charges.*,
    coalesce(shares.source_part, charges.rule_part) as source_part,
    shares.pod_id,
    shares.tag_set_key as pod_tag_set_key,
    shares.method_details,
    shares.share_from,
    shares.share_to
from charges
left join shares
    on
        charges.source_name = shares.source_name
        and charges.billing_period = shares.billing_period
        and charges.usage_account_id = shares.usage_account_id
        and charges.shared_machine_id = shares.machine_id
        and charges.usage_start_at = shares.usage_start_at
