-- One row per OCI charge with its FOCUS kind, its price checked against its cost, and its machine.
with cost_lines as (

    select * from {{ ref('int_oci_cost_lines__classified') }}

),

rules as (

    select
        charge_kind,
        charge_type,
        source_part,
        charge_category,
        -- A unit test reads the seed's file itself, in which a blank is an empty text.
        nullif(charge_frequency, '') as charge_frequency,
        nullif(pricing_category, '') as pricing_category,
        has_prices
    from {{ ref('oci_charge_rules') }}

),

machines as (

    select * from {{ ref('int_oci_machines__sized') }}

),

charges as (

    select
        cost_lines.*,
        rules.charge_type,
        rules.source_part,
        rules.charge_category,
        rules.charge_frequency,
        rules.pricing_category,
        rules.has_prices,
        machines.gpu_count,
        machines.instance_type,
        machines.instance_series,
        machines.gpu_model,
        {{ price_times_quantity('cost_lines.unit_price', 'cost_lines.billed_quantity') }}
            as price_product
    from cost_lines
    inner join rules on cost_lines.charge_kind = rules.charge_kind
    left join machines
        on
            cost_lines.source_name = machines.source_name
            and cost_lines.billing_period = machines.billing_period
            -- Keys are NULL on lines that cannot match: a NULL key costs no probe.
            and case when cost_lines.is_gpu_line then cost_lines.resource_id end
            = machines.resource_id

),

-- Price times quantity is the cost: where the report differs by the rounding of its figures (a
-- millionth) the product is taken. Where it differs by more (tiers, free shares) the stated price
-- is not the one that was charged: cost over quantity is.
checked as (

    select
        *,
        coalesce(
            has_prices and unit_price >= 0 and {{ is_rounding('price_product', 'my_cost') }}, false
        ) as is_price_kept,
        case
            when has_prices
                then cast({{ ratio('my_cost', 'billed_quantity') }} as decimal(38, 18))
        end as charged_price
    from charges

)

select
    *,
    case when is_price_kept then price_product else my_cost end as contracted_cost,
    case
        when is_price_kept then unit_price
        when charged_price >= 0 then charged_price
    end as contracted_unit_price,
    case when has_prices then billed_quantity end as pricing_quantity
from checked
