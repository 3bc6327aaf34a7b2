"""How many resources, and how many days a month, give the rows that were asked for."""

import math
from dataclasses import dataclass

import duckdb

from sample_estate.aws.streams import create_seeds
from sample_estate.clock import Month, create_hours, plan_months

# Savings Plan fees an hour, and fee, tax and discount rows a month, whatever the size.
PLAN_FEES_PER_HOUR = 4
FEES_PER_MONTH = 75


@dataclass(frozen=True)
class Plan:
    """The size of an estate: its months and how often everything that scales is repeated."""

    months: list[Month]
    replicas: int
    last_share_pct: int
    expected_rows: int


def plan_estate(con: duckdb.DuckDBPyConnection, rows: int, start: str, months: int) -> Plan:
    """Choose days a month and repetitions for about ``rows`` current rows of all AWS exports.

    Below the rows of one whole company (about 130,000 over three months) the months keep only
    their first days; above, the fleets are repeated. Raises ValueError below one row.
    """
    if rows < 1:
        raise ValueError("an estate needs at least one row")
    planned = plan_months(start, months, None)
    core, repeat = _expected(con, planned)
    if rows < core:
        days = min((m.end - m.start).days for m in planned)
        per_day = (core - FEES_PER_MONTH * months) / sum((m.end - m.start).days for m in planned)
        fitting = math.floor((rows - FEES_PER_MONTH * months) / (per_day * months))
        planned = plan_months(start, months, max(1, min(days, fitting)))
        core, repeat = _expected(con, planned)
    missing = max(0.0, rows - core)
    replicas, share = divmod(missing / repeat, 1)
    return Plan(planned, 1 + int(replicas), int(share * 100), int(core + missing))


def _expected(con: duckdb.DuckDBPyConnection, months: list[Month]) -> tuple[float, float]:
    """Return expected rows of the company as it is, and of one repetition of what scales."""
    create_hours(con, months)
    create_seeds(con, replicas=1, last_share_pct=100)
    counted = con.execute(
        f"""
        with counts as (
            select
                hour_index,
                sum(cast(is_business as integer)) over (order by hour_index) as business,
                sum(cast(is_midnight as integer)) over (order by hour_index) as daily
            from hours
        ),
        pod_rows as (
            select eks_cluster, count(*) - count(distinct pod) / 12.0 as rows
            from pods
            group by eks_cluster
        ),
        per_seed as (
            select
                seeds.replica, seeds.scales, seeds.sp, seeds.account, seeds.usage_type, seeds.zone,
                (1 + coalesce(pod_rows.rows, 0)) * presence_pct / 100.0
                * case calendar
                    when 'all' then to_hour - from_hour
                    when 'business' then ending.business - coalesce(starting.business, 0)
                    else ending.daily - coalesce(starting.daily, 0)
                end as rows
            from seeds
            inner join counts as ending on ending.hour_index = seeds.to_hour - 1
            left join counts as starting on starting.hour_index = seeds.from_hour - 1
            left join pod_rows using (eks_cluster)
        ),
        negations as (
            select count(*) as groups
            from (select distinct account, usage_type, zone, sp from per_seed where sp is not null)
        )
        select
            sum(rows) filter (replica = 0)
            + (select groups + {PLAN_FEES_PER_HOUR} from negations) * (select count(*) from hours)
            + {FEES_PER_MONTH} * (select count(*) from months),
            sum(rows) filter (replica = 1)
            + sum(rows) filter (replica = 0 and scales and account = 'lab') / 4
        from per_seed
        """
    ).fetchone()
    return float(counted[0]), float(counted[1])
