"""What comes with or after a month: late rows, corrections, taxes, rounding, and export times."""

from __future__ import annotations

from sample_estate.clock import Month
from sample_estate.context import EstateContext
from sample_estate.engine import literal
from sample_estate.gcp import streams as what
from sample_estate.gcp.rows import SELLERS, TAX_PCT

_INVOICE = ("C1D8-5E0A-B374", "Invoice")


def add_invoice_month(estate: EstateContext, month: Month) -> None:
    """Append the month's rows to ``gcp_bill`` with invoice month and export time.

    Storage of the last day is metered late: its rows are on the next month's invoice. Transfer of
    the last two days is exported three days late, so it comes with the next month's files.
    """
    con = estate.con
    is_last = month.index == len(estate.months) - 1
    month_text = f"{month.start:%Y%m}"
    following = f"{month.end:%Y%m}"
    con.execute(
        f"""
        insert into gcp_bill by name
        with timed as (
            select
                *,
                max(end_at) over () as last_at,
                sku = 'storage' and end_at > max(end_at) over () - interval 1 day as is_late_usage,
                sku in ('egress', 'interregion')
                    and end_at > max(end_at) over () - interval 2 day as is_late_export
            from gcp_rows
        )
        select
            * exclude (last_at, is_late_usage, is_late_export),
            case when is_late_usage and not {is_last} then '{following}' else '{month_text}' end
                as invoice_month,
            case
                when is_late_export and not {is_last} then last_at + interval 3 day
                else end_at + to_minutes(180 + draw(stream || '/' || hour_index, 240))
            end as exported_at,
            {month.index} as usage_index
        from timed
        """
    )
    if month.index > 0:
        _correct(estate, month, estate.months[month.index - 1])
    if estate.is_closed(month):
        _close(estate, month)


def _correct(estate: EstateContext, month: Month, before: Month) -> None:
    """A price correction of the month before: 3 % of the training GPUs, on this month's invoice."""
    estate.con.execute(
        f"""
        insert into gcp_bill by name
        select
            account, currency, rate, seller, project_id, project_number, project_name, folder,
            project_labels, labels, tags, service_id, service, sku_id, description, resource,
            collection, location, region, machine, cost_type, credits, usage_unit, pricing_unit,
            block, hour_index, 'correction' as kind,
            min(start_at) as start_at, max(end_at) as end_at,
            cast(-round(sum(cost) * 3 / 100, 6) as decimal(28, 6)) as cost,
            cast(-round(sum(cost) * 3 / 100, 6) as decimal(28, 6)) as list_cost,
            cast(-round(sum(cost) * 3 / 100, 6) as decimal(28, 6)) as default_cost,
            'PRICE_CORRECTION' as adjustment,
            '{month.start:%Y%m}' as invoice_month,
            cast({literal(month.start)} as timestamp) + interval 5 day as exported_at
        from (
            select * replace (0 as hour_index) from gcp_bill
            where
                usage_index = {before.index} and sku = 'h100_gpu' and cost_type = 'regular'
                and adjustment is null
        )
        group by all
        """
    )


def _close(estate: EstateContext, month: Month) -> None:
    """Tax, rounding and a goodwill adjustment, exported when the invoice is made."""
    for account, percent in TAX_PCT.items():
        currency = "EUR" if account == what.LAB_ACCOUNT else "USD"
        common = f"""
            {literal(account)} as account, '{currency}' as currency,
            cast({"0.92" if currency == "EUR" else "1"} as decimal(10, 4)) as rate,
            {literal(SELLERS[account])} as seller,
            {literal(_INVOICE[0])} as service_id, {literal(_INVOICE[1])} as service,
            cast({literal(month.start)} as timestamp) + interval 7 hour as start_at,
            cast({literal(month.end)} as timestamp) + interval 7 hour as end_at,
            '{month.start:%Y%m}' as invoice_month, 0 as hour_index,
            cast({literal(month.end)} as timestamp) + interval 2 day as exported_at
        """
        estate.con.execute(
            f"""
            insert into gcp_bill by name
            select
                {common}, 'tax' as kind, 'tax' as cost_type, 'A41C-02D7-E95B' as sku_id,
                'Tax' as description,
                cast(round(sum(cost + coalesce(list_sum([c.amount for c in credits]), 0))
                    * {percent} / 100, 2) as decimal(28, 6)) as cost
            from gcp_bill
            where account = {literal(account)} and invoice_month = '{month.start:%Y%m}'
            """
        )
        estate.con.execute(
            f"""
            insert into gcp_bill by name
            select
                {common}, 'rounding_error' as kind, 'rounding_error' as cost_type,
                'D07E-96B3-1F48' as sku_id, 'Rounding error' as description,
                cast(0.004217 as decimal(28, 6)) as cost
            """
        )
        if account == what.LAB_ACCOUNT:
            estate.con.execute(
                f"""
                insert into gcp_bill by name
                select
                    {common}, 'adjustment' as kind, 'adjustment' as cost_type,
                    'E8B2-5A0C-74D1' as sku_id, 'Goodwill credit note' as description,
                    'GENERAL_ADJUSTMENT' as adjustment, cast(-12.5 as decimal(28, 6)) as cost
                """
            )
