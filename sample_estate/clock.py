"""The months and hours an estate covers.

Every hour that may carry usage gets a dense ``hour_index``, so that resources live in half-open
index intervals and a chunk of work is a range of integers.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb


@dataclass(frozen=True)
class Month:
    """One billing month: name, first day, first day after it, and its window of hours."""

    index: int
    name: str
    start: date
    end: date
    first_hour: int
    last_hour: int

    @property
    def calendar_hours(self) -> int:
        """Hours of the whole calendar month, covered by the estate or not."""
        return (self.end - self.start).days * 24


def month_starts(start: str, months: int) -> list[date]:
    """Return the first days of ``months + 1`` months from ``start`` (YYYY-MM).

    Raises ValueError when ``start`` is not a month or ``months`` is below one.
    """
    try:
        year, number = (int(part) for part in start.split("-"))
        first = date(year, number, 1)
    except ValueError as error:
        raise ValueError(f"start must look like 2026-05, not {start!r}") from error
    if months < 1:
        raise ValueError("an estate needs at least one month")
    starts = []
    for offset in range(months + 1):
        serial = first.year * 12 + first.month - 1 + offset
        starts.append(date(serial // 12, serial % 12 + 1, 1))
    return starts


def plan_months(start: str, months: int, days: int | None) -> list[Month]:
    """Lay out the months; ``days`` limits each to its first days (small estates), None is all."""
    starts = month_starts(start, months)
    planned: list[Month] = []
    hour = 0
    for index in range(months):
        first, after = starts[index], starts[index + 1]
        covered = (after - first).days if days is None else min(days, (after - first).days)
        planned.append(Month(index, f"{first:%Y-%m}", first, after, hour, hour + covered * 24))
        hour += covered * 24
    return planned


def create_hours(con: duckdb.DuckDBPyConnection, months: list[Month]) -> None:
    """Create ``hours``: one row per hour the estate covers, and ``months``."""
    values = ", ".join(
        f"({m.index}, '{m.name}', timestamp '{m.start}', timestamp '{m.end}',"
        f" {m.first_hour}, {m.last_hour}, {m.calendar_hours})"
        for m in months
    )
    con.execute(
        f"""
        create or replace table months as
        select * from (values {values})
            as planned (
                month_index, month, month_start, month_end, first_hour, last_hour, calendar_hours
            )
        """
    )
    con.execute(
        r"""
        create or replace table hours as
        with indexed as (
            select
                months.month_index, months.month, months.month_start, months.calendar_hours,
                unnest(range(months.first_hour, months.last_hour)) as hour_index,
                months.first_hour
            from months
        ),
        timed as (
            select
                *,
                month_start + to_hours(hour_index - first_hour) as hour_start,
                month_start + to_hours(hour_index - first_hour + 1) as hour_end
            from indexed
        )
        select
            hour_index, month_index, month, calendar_hours, hour_start, hour_end,
            hour(hour_start) = 0 as is_midnight,
            isodow(hour_start) <= 5 and hour(hour_start) between 8 and 18 as is_business,
            -- Requests follow people: quiet at 04:00 UTC, busiest at 16:00, weekends at 60 %.
            cast(
                (1.0 - 0.45 * cos((hour(hour_start) - 4) * pi() / 12))
                * case when isodow(hour_start) <= 5 then 1.0 else 0.6 end
                as decimal(6, 4)
            ) as diurnal,
            strftime(hour_start, '%Y-%m-%dT%H:%M:%SZ') || '/'
            || strftime(hour_end, '%Y-%m-%dT%H:%M:%SZ') as hour_interval,
            strftime(hour_start, '%Y-%m-%dT00:00:00Z') || '/'
            || strftime(hour_start + interval 1 day, '%Y-%m-%dT00:00:00Z') as day_interval
        from timed
        order by hour_index
        """
    )


def delivered_on(month: Month, day: int, hour: int) -> str:
    """Return an export run's timestamp ``day`` days after the month's end, ISO 8601 with Z."""
    moment = month.end + timedelta(days=day)
    return f"{moment:%Y-%m-%d}T{hour:02d}:14:43.337Z"
