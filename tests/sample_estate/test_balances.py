"""What the bill states adds up exactly, and to the planted truth."""

from decimal import Decimal

LINE_TYPES = {
    "Usage",
    "DiscountedUsage",
    "RIFee",
    "Fee",
    "SavingsPlanCoveredUsage",
    "SavingsPlanNegation",
    "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee",
    "EdpDiscount",
    "PrivateRateDiscount",
    "BundledDiscount",
    "Credit",
    "Refund",
    "Tax",
}

# Usage that must be there, by what tells it apart on the bill.
USAGE = {
    "spot": "line_item_usage_type like '%SpotUsage:%'",
    "reserved capacity": "line_item_usage_type like '%Reservation:p5%'",
    "unused capacity": "line_item_usage_type like '%UnusedBox:p5%'"
    " and line_item_unblended_cost > 0",
    "capacity block fee": "line_item_usage_type like '%CapacityBlockFee:%'"
    " and line_item_line_item_type = 'Fee'",
    "capacity block usage": "capacity_reservation_capacity_reservation_type ="
    " 'EC2 Capacity Blocks for ML' and line_item_unblended_cost = 0",
    "training plan fee": "line_item_usage_type like '%TrainingPlanFee:%'",
    "training": "line_item_usage_type like '%-Train:ml.%'",
    "spot training": "line_item_usage_type like '%-TrSpt:ml.%'",
    "warm pool": "line_item_usage_type like '%-TrainWarmPool:ml.%'",
    "endpoint": "line_item_usage_type like '%-Host:ml.%'",
    "async endpoint": "line_item_usage_type like '%-AsyncInf:ml.%'",
    "processing": "line_item_usage_type like '%-Processing:ml.%'",
    "notebook": "line_item_usage_type like '%-Notebk:ml.%'",
    "studio": "line_item_usage_type like '%-Studio-%'",
    "first-party tokens": "line_item_usage_type = 'USE1-NovaPro-input-tokens'"
    " and line_item_iam_principal is not null",
    "marketplace tokens": "line_item_usage_type = 'USE1-MP:USE1_InputTokenCount-Units'",
    "cache reads": "line_item_usage_type like '%CacheReadInputTokenCount%'",
    "cache writes 1h": "line_item_usage_type like '%CacheWrite1hInputTokenCount%'",
    "batch tokens": "line_item_usage_type like '%_Batch-Units'",
    "pod accelerators": "line_item_usage_type like '%EKS-EC2-Accelerator-Hours'",
    "pod memory": "line_item_usage_type like '%EKS-EC2-GB-Hours'",
    "checkpoints": "line_item_resource_id = 'halden-atlas-checkpoints'"
    " and line_item_usage_type = 'TimedStorage-ByteHrs'",
    "volumes": "line_item_usage_type = 'EBS:VolumeUsage.gp3'",
    "scratch": "line_item_product_code = 'AmazonFSx'",
    "internet": "line_item_usage_type = 'DataTransfer-Out-Bytes'",
    "inter-region": "line_item_usage_type = 'USE1-USW2-AWS-Out-Bytes'",
    "free inbound": "line_item_usage_type = 'DataTransfer-In-Bytes'"
    " and line_item_unblended_cost = 0 and line_item_usage_amount > 0",
    "inter-zone old": "line_item_usage_type = 'DataTransfer-Regional-Bytes'",
    "inter-zone new": "line_item_usage_type like '%DataTransfer-xAZ-Out-Bytes'",
    "nat bytes": "line_item_usage_type = 'NatGateway-Bytes'",
    "cdn": "line_item_product_code = 'AmazonCloudFront'",
    "transit gateway": "line_item_usage_type = 'TransitGateway-Bytes'",
    "support": "line_item_product_code = 'AWSSupportBusiness'",
    "seller": "bill_billing_entity = 'AWS Marketplace'"
    " and line_item_legal_entity = 'Runboard, Inc.'",
    "free tier": "line_item_line_item_description like '%Free Tier%'",
}


def test_every_charge_kind_is_present_in_a_small_estate(bill):
    found = {
        t for (t,) in bill.execute("select distinct line_item_line_item_type from main").fetchall()
    }
    assert found == LINE_TYPES
    lab = {
        t for (t,) in bill.execute('select distinct "lineItem/LineItemType" from lab').fetchall()
    }
    assert LINE_TYPES - lab == {"Fee", "SavingsPlanUpfrontFee", "Refund"}
    for kind, condition in USAGE.items():
        assert bill.execute(f"select count(*) from main where {condition}").fetchone()[0], kind


def test_negations_cancel_covered_usage_exactly(bill):
    rows = bill.execute(
        """
        select identity_time_interval, savings_plan_savings_plan_a_r_n,
            sum(line_item_unblended_cost)
        from main
        where line_item_line_item_type in ('SavingsPlanCoveredUsage', 'SavingsPlanNegation')
        group by 1, 2
        having sum(line_item_unblended_cost) <> 0
        """
    ).fetchall()
    assert rows == []


def test_every_savings_plan_hour_is_used_up_to_what_its_fee_says(bill):
    hours, wrong, partly = bill.execute(
        """
        with plan_hours as (
            select
                savings_plan_savings_plan_a_r_n as plan, identity_time_interval as hour,
                sum(savings_plan_savings_plan_effective_cost) as covered,
                sum(savings_plan_net_savings_plan_effective_cost) as net_covered,
                sum(savings_plan_used_commitment) as used,
                sum(savings_plan_total_commitment_to_date) as committed,
                sum(savings_plan_recurring_commitment_for_billing_period
                    + savings_plan_amortized_upfront_commitment_for_billing_period) as fees,
                sum(savings_plan_net_recurring_commitment_for_billing_period
                    + savings_plan_net_amortized_upfront_commitment_for_billing_period) as net_fees
            from main
            where line_item_line_item_type in ('SavingsPlanCoveredUsage', 'SavingsPlanRecurringFee')
            group by 1, 2
        )
        select
            count(*),
            count(*) filter (
                coalesce(covered, 0) <> used or committed <> fees or used > committed
                or coalesce(net_covered, 0) <> cast(used * 0.93 as decimal(38, 16))
                or net_fees <> cast(committed * 0.93 as decimal(38, 16))
            ),
            count(*) filter (used < committed)
        from plan_hours
        """
    ).fetchone()
    assert hours > 100
    assert wrong == 0
    assert partly > 0


def test_reserved_instances_balance_per_period(bill):
    rows = bill.execute(
        """
        select
            reservation_reservation_a_r_n, bill_billing_period_start_date,
            sum(coalesce(reservation_effective_cost, 0))
            + sum(coalesce(reservation_unused_recurring_fee, 0)
                + coalesce(reservation_unused_amortized_upfront_fee_for_billing_period, 0))
            - sum(case line_item_line_item_type when 'RIFee' then line_item_unblended_cost
                + reservation_amortized_upfront_fee_for_billing_period else 0 end) as gap,
            sum(coalesce(reservation_net_effective_cost, 0))
            + sum(coalesce(reservation_net_unused_recurring_fee, 0)
                + coalesce(reservation_net_unused_amortized_upfront_fee_for_billing_period, 0))
            - sum(case line_item_line_item_type when 'RIFee' then line_item_net_unblended_cost
                + reservation_net_amortized_upfront_fee_for_billing_period else 0 end) as net_gap,
            sum(reservation_unused_quantity)
        from main
        where reservation_reservation_a_r_n is not null
            and line_item_line_item_type in ('DiscountedUsage', 'RIFee')
        group by 1, 2
        """
    ).fetchall()
    assert len(rows) >= 5
    for arn, month, gap, net_gap, unused in rows:
        assert (gap, net_gap) == (0, 0), (arn, month)
        assert unused > 0


def test_net_costs_add_up_to_unblended_costs_per_month(bill):
    rows = bill.execute(
        """
        select bill_billing_period_start_date, sum(line_item_unblended_cost),
            sum(line_item_net_unblended_cost)
        from main group by 1
        """
    ).fetchall()
    assert len(rows) == 3
    for _, unblended, net in rows:
        assert unblended == net


def test_pods_carry_their_node_except_where_metrics_are_missing(bill):
    whole, short, wrong = bill.execute(
        """
        with nodes as (
            select line_item_resource_id as node, identity_time_interval as hour,
                sum(coalesce(savings_plan_savings_plan_effective_cost, line_item_unblended_cost))
                    as cost
            from main
            where line_item_product_code = 'AmazonEC2' and line_item_usage_type like '%Box%'
            group by 1, 2
        ),
        pods as (
            select split_line_item_parent_resource_id as node, identity_time_interval as hour,
                sum(split_line_item_split_cost + split_line_item_unused_cost) as cost,
                sum(line_item_unblended_cost) as billed
            from main
            where split_line_item_parent_resource_id is not null
            group by 1, 2
        )
        select
            count(*) filter (pods.cost = nodes.cost), count(*) filter (pods.cost < nodes.cost),
            count(*) filter (pods.cost > nodes.cost or nodes.cost is null or billed <> 0)
        from pods
        left join nodes using (node, hour)
        """
    ).fetchone()
    assert wrong == 0
    assert whole > short > 0


def test_capacity_is_used_or_unused(bill):
    rows = bill.execute(
        """
        select identity_time_interval,
            sum(line_item_usage_amount) filter (
                capacity_reservation_capacity_reservation_status = 'Reserved') as reserved,
            coalesce(sum(line_item_usage_amount) filter (
                capacity_reservation_capacity_reservation_status in ('Used', 'Unused')), 0) as held
        from main
        where capacity_reservation_capacity_reservation_type = 'ODCR'
            and line_item_line_item_type <> 'SavingsPlanNegation'
        group by 1
        having reserved <> held
        """
    ).fetchall()
    assert rows == []


def test_truth_totals_are_the_totals_of_the_files(bill):
    of_kind = {
        "ri_covered": "DiscountedUsage",
        "sp_covered": "SavingsPlanCoveredUsage",
        "sp_negation": "SavingsPlanNegation",
        "sp_recurring_fee": "SavingsPlanRecurringFee",
        "sp_upfront_fee": "SavingsPlanUpfrontFee",
        "ri_fee": "RIFee",
        "ri_upfront_fee": "Fee",
        "capacity_block_fee": "Fee",
        "training_plan_fee": "Fee",
        "support": "Fee",
        "edp_discount": "EdpDiscount",
        "private_discount": "PrivateRateDiscount",
        "bundled_discount": "BundledDiscount",
        "credit": "Credit",
        "refund": "Refund",
        "tax": "Tax",
    }
    stated: dict[tuple, list[Decimal]] = {}
    for source, month, kind, rows, cost, net in bill.execute(
        "select source, month, charge_kind, rows, unblended_cost, net_unblended_cost"
        " from truth_totals where rows > 0"
    ).fetchall():
        total = stated.setdefault((source, month, of_kind.get(kind, "Usage")), [0, 0, 0])
        total[0] += rows
        total[1] += cost
        total[2] += net or 0
    measured = {}
    for month, kind, rows, cost, net in bill.execute(
        """
        select strftime(bill_billing_period_start_date, '%Y-%m'), line_item_line_item_type,
            count(*), sum(line_item_unblended_cost), sum(line_item_net_unblended_cost)
        from main group by 1, 2
        """
    ).fetchall():
        measured["aws_main", month, kind] = [rows, cost, net]
    # The legacy report is added up by Python's own decimals over the delivered text.
    for month, kind, cost in bill.execute(
        """
        select left("bill/BillingPeriodStartDate", 7), "lineItem/LineItemType",
            "lineItem/UnblendedCost"
        from lab
        """
    ).fetchall():
        total = measured.setdefault(("aws_research", month, kind), [0, Decimal(0), 0])
        total[0] += 1
        total[1] += Decimal(cost)
    assert measured == stated


def test_truth_billed_and_effective_follow_from_the_kinds(bill):
    gaps = bill.execute(
        """
        select source, month, sum(billed_cost) - sum(coalesce(net_unblended_cost, unblended_cost))
        from truth_totals group by 1, 2
        """
    ).fetchall()
    assert all(gap == 0 for *_, gap in gaps)
    # Effective = billed, less upfront fees paid, plus the period's share of them.
    rows = bill.execute(
        """
        with totals as (
            select source, month, sum(billed_cost) as billed, sum(effective_cost) as effective,
                sum(billed_cost) filter (charge_kind in ('sp_upfront_fee', 'ri_upfront_fee'))
                    as upfront
            from truth_totals group by 1, 2
        ),
        shares as (
            select source, month, sum(amortised_upfront_fee) as share
            from truth_commitments group by 1, 2
        )
        select effective - billed + coalesce(upfront, 0) - share
        from totals inner join shares using (source, month)
        """
    ).fetchall()
    assert len(rows) == 6
    assert all(gap == 0 for (gap,) in rows)


def test_owners_are_planted_for_every_metered_row(bill):
    missing = bill.execute(
        """
        select count(*)
        from main
        left join truth_owners as owners
            on owners.source = 'aws_main'
            and owners.usage_account_id = main.line_item_usage_account_id
            and owners.usage_type = main.line_item_usage_type
            and owners.operation = main.line_item_operation
            and owners.line_item_type = main.line_item_line_item_type
            and owners.resource_id is not distinct from main.line_item_resource_id
            and owners.iam_principal is not distinct from main.line_item_iam_principal
            and owners.product_code = main.line_item_product_code
        where main.line_item_line_item_type in ('Usage', 'SavingsPlanCoveredUsage',
            'DiscountedUsage')
            and owners.team is null
        """
    ).fetchone()[0]
    assert missing == 0
    repeated = bill.execute(
        """
        select count(*) from (
            select 1 from truth_owners
            group by source, usage_account_id, resource_id, product_code, usage_type, operation,
                line_item_type, iam_principal
            having count(*) > 1
        )
        """
    ).fetchone()[0]
    assert repeated == 0


def test_waste_tokens_and_transfer_are_stated(bill):
    classes = {
        c for (c,) in bill.execute("select distinct waste_class from truth_waste").fetchall()
    }
    assert {
        "unused_capacity_reservation",
        "unused_savings_plan",
        "unused_reserved_instance",
        "unused_capacity_block",
        "unused_training_plan",
        "idle_notebook",
        "idle_instance",
        "failed_run",
        "idle_endpoint",
        "unattached_volume",
        "duplicate_checkpoints",
    } <= classes
    bedrock = bill.execute(
        """
        select sum(line_item_usage_amount * case pricing_unit when 'Units' then 1000000
            else 1000 end)
        from main where line_item_product_code like 'AmazonBedrock%'
        """
    ).fetchone()[0]
    assert (
        bill.execute(
            "select sum(tokens) from truth_tokens_daily where source = 'aws_main'"
        ).fetchone()[0]
        == bedrock
    )
    for path_class, usage_type in (
        ("inter_region", "%-AWS-Out-Bytes"),
        ("internet_in", "%DataTransfer-In-Bytes"),
    ):
        (moved,) = bill.execute(
            "select sum(line_item_usage_amount) from main where line_item_usage_type like ?",
            [usage_type],
        ).fetchone()
        (stated,) = bill.execute(
            "select sum(gigabytes) from truth_transfer_daily"
            " where path_class = ? and source = 'aws_main'",
            [path_class],
        ).fetchone()
        assert moved == stated
