"""Turns streams into billing rows: quantities, prices, costs and credits, month by month."""

from __future__ import annotations

import duckdb

from sample_estate.clock import Month
from sample_estate.context import EstateContext
from sample_estate.engine import load_rows, read_facts
from sample_estate.gcp import streams as what

#: Two accounts: the company's own in dollars, the lab's through the Irish entity in euros.
EURO_RATE = "0.92"
NEGOTIATED = ("h100", "vertex", "gemini")
TAX_PCT = {what.MAIN_ACCOUNT: 8, what.LAB_ACCOUNT: 19}
SELLERS = {what.MAIN_ACCOUNT: "Google LLC", what.LAB_ACCOUNT: "Google Cloud EMEA Limited"}

_STREAM_COLUMNS = {
    "stream": "integer",
    "sku": "varchar",
    "account": "varchar",
    "project_id": "varchar",
    "project_number": "varchar",
    "project_name": "varchar",
    "folder": "varchar",
    "project_labels": "struct(key varchar, value varchar)[]",
    "resource": "varchar",
    "collection": "varchar",
    "per_hour": "decimal(18, 9)",
    "schedule": "varchar",
    "location": "varchar",
    "region": "varchar",
    "machine": "varchar",
    "labels": "struct(key varchar, value varchar)[]",
    "tags": "struct(key varchar, value varchar)[]",
    "covered_by": "varchar",
    "covered_type": "varchar",
    "covered_pct": "integer",
    "flexible": "boolean",
    "discount_pct": "integer",
    "credit": "varchar",
    "credit_pct": "integer",
    "kind": "varchar",
    "subscription": "varchar",
    "seller": "varchar",
    "currency": "varchar",
    "rate": "decimal(10, 4)",
    "negotiated_pct": "integer",
}
_SKU_COLUMNS = {
    "key": "varchar",
    "service_id": "varchar",
    "service": "varchar",
    "sku_id": "varchar",
    "description": "varchar",
    "usage_unit": "varchar",
    "pricing_unit": "varchar",
    "block": "bigint",
    "list_usd": "decimal(18, 6)",
}


def load_streams(con: duckdb.DuckDBPyConnection, replicas: int) -> None:
    """Create ``gcp_streams`` and ``gcp_skus``; resources are repeated ``replicas`` times."""
    load_rows(con, "gcp_skus", _SKU_COLUMNS, read_facts("gcp_skus.csv"))
    load_rows(
        con,
        "gcp_streams",
        _STREAM_COLUMNS,
        [
            _stream_row(position * 1000 + replica, replica, stream)
            for position, stream in enumerate(what.streams())
            # Commitments and what they cover stay one: their balance is planted.
            for replica in range(1 if stream.covered_by or "fee" in stream.kind else replicas)
        ],
    )


def _stream_row(number: int, replica: int, stream: what.Stream) -> dict[str, object]:
    project = what.PROJECTS[stream.project] if stream.project else None
    is_lab = stream.account == what.LAB_ACCOUNT
    suffix = f"-r{replica}" if replica else ""
    return {
        "stream": number,
        "sku": stream.sku,
        "account": stream.account,
        "project_id": project and project.project_id,
        "project_number": project and project.number,
        "project_name": project and project.name,
        "folder": project and project.folder,
        "project_labels": _pairs(project.labels) if project else [],
        "resource": stream.resource and stream.resource + suffix,
        "collection": stream.collection,
        "per_hour": f"{stream.per_hour:.9f}",
        "schedule": stream.schedule,
        "location": stream.location,
        "region": _region(stream.location),
        "machine": stream.machine,
        "labels": _pairs(stream.labels),
        "tags": _pairs(stream.tags),
        "covered_by": stream.covered_by and stream.covered_by[0],
        "covered_type": stream.covered_by and stream.covered_by[1],
        "covered_pct": stream.covered_by and stream.covered_by[2],
        # Only the first machine fits into the flexible commitment.
        "flexible": stream.flexible and replica == 0,
        "discount_pct": stream.discount_pct,
        "credit": stream.credit and stream.credit[0],
        "credit_pct": stream.credit and stream.credit[1],
        "kind": stream.kind,
        "subscription": stream.subscription,
        "seller": stream.seller or SELLERS[stream.account],
        "currency": "EUR" if is_lab else "USD",
        "rate": EURO_RATE if is_lab else "1",
        "negotiated_pct": 5 if stream.sku.startswith(NEGOTIATED) else 0,
    }


def _region(location: str) -> str | None:
    """`us-central1` of the zone `us-central1-a`; multi-regions and global have none."""
    if location.count("-") == 2:
        return location[:-2]
    return location if "-" in location else None


def _pairs(labels: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in labels]


def create_rows(estate: EstateContext, month: Month, step: int) -> None:
    """Create ``gcp_rows``: the month's usage and fees, ``step`` hours a row (a day for daily)."""
    # A month begins at midnight in Pacific time.
    shift = 8 if month.start.month in (12, 1, 2, 3) else 7
    estate.con.execute(
        f"""
        create or replace table gcp_slots as
        select
            hour_index, hour_start + to_hours({shift}) as start_at, slot_hours, is_daily,
            least({month.last_hour} - hour_index, slot_hours) as hours,
            (hour_index - {month.first_hour}) // 24 as day_number
        from hours
        cross join (values ({step}, false), (24, true)) as kinds (slot_hours, is_daily)
        where
            month_index = {month.index}
            and (hour_index - {month.first_hour}) % slot_hours = 0
        """
    )
    estate.con.execute(
        """
        create or replace table gcp_usage as
        with used as (
            select
                streams.*, skus.service_id, skus.service, skus.sku_id, skus.description,
                skus.usage_unit, skus.pricing_unit, skus.block, slots.start_at,
                slots.start_at + to_hours(slots.hours) as end_at, slots.hour_index,
                cast(
                    per_hour * hours
                    -- Requests differ from day to day, machines do not.
                    * case when is_daily then 80 + draw(sku || hour_index, 41) else 100 end / 100
                    as decimal(28, 6)
                ) as quantity,
                cast(list_usd * rate as decimal(18, 9)) as list_price,
                cast(list_usd * rate * (100 - negotiated_pct) / 100 as decimal(18, 9))
                    as default_price
            from gcp_streams as streams
            inner join gcp_skus as skus on streams.sku = skus.key
            inner join gcp_slots as slots
                on
                    (streams.schedule = 'daily') = slots.is_daily
                    and case streams.schedule
                        when 'runs' then slots.day_number % 3 <> 2
                        when 'business' then hour(slots.start_at - interval 7 hour) between 8 and 19
                            and isodow(slots.start_at - interval 7 hour) <= 5
                        else true
                    end
        ),
        priced as (
            select
                *,
                cast(default_price * case when flexible then 0.72 else 1 end as decimal(18, 9))
                    as price,
                cast(round(list_price * quantity / block, 6) as decimal(28, 6)) as list_cost,
                cast(round(default_price * quantity / block, 6) as decimal(28, 6)) as default_cost
            from used
        )
        select
            *,
            case
                when flexible then cast(round(price * quantity / block, 6) as decimal(28, 6))
                else default_cost
            end as cost
        from priced
        """
    )
    estate.con.execute(
        """
        create or replace table gcp_rows as
        with offsets as (
            select hour_index, -sum(cost) as offset_amount
            from gcp_usage where flexible group by hour_index
        ),
        amounts as (
            select
                usage.*,
                coalesce(-cast(cost * covered_pct / 100 as decimal(28, 8)), 0) as covered_amount,
                -cast(round(cost * discount_pct / 100, 6) as decimal(28, 8)) as discount_amount,
                coalesce(-cast(round(cost * credit_pct / 100, 6) as decimal(28, 8)), 0)
                    as credit_amount,
                case when kind = 'flex_fee' then coalesce(offset_amount, 0) else 0 end
                    as offset_amount
            from gcp_usage as usage
            left join offsets using (hour_index)
        )
        select
            *,
            cast('regular' as varchar) as cost_type,
            cast(null as varchar) as adjustment,
            [
                entry for entry in [
                    {
                        'name': 'Committed use discount', 'amount': covered_amount,
                        'full_name': 'Committed use discount',
                        'id': case when covered_type like '%DOLLAR%' then covered_by else '' end,
                        'type': covered_type
                    },
                    {
                        'name': 'Spending based discount', 'amount': discount_amount,
                        'full_name': 'Spending based discount', 'id': '', 'type': 'DISCOUNT'
                    },
                    {
                        'name': case credit
                            when 'sud' then 'Sustained Usage Discount'
                            when 'free_tier' then 'Monthly free tier'
                            else 'Research grant 2026'
                        end,
                        'amount': credit_amount, 'full_name': '',
                        'id': case credit when 'promotion' then 'grant-2026-114' else '' end,
                        'type': case credit
                            when 'sud' then 'SUSTAINED_USAGE_DISCOUNT'
                            when 'free_tier' then 'FREE_TIER'
                            else 'PROMOTION'
                        end
                    },
                    {
                        'name': 'Fee utilization offset', 'amount': offset_amount,
                        'full_name': '', 'id': subscription, 'type': 'FEE_UTILIZATION_OFFSET'
                    }
                ] if entry.amount <> 0
            ] as credits
        from amounts
        """
    )
