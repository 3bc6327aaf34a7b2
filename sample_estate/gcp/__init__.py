"""Google Cloud: the detailed billing export of two billing accounts, as files out of BigQuery."""

from __future__ import annotations

from sample_estate.context import DeliveredExport, EstateContext, PlantedTotal
from sample_estate.gcp import closing, files, rows
from sample_estate.gcp.streams import LAB_ACCOUNT, MAIN_ACCOUNT

#: Rows per hour of the estate where each row is one hour: commitments and what they cover, which
#: stay as they are, and everything else, which is repeated in larger estates.
FIXED_ROWS = 15
REPEATED_ROWS = 14
STEPS = (1, 2, 3, 4, 6, 8, 12, 24)

EXPORTS = (("gcp_main", MAIN_ACCOUNT, "jsonl.gz"), ("gcp_lab", LAB_ACCOUNT, "parquet"))

_BILL = """
    create or replace table gcp_bill as
    select *, cast(null as varchar) as invoice_month, cast(null as timestamp) as exported_at,
        cast(null as integer) as usage_index
    from gcp_rows limit 0
"""


def deliver(estate: EstateContext) -> list[DeliveredExport]:
    """Write both exports, one folder per month in which rows were exported, and say what is in
    them."""
    hours = sum(month.last_hour - month.first_hour for month in estate.months)
    wanted = max(estate.rows, 1)
    per_hour = wanted / hours
    step = next(
        (s for s in STEPS if (FIXED_ROWS + REPEATED_ROWS) / s <= per_hour * 1.15), STEPS[-1]
    )
    replicas = round((per_hour - FIXED_ROWS) / REPEATED_ROWS) if step == 1 else 1
    rows.load_streams(estate.con, max(1, replicas))
    for month in estate.months:
        rows.create_rows(estate, month, step)
        if month.index == 0:
            estate.con.execute(_BILL)
        closing.add_invoice_month(estate, month)
    _plan_deliveries(estate)
    delivered = []
    for name, account, file_format in EXPORTS:
        folder = estate.export_folder(name)
        months = estate.con.execute(
            "select distinct delivery from gcp_bill where account = ? order by 1", [account]
        ).fetchall()
        written = sum(
            files.write_delivery(estate, folder, account, month, file_format) for (month,) in months
        )
        delivered.append(
            DeliveredExport(
                name=name,
                kind="gcp_billing_export",
                location=f"./exports/{name}/",
                rows=written,
                totals=_planted(estate, account),
            )
        )
    return delivered


def _plan_deliveries(estate: EstateContext) -> None:
    """A row comes with the month in which it was exported; an open month has no later one."""
    last = estate.months[-1]
    latest = "null" if estate.is_closed(last) else f"'{last.name}'"
    estate.con.execute(
        f"""
        create or replace table gcp_bill as
        select
            *,
            least(strftime(exported_at, '%Y-%m'), coalesce({latest}, '9999-12')) as delivery
        from gcp_bill
        """
    )


def _planted(estate: EstateContext, account: str) -> list[PlantedTotal]:
    """What FOCUS has to hold of each invoice month, by kind of charge."""
    found = estate.con.execute(
        """
        with amounts as (
            select
                *,
                coalesce(list_sum([c.amount for c in credits if c.type in (
                    'SUSTAINED_USAGE_DISCOUNT', 'DISCOUNT')]), 0) as discount_cost,
                coalesce(list_sum([c.amount for c in credits if c.type in (
                    'PROMOTION', 'FREE_TIER')]), 0) as credit_cost,
                coalesce(list_sum([c.amount for c in credits if starts_with(
                    c.type, 'COMMITTED')]), 0) as cud_cost,
                coalesce(list_sum([c.amount for c in credits
                    if c.type = 'FEE_UTILIZATION_OFFSET']), 0) as fee_offset
            from gcp_bill where account = ?
        ),
        -- A fifth of GPU and SQL commitments is idle; cores and memory are used up.
        kinds as (
            select
                invoice_month, currency,
                case when kind in ('fee', 'flex_fee') then 'commitment_fee' else kind end as kind,
                case when flexible then 0 else cost + discount_cost + cud_cost end as billed,
                case
                    when kind in ('fee', 'flex_fee') or flexible then 0
                    else cost + discount_cost + cud_cost
                end as effective
            from amounts
            union all
            select invoice_month, currency, 'covered_usage', 0, cost from amounts where flexible
            union all
            select
                invoice_month, currency, 'covered_usage', 0,
                cost * case when sku in ('cud_gpu', 'cud_sql') then 0.8 else 1 end
            from amounts where kind = 'fee'
            union all
            select
                invoice_month, currency, 'unused_commitment', 0,
                case when kind = 'fee' then cost * 0.2 else cost + fee_offset end
            from amounts where kind = 'flex_fee' or sku in ('cud_gpu', 'cud_sql')
            union all
            select invoice_month, currency, 'credit', credit_cost, credit_cost
            from amounts where credit_cost <> 0
        )
        select
            invoice_month, currency, kind, cast(sum(billed) as decimal(38, 8)),
            cast(sum(effective) as decimal(38, 8))
        from kinds group by all order by all
        """,
        [account],
    ).fetchall()
    return [
        PlantedTotal(f"{month[:4]}-{month[4:]}", account, currency, kind, billed, effective)
        for month, currency, kind, billed, effective in found
    ]
