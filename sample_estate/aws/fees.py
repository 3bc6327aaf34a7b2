"""The lines that are not metered: commitment fees, prepaid GPU time, support, tax, credits.

``fee_lines`` of one month is made after the month's metered lines, because unused commitments,
discounts, support and tax are computed from them (``month_streams``, ``plan_hours``).
"""

import duckdb

from sample_estate.aws.commitments import EDP_PCT

FEE_COLUMNS = {
    "source": "varchar",
    "account": "varchar",
    "fee_key": "varchar",
    "charge_kind": "varchar",
    "line_type": "varchar",
    "bill_type": "varchar",
    "product_code": "varchar",
    "product_name": "varchar",
    "usage_type": "varchar",
    "operation": "varchar",
    "region": "varchar",
    "resource_id": "varchar",
    "description": "varchar",
    "usage_start": "timestamp",
    "usage_end": "timestamp",
    "amount": "decimal(20,10)",
    "unit": "varchar",
    "rate": "decimal(18,10)",
    "cost": "decimal(20,10)",
    "edp_eligible": "boolean",
    "net_cost": "decimal(24,12)",
    "tax_type": "varchar",
    "billing_entity": "varchar",
    "legal_entity": "varchar",
    "pricing_term": "varchar",
    "purchase_option": "varchar",
    "sp": "varchar",
    "ri": "varchar",
    "prepaid_arn": "varchar",
    "cr_type": "varchar",
    # A fee row's own figures, before discounts: what the period costs and how much of it was used.
    "recurring": "decimal(24,12)",
    "amortised": "decimal(24,12)",
    "used": "decimal(24,12)",
    "units_total": "decimal(20,10)",
    "units_unused": "decimal(20,10)",
    "unused_recurring": "decimal(24,12)",
    "unused_amortised": "decimal(24,12)",
    "instance_type": "varchar",
    "project": "varchar",
}


def create_fees(con: duckdb.DuckDBPyConnection, month_index: int) -> None:
    """Create ``fee_lines`` of a month from its accumulated usage."""
    columns = ", ".join(f"{name} {kind}" for name, kind in FEE_COLUMNS.items())
    con.execute(f"create or replace table fee_lines ({columns})")
    month = f"(select * from months where month_index = {month_index})"
    _savings_plans(con, month)
    _reservations(con, month)
    _prepaid(con, month)
    con.execute(
        f"""
        update fee_lines set net_cost = case
            when source = 'aws_main' and edp_eligible
                then cost - cast(cost * 0.{EDP_PCT:02d} as decimal(20, 10))
            else cost end
        """
    )
    _discounts(con, month, month_index)
    _refund_and_credits(con, month)
    _support(con, month, month_index)
    _tax(con, month, month_index)


def _insert(con: duckdb.DuckDBPyConnection, select: str) -> None:
    con.execute(f"insert into fee_lines by name {select}")


def _savings_plans(con: duckdb.DuckDBPyConnection, month: str) -> None:
    """Hourly recurring fee rows (zero for All Upfront) and the upfront fee when it was paid."""
    _insert(
        con,
        f"""
        select
            savings_plans.source, account, sp || '/' || hours.hour_index as fee_key,
            'sp_recurring_fee' as charge_kind, 'SavingsPlanRecurringFee' as line_type,
            'Anniversary' as bill_type,
            case offering when 'SageMakerSavingsPlans' then 'MachineLearningSavingsPlans'
                else offering end as product_code,
            case offering when 'SageMakerSavingsPlans'
                then 'Savings Plans for AWS Machine Learning'
                else 'Savings Plans for AWS Compute usage' end as product_name,
            usage_type,
            '1 year ' || payment_option || ' ' || case offering
                when 'SageMakerSavingsPlans' then 'SageMaker' else 'Compute' end
            || ' Savings Plan' as description,
            hours.hour_start as usage_start, hours.hour_end as usage_end, 1 as amount,
            'Hrs' as unit, recurring as rate, recurring as cost, true as edp_eligible,
            'Reserved' as pricing_term, payment_option as purchase_option, sp,
            recurring, amortised, coalesce(plan_hours.used, 0) as used
        from savings_plans
        inner join hours
            on hours.month_index = (select month_index from {month})
            and hours.hour_index >= savings_plans.from_hour
        left join plan_hours using (sp, hour_index)
        order by hours.hour_index, sp
        """,
    )
    _insert(
        con,
        f"""
        select
            source, account, sp || '/upfront' as fee_key, 'sp_upfront_fee' as charge_kind,
            'SavingsPlanUpfrontFee' as line_type, 'Purchase' as bill_type,
            case offering when 'SageMakerSavingsPlans' then 'MachineLearningSavingsPlans'
                else offering end as product_code,
            'Savings Plans' as product_name, usage_type,
            '1 year ' || payment_option || ' Savings Plan, upfront' as description,
            term_start as usage_start, term_start + interval 1 hour as usage_end, 1 as amount,
            'Quantity' as unit, cast(upfront_fee as decimal(18, 5)) as rate,
            upfront_fee as cost, true as edp_eligible, 'Reserved' as pricing_term,
            payment_option as purchase_option, sp, 0 as recurring, 0 as amortised, 0 as used
        from savings_plans
        where upfront_fee > 0
            and bought_in_month = (select month_index from {month})
        """,
    )


def _reservations(con: duckdb.DuckDBPyConnection, month: str) -> None:
    """One RIFee a month with what was not used, and the upfront fee when it was paid."""
    _insert(
        con,
        f"""
        with this_month as (select * from {month}),
        reserved as (
            select
                reservations.*, this_month.month_start, this_month.month_end,
                reservations.count * this_month.calendar_hours as units,
                coalesce(used_units.amount, 0) as used_units
            from reservations
            cross join this_month
            left join (
                select streams.ri, sum(month_streams.amount) as amount
                from month_streams
                inner join streams using (stream_id)
                where streams.variant = 'ri_covered'
                    and month_streams.month_index = (select month_index from this_month)
                group by streams.ri
            ) as used_units using (ri)
            where reservations.term_start < this_month.month_end
        )
        select
            source, account, ri as fee_key, 'ri_fee' as charge_kind, 'RIFee' as line_type,
            'Anniversary' as bill_type, 'AmazonEC2' as product_code,
            'Amazon Elastic Compute Cloud' as product_name, usage_type,
            'RunInstances' as operation, region,
            'USD ' || recurring_rate || ' hourly fee per Linux/UNIX (Amazon VPC), '
            || instance_type || ' instance' as description,
            month_start as usage_start, month_end - interval 1 second as usage_end,
            units as amount, 'Hrs' as unit, recurring_rate as rate,
            units * recurring_rate as cost, true as edp_eligible, 'Reserved' as pricing_term,
            payment_option as purchase_option, ri, instance_type,
            units * recurring_rate as recurring, units * amortised_rate as amortised,
            used_units * (recurring_rate + amortised_rate) as used,
            units as units_total, units - used_units as units_unused,
            (units - used_units) * recurring_rate as unused_recurring,
            (units - used_units) * amortised_rate as unused_amortised
        from reserved
        """,
    )
    _insert(
        con,
        f"""
        select
            source, account, ri || '/upfront' as fee_key, 'ri_upfront_fee' as charge_kind,
            'Fee' as line_type, 'Purchase' as bill_type, 'AmazonEC2' as product_code,
            'Amazon Elastic Compute Cloud' as product_name, usage_type,
            'RunInstances' as operation, region,
            'Sign up charge for subscription: ' || subscription_id as description,
            term_start as usage_start, term_start + interval 1 hour as usage_end,
            count as amount, 'Quantity' as unit, cast(upfront_fee / count as decimal(18, 6))
                as rate, upfront_fee as cost, true as edp_eligible, 'Reserved' as pricing_term,
            payment_option as purchase_option, ri, instance_type,
            0 as recurring, 0 as amortised, 0 as used
        from reservations
        where upfront_fee > 0
            and bought_in_month = (select month_index from {month})
        """,
    )


def _prepaid(con: duckdb.DuckDBPyConnection, month: str) -> None:
    """Capacity Blocks and training plans: paid once, on the day they start."""
    _insert(
        con,
        f"""
        select
            'aws_main' as source, account, prepaid || '/' || prepaid.month_index as fee_key,
            kind || '_fee' as charge_kind, 'Fee' as line_type, 'Purchase' as bill_type,
            case kind when 'capacity_block' then 'AmazonEC2' else 'AmazonSageMaker' end
                as product_code,
            case kind when 'capacity_block' then 'Amazon Elastic Compute Cloud'
                else 'Amazon SageMaker' end as product_name,
            case kind when 'capacity_block' then 'USE2-CapacityBlockFee:'
                else 'USE1-TrainingPlanFee:' end || instance_type as usage_type,
            case kind when 'capacity_block' then 'RunInstances' else 'RunInstance' end
                as operation,
            region, prepaid_arn as resource_id,
            case kind
                when 'capacity_block' then 'Upfront fee for EC2 Capacity Block for ML '
                else 'Upfront fee for SageMaker training plan '
            end || instance_type as description,
            first_hours.hour_start as usage_start, last_hours.hour_end as usage_end,
            instances * (to_hour - from_hour) as amount, 'Hrs' as unit, hourly_price as rate,
            instances * (to_hour - from_hour) * hourly_price as cost, true as edp_eligible,
            'OnDemand' as pricing_term, prepaid_arn,
            case kind when 'capacity_block' then 'EC2 Capacity Blocks for ML' end as cr_type,
            instance_type, project
        from prepaid
        inner join hours as first_hours on first_hours.hour_index = prepaid.from_hour
        inner join hours as last_hours on last_hours.hour_index = prepaid.to_hour - 1
        where prepaid.month_index = (select month_index from {month})
        order by fee_key
        """,
    )


def _discounts(con: duckdb.DuckDBPyConnection, month: str, month_index: int) -> None:
    """Discount rows per account and product: exactly what the rows were discounted by."""
    con.execute(
        f"""
        create or replace table discounted as
        select
            streams.source, streams.account, streams.product_code,
            any_value(streams.product_name) as product_name,
            sum(bundled) as bundled, sum(private) as private, sum(edp) as edp
        from month_streams
        inner join streams using (stream_id)
        where month_streams.month_index = {month_index}
        group by streams.source, streams.account, streams.product_code
        union all
        select
            source, account, product_code, any_value(product_name), 0, 0,
            sum(cast(cost * 0.{EDP_PCT:02d} as decimal(20, 10)))
        from fee_lines
        where edp_eligible
        group by source, account, product_code
        """
    )
    kinds = (
        ("bundled", "BundledDiscount", "Bundled discount"),
        ("private", "PrivateRateDiscount", "Private rate discount"),
        ("edp", "EdpDiscount", "Enterprise Program Discount"),
    )
    for column, line_type, text in kinds:
        _insert(
            con,
            f"""
            select
                source, account, '{line_type}/' || account || '/' || product_code as fee_key,
                '{column}_discount' as charge_kind, '{line_type}' as line_type,
                'Anniversary' as bill_type, product_code, any_value(product_name)
                    as product_name,
                '{text}' as description, any_value(month_start) as usage_start,
                any_value(month_end) as usage_end, 0 as amount, null as unit, 0 as rate,
                -sum({column}) as cost, false as edp_eligible,
                case source when 'aws_main' then 0 else -sum({column}) end as net_cost
            from discounted
            cross join {month}
            group by source, account, product_code
            having sum({column}) > 0
            order by account, product_code
            """,
        )


def _refund_and_credits(con: duckdb.DuckDBPyConnection, month: str) -> None:
    """A refund of the month before, already closed, and promotional credits."""
    _insert(
        con,
        f"""
        select
            'aws_main' as source, 'training' as account, 'refund/s3' as fee_key,
            'refund' as charge_kind, 'Refund' as line_type, 'Refund' as bill_type,
            'AmazonS3' as product_code, 'Amazon Simple Storage Service' as product_name,
            'TimedStorage-ByteHrs' as usage_type, 'StandardStorage' as operation,
            'us-east-1' as region,
            'Refund for overcharged storage in ' || strftime(month_start - interval 1 day, '%B')
                as description,
            month_start - interval 1 month as usage_start, month_start as usage_end,
            0 as amount, 0 as rate, -18.2537 - draw('refund' || month, 5000) / 100 as cost,
            false as edp_eligible
        from {month}
        """,
    )
    for source, account, text, amount in (
        ("aws_main", "sandbox", "AWS Activate promotional credit", "-412.5000"),
        ("aws_research", "lab", "AWS Cloud Credit for Research", "-150.0000"),
    ):
        _insert(
            con,
            f"""
            select
                '{source}' as source, '{account}' as account, 'credit' as fee_key,
                'credit' as charge_kind, 'Credit' as line_type, 'Anniversary' as bill_type,
                'AmazonEC2' as product_code, 'Amazon Elastic Compute Cloud' as product_name,
                'BoxUsage:g5.xlarge' as usage_type, 'RunInstances' as operation,
                'us-east-1' as region, '{text}' as description, month_start as usage_start,
                month_end as usage_end, 0 as amount, 0 as rate, {amount} as cost,
                false as edp_eligible
            from {month}
            """,
        )
    con.execute("update fee_lines set net_cost = cost where net_cost is null")


def _net_by_account(month_index: int) -> str:
    """Return SQL for the month's net charges per source, account and billing entity."""
    return f"""
        select source, account, billing_entity, sum(net) as net
        from (
            select
                streams.source, streams.account,
                coalesce(streams.billing_entity, 'AWS') as billing_entity,
                month_streams.cost - bundled - private - edp as net
            from month_streams
            inner join streams using (stream_id)
            where month_streams.month_index = {month_index}
            union all
            select
                source, account, coalesce(billing_entity, 'AWS'),
                case when source = 'aws_main' or not edp_eligible then net_cost
                    else cost - cast(cost * 0.{EDP_PCT:02d} as decimal(20, 10)) end
            from fee_lines
            where charge_kind not like '%_discount'
        )
        group by source, account, billing_entity
    """


def _support(con: duckdb.DuckDBPyConnection, month: str, month_index: int) -> None:
    """Business support of the main payer: 3 % of what AWS itself charged, at least 100 USD."""
    _insert(
        con,
        f"""
        select
            'aws_main' as source, 'payer' as account, 'support' as fee_key,
            'support' as charge_kind, 'Fee' as line_type, 'Anniversary' as bill_type,
            'AWSSupportBusiness' as product_code, 'AWS Support (Business)' as product_name,
            'Dollar' as usage_type, 'AWS Support (Business)' as description,
            any_value(month_start) as usage_start, any_value(month_end) as usage_end,
            1 as amount, 'Dollar' as unit, greatest(100, round(sum(net) * 0.03, 2)) as rate,
            greatest(100, round(sum(net) * 0.03, 2)) as cost, false as edp_eligible,
            greatest(100, round(sum(net) * 0.03, 2)) as net_cost, 'OnDemand' as pricing_term
        from ({_net_by_account(month_index)}) as charged
        cross join {month}
        where source = 'aws_main' and billing_entity = 'AWS'
        """,
    )


def _tax(con: duckdb.DuckDBPyConnection, month: str, month_index: int) -> None:
    """Tax per account and billing entity: no usage type, no resource, whole cents."""
    _insert(
        con,
        f"""
        select
            source, account, 'tax/' || account || '/' || billing_entity as fee_key,
            'tax' as charge_kind, 'Tax' as line_type, 'Anniversary' as bill_type,
            case billing_entity when 'AWS' then 'AmazonEC2' else 'AWSMarketplace' end
                as product_code,
            case billing_entity when 'AWS' then 'Amazon Elastic Compute Cloud' end
                as product_name,
            'Tax for product code ' || case billing_entity when 'AWS' then 'AmazonEC2'
                else 'AWSMarketplace' end as description,
            month_start as usage_start, month_end as usage_end, 1 as amount, 0 as rate,
            round(net * case source when 'aws_main' then 0.06 else 0.19 end, 2) as cost,
            false as edp_eligible,
            round(net * case source when 'aws_main' then 0.06 else 0.19 end, 2) as net_cost,
            case source when 'aws_main' then 'USSalesTax' else 'VAT' end as tax_type,
            nullif(billing_entity, 'AWS') as billing_entity
        from ({_net_by_account(month_index)}) as charged
        cross join {month}
        where net > 1
        order by fee_key
        """,
    )
