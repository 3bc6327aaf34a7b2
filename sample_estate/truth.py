"""Writes the planted truth: one Parquet file per subject under ``truth/``.

Money is exact decimal USD. ``billed`` is what the month's invoice holds, ``effective`` what FOCUS
means by it: fees that pay for other rows are 0, covered rows carry their share, what was not used
is a kind of its own. The main payer's figures are after its enterprise discount (the net columns);
the research payer's are before, because its discounts are rows of their own.
"""

from pathlib import Path

import duckdb

from sample_estate.aws.commitments import EDP_PCT

_NET = f"0.{100 - EDP_PCT:02d}"

# Figures per stream and month, with the owner; the base of most subjects.
_STREAM_FACTS = f"""
    select
        months.month, streams.source, streams.payer_id as billing_account_id,
        streams.account_id as usage_account_id, streams.resource_id, streams.product_code,
        streams.usage_type, streams.operation, streams.line_type, streams.charge_kind,
        streams.variant, streams.caller as principal_arn, streams.team, streams.project,
        streams.business_unit, streams.cost_centre, streams.environment, streams.model,
        streams.experiment, streams.phase, streams.owner_evidence, streams.style as tag_style,
        streams.planted, streams.unit, streams.instance_type, streams.seed_id, streams.cr,
        streams.from_hour, streams.to_hour, streams.run_every, streams.run,
        streams.eks_cluster is not null as is_node,
        sum(rows) as rows, sum(month_streams.amount) as amount,
        sum(month_streams.cost) as unblended_cost,
        sum(case when streams.variant in ('sp_covered', 'sp_negation') then month_streams.cost
            else month_streams.cost - bundled - private - edp end) as net_cost,
        sum(case
            when streams.variant in ('sp_covered', 'sp_negation') then 0
            when streams.source = 'aws_main' then month_streams.cost - bundled - private - edp
            else month_streams.cost end) as billed_cost,
        sum(case
            when streams.variant in ('sp_covered', 'ri_covered')
                then month_streams.effective * if(streams.source = 'aws_main', {_NET}, 1)
            when streams.variant = 'sp_negation' then 0
            when streams.source = 'aws_main' then month_streams.cost - bundled - private - edp
            else month_streams.cost end) as effective_cost,
        sum(month_streams.effective) as gross_effective
    from month_streams
    inner join streams using (stream_id)
    inner join months using (month_index)
    group by all
"""

_PREPAID = f"""
    select
        months.month, prepaid.prepaid_arn, prepaid.kind, prepaid.account_id as usage_account_id,
        prepaid.project, prepaid.instance_type, prepaid.instances,
        prepaid.instances * (prepaid.to_hour - prepaid.from_hour) as hours_bought,
        coalesce(used.hours, 0) as hours_used,
        prepaid.hourly_price, prepaid.hourly_price * {_NET} as effective_hourly_price,
        fees_kept.cost as unblended_cost, fees_kept.net_cost as billed_cost,
        coalesce(used.hours, 0) * prepaid.hourly_price * {_NET} as used_effective_cost,
        fees_kept.net_cost - coalesce(used.hours, 0) * prepaid.hourly_price * {_NET}
            as unused_effective_cost
    from prepaid
    inner join months using (month_index)
    inner join fees_kept
        on fees_kept.prepaid_arn = prepaid.prepaid_arn
        and fees_kept.month_index = prepaid.month_index
    left join (
        select month, charge_kind, sum(amount) as hours
        from stream_facts
        group by month, charge_kind
    ) as used on used.month = months.month and used.charge_kind = prepaid.kind || '_usage'
    order by months.month, prepaid.prepaid_arn
"""

_COMMITMENTS = f"""
    select
        months.month, fees.source, accounts.payer_id as billing_account_id,
        coalesce(savings_plans.sp_arn, reservations.ri_arn) as commitment_id,
        case when fees.sp is not null then 'savings_plan' else 'reserved_instance' end
            as commitment_kind,
        coalesce(savings_plans.payment_option, reservations.payment_option) as payment_option,
        sum(fees.recurring * net) as recurring_fee,
        sum(fees.amortised * net) as amortised_upfront_fee,
        sum(fees.used * net) as used_effective_cost,
        sum((fees.recurring + fees.amortised - fees.used) * net) as unused_effective_cost,
        sum(case when fees.charge_kind like '%upfront_fee' then fees.net_cost else 0 end)
            as upfront_fee_billed,
        sum(fees.recurring) as gross_recurring_fee,
        sum(fees.amortised) as gross_amortised_upfront_fee,
        sum(fees.used) as gross_used_effective_cost, sum(units_unused) as unused_units
    from (
        select *, if(source = 'aws_main', {_NET}, 1) as net from fees_kept
        where sp is not null or ri is not null
    ) as fees
    inner join months using (month_index)
    inner join accounts on accounts.key = fees.account
    left join savings_plans on savings_plans.sp = fees.sp
    left join reservations on reservations.ri = fees.ri
    group by all
    order by month, commitment_id
"""

_TOTALS = """
    with usage as (
        select
            source, billing_account_id, month, charge_kind, sum(rows) as rows,
            sum(unblended_cost) as unblended_cost,
            case source when 'aws_main' then sum(net_cost) end as net_unblended_cost,
            sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost,
            sum(effective_cost) as effective_cost_prepaid_at_purchase
        from stream_facts
        where charge_kind not in ('capacity_block_usage', 'training_plan_usage')
        group by source, billing_account_id, month, charge_kind
    ),
    prepaid_usage as (
        select
            facts.source, facts.billing_account_id, facts.month, facts.charge_kind,
            sum(facts.rows), 0, 0, 0, any_value(prepaid_truth.used_effective_cost), 0
        from stream_facts as facts
        inner join prepaid_truth
            on prepaid_truth.month = facts.month
            and facts.charge_kind = prepaid_truth.kind || '_usage'
        group by all
    ),
    prepaid_unused as (
        select
            'aws_main', payers.payer_id, month, kind || '_unused', 0, 0, 0, 0,
            sum(unused_effective_cost), 0
        from prepaid_truth
        inner join accounts as payers on payers.account_id = usage_account_id
        group by all
    ),
    fees as (
        select
            fees_kept.source, accounts.payer_id, months.month, fees_kept.charge_kind, count(*),
            sum(fees_kept.cost),
            case fees_kept.source when 'aws_main' then sum(net_cost) end,
            sum(case fees_kept.source when 'aws_main' then net_cost else fees_kept.cost end),
            sum(case
                when sp is not null or ri is not null or prepaid_arn is not null then 0
                when fees_kept.source = 'aws_main' then net_cost
                else fees_kept.cost end),
            sum(case
                when sp is not null or ri is not null then 0
                when fees_kept.source = 'aws_main' then net_cost
                else fees_kept.cost end)
        from fees_kept
        inner join accounts on accounts.key = fees_kept.account
        inner join months using (month_index)
        group by fees_kept.source, accounts.payer_id, months.month, fees_kept.charge_kind
    ),
    unused_commitments as (
        select
            source, billing_account_id, month,
            case commitment_kind when 'savings_plan' then 'sp_unused' else 'ri_unused' end,
            0, 0, 0, 0, sum(unused_effective_cost), sum(unused_effective_cost)
        from commitments_truth
        group by all
    )
    select
        source, billing_account_id, month, 'USD' as billing_currency, charge_kind,
        cast(rows as bigint) as rows,
        cast(unblended_cost as decimal(38, 16)) as unblended_cost,
        cast(net_unblended_cost as decimal(38, 16)) as net_unblended_cost,
        cast(billed_cost as decimal(38, 16)) as billed_cost,
        cast(effective_cost as decimal(38, 16)) as effective_cost,
        cast(effective_cost_prepaid_at_purchase as decimal(38, 16))
            as effective_cost_prepaid_at_purchase
    from (
        select * from usage
        union all select * from prepaid_usage
        union all select * from prepaid_unused
        union all select * from fees
        union all select * from unused_commitments
    )
    order by all
"""

_SUBJECTS = {
    "totals": _TOTALS,
    "commitments": "select * from commitments_truth order by all",
    "prepaid": "select * from prepaid_truth order by all",
    "owners": """
        select distinct
            source, billing_account_id, usage_account_id, resource_id, product_code, usage_type,
            operation, line_type as line_item_type, charge_kind,
            case source when 'aws_main' then principal_arn end as iam_principal, team, project,
            business_unit, cost_centre, environment, model, experiment, phase, owner_evidence,
            tag_style, planted
        from stream_facts
        where variant <> 'sp_negation'
        order by all
    """,
    "waste": """
        select
            month, source, usage_account_id, planted as waste_class, resource_id, usage_type,
            team, project, case when unit = 'Hrs' then sum(amount) end as hours,
            sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost
        from stream_facts
        where planted is not null
        group by month, source, usage_account_id, planted, resource_id, usage_type, team,
            project, unit
        union all
        select
            month, source, null, 'unused_' || commitment_kind, commitment_id, null, null, null,
            unused_units, 0, unused_effective_cost
        from commitments_truth
        where unused_effective_cost > 0
        union all
        select
            month, 'aws_main', usage_account_id, 'unused_' || kind, prepaid_arn, null, null,
            project, hours_bought - hours_used, 0, unused_effective_cost
        from prepaid_truth
        where unused_effective_cost > 0
        order by all
    """,
    "capacity_reservations": """
        select
            month, usage_account_id,
            any_value(resource_id) filter (charge_kind = 'capacity_reserved')
                as capacity_reservation_id,
            sum(amount) filter (charge_kind = 'capacity_reserved') as reserved_hours,
            sum(amount) filter (
                charge_kind not in ('capacity_reserved', 'capacity_unused')
                and variant <> 'sp_negation') as used_hours,
            coalesce(sum(amount) filter (charge_kind = 'capacity_unused'), 0) as unused_hours,
            coalesce(sum(billed_cost) filter (charge_kind = 'capacity_unused'), 0)
                as unused_billed_cost
        from stream_facts
        where cr = 'odcr-p5'
        group by month, usage_account_id
        order by all
    """,
    "tokens_daily": """
        select
            usage_date, source, account_id as usage_account_id, token_model as model,
            token_kind, token_tier, case source when 'aws_main' then caller end
                as iam_principal, team, project, unit as billed_unit,
            sum(day_streams.amount) as billed_quantity,
            cast(sum(day_streams.amount) * any_value(tokens_per_unit) as decimal(28, 4)) as tokens,
            sum(day_streams.cost - if(source = 'aws_main', discount, 0)) as billed_cost
        from day_streams
        inner join streams using (stream_id)
        where token_model is not null
        group by all
        order by all
    """,
    "transfer_daily": """
        select
            usage_date, source, account_id as usage_account_id, path_class, from_region,
            to_region, usage_type, operation, resource_id, team, project,
            case when unit = 'GB' then sum(day_streams.amount) else 0 end as gigabytes,
            sum(day_streams.cost - if(source = 'aws_main', discount, 0)) as billed_cost
        from day_streams
        inner join streams using (stream_id)
        where path_class is not null
        group by usage_date, source, account_id, path_class, from_region, to_region, usage_type,
            operation, resource_id, team, project, unit
        order by all
    """,
    "split_nodes": """
        select
            months.month, node as parent_resource_id, sum(hours) as hours,
            sum(node_cost) as amortised_cost, sum(split_cost) as split_cost,
            sum(unused_cost) as unused_cost,
            sum(node_cost - split_cost - unused_cost) as remainder_cost
        from node_hours
        inner join months using (month_index)
        group by all
        order by all
    """,
    "runs": """
        select
            resource_id, source, usage_account_id, product_code, instance_type, project, team,
            model, experiment, phase, starting.hour_start as started_at,
            ending.hour_end as ended_by,
            case planted when 'failed_run' then 'failed' else 'completed' end as outcome,
            sum(amount) as machine_hours, sum(billed_cost) as billed_cost,
            sum(effective_cost) as effective_cost
        from stream_facts
        inner join hours as starting on starting.hour_index = from_hour
        inner join hours as ending on ending.hour_index = to_hour - 1
        where run_every is not null and variant = 'usage' and not is_node
        group by all
        order by all
    """,
    "assemblies": "select * from assemblies order by source, month, delivered_at",
    "accounts": "select * exclude (key) from accounts order by account_id",
    "projects": """
        select project, team, business_unit, cost_centre, model, experiment
        from projects
        inner join teams using (team)
        order by project
    """,
}


def write_truth(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write every subject as Parquet into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    con.execute(f"create or replace table stream_facts as {_STREAM_FACTS}")
    con.execute(f"create or replace table prepaid_truth as {_PREPAID}")
    con.execute(f"create or replace table commitments_truth as {_COMMITMENTS}")
    for subject, query in _SUBJECTS.items():
        con.execute(
            f"copy ({query}) to '{folder / subject}.parquet' (format parquet, compression zstd)"
        )
