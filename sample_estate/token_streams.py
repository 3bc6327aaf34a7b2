"""What AI vendors share: streams of calls to models by the day, and pages of their APIs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from sample_estate.company import team_of
from sample_estate.context import EstateContext, PlantedTotal
from sample_estate.engine import load_rows, read_facts


@dataclass(frozen=True)
class Stream:
    """One project's calls of one model: million input tokens on a working day, and what comes
    with them in percent. ``rows`` is how many delivered rows a day of it makes."""

    project: str
    model: str
    tier: str
    million_tokens: float
    rows: int
    cached_pct: int = 0
    write_pct: int = 0
    output_pct: int = 0
    geo: str = "global"
    is_default_group: bool = False


def chosen_streams(streams: Sequence[Stream], rows: int, days: int) -> list[tuple[int, Stream]]:
    """As many streams, first to last and then again under other keys, as make about ``rows``."""
    chosen: list[tuple[int, Stream]] = []
    left = rows
    replica = 0
    while left > 0:
        for stream in streams:
            if left <= 0:
                break
            chosen.append((replica, stream))
            left -= stream.rows * days
        replica += 1
    return chosen


def create_token_days(
    estate: EstateContext, vendor: str, streams: Sequence[tuple[int, Stream]]
) -> None:
    """Create ``token_days`` (one row per stream and day), ``prices`` and ``days``.

    A stream draws its tokens per day; weekends are quieter.
    """
    con = estate.con
    load_rows(
        con,
        "streams",
        {
            "stream": "integer",
            "replica": "integer",
            "project": "varchar",
            "model": "varchar",
            "tier": "varchar",
            "million_tokens": "double",
            "cached_pct": "integer",
            "write_pct": "integer",
            "output_pct": "integer",
            "geo": "varchar",
            "is_default_group": "boolean",
        },
        [{"stream": n, "replica": r} | vars(s) for n, (r, s) in enumerate(streams)],
    )
    load_rows(
        con,
        "days",
        {"day": "date", "month": "varchar", "month_index": "integer"},
        [
            {
                "day": str(month.start + timedelta(days=n)),
                "month": month.name,
                "month_index": month.index,
            }
            for month in estate.months
            for n in range((month.last_hour - month.first_hour) // 24)
        ],
    )
    load_rows(
        con,
        "prices",
        {
            "model": "varchar",
            "meter": "varchar",
            "tier": "varchar",
            "usd_per_million": "decimal(18,6)",
        },
        [row for row in read_facts("ai_vendor_token_prices.csv") if row["vendor"] == vendor],
    )
    con.execute(
        f"""
        create or replace table token_days as
        with drawn as (
            select
                streams.*, days.*,
                concat_ws('|', '{vendor}', stream, model, day) as key,
                case when isodow(day) > 5 then 0.4 else 1.0 end as weekday
            from streams cross join days
        ),
        called as (
            select
                *,
                cast(million_tokens * 1000000 * weekday * (700 + draw(key, 600)) / 1000 as bigint)
                    as input_tokens
            from drawn
        )
        select
            *,
            input_tokens * cached_pct // 100 + draw(key || 'c', 97) * sign(cached_pct)
                as cached_tokens,
            input_tokens * write_pct // 100 + draw(key || 'w', 89) * sign(write_pct)
                as write_tokens,
            input_tokens * output_pct // 100 + draw(key || 'o', 83) * sign(output_pct)
                as output_tokens,
            '{vendor}_' || project as group_key
        from called
        order by stream, day
        """
    )


def write_pages(
    rows: Iterable[tuple[date, str | None]],
    folder: Path,
    name: str,
    *,
    buckets: int,
    envelope: dict[str, Any],
    edges: tuple[str, str],
    bucket: dict[str, Any] | None = None,
    epoch: bool = False,
) -> None:
    """Write results (day, JSON text) as numbered pages of so many daily buckets.

    Days are taken as they come; a day with None has an empty bucket.
    """
    by_day: dict[date, list[str]] = defaultdict(list)
    for day, result in rows:
        by_day[day] += [] if result is None else [result]
    folder.mkdir(parents=True, exist_ok=True)
    days = sorted(by_day)
    for page, first in enumerate(range(0, len(days), buckets), start=1):
        more = first + buckets < len(days)
        texts = []
        for day in days[first : first + buckets]:
            start, end = (_edge(edge, epoch) for edge in (day, day + timedelta(days=1)))
            head = json.dumps({**(bucket or {}), edges[0]: start, edges[1]: end})
            texts.append(f'{head[:-1]}, "results": [{", ".join(by_day[day])}]}}')
        cursor = f"page_{name}_{page + 1:05d}" if more else None
        tail = json.dumps({"has_more": more, "next_page": cursor})
        head = json.dumps(envelope)[:-1] + (", " if envelope else "")
        text = f'{head}"data": [{", ".join(texts)}], {tail[1:]}\n'
        (folder / f"{name}-{page:05d}.json").write_text(text, encoding="utf-8")


def write_buckets(
    rows: Iterable[tuple[date, str]], path: Path, edges: tuple[str, str], *, epoch: bool = False
) -> None:
    """Write results as JSON Lines, one bucket with one result each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as lines:
        for day, result in rows:
            start, end = (_edge(edge, epoch) for edge in (day, day + timedelta(days=1)))
            head = json.dumps({edges[0]: start, edges[1]: end})
            lines.write(f'{head[:-1]}, "results": [{result}]}}\n')


def _edge(day: date, epoch: bool) -> Any:
    return (day - date(1970, 1, 1)).days * 86_400 if epoch else f"{day:%Y-%m-%d}T00:00:00Z"


def planted_totals(con: duckdb.DuckDBPyConnection, account: str) -> list[PlantedTotal]:
    """Totals of ``cost_rows`` (month, charge_kind, amount) by month and kind; nothing is amortised,
    so that both costs are the same."""
    found = con.execute(
        "select month, charge_kind, cast(sum(amount) as decimal(38,16)) from cost_rows "
        "group by all order by all"
    ).fetchall()
    return [
        PlantedTotal(month, account, "USD", kind, amount, amount) for month, kind, amount in found
    ]


def write_groups(estate: EstateContext, vendor: str) -> None:
    """``truth/<vendor>_groups.parquet``: which project or workspace is whose."""
    found = estate.con.execute(
        "select distinct group_id, project from token_groups order by all"
    ).fetchall()
    load_rows(
        estate.con,
        "groups_of_teams",
        {"group_id": "varchar", "project": "varchar", "team": "varchar"},
        [{"group_id": g, "project": p, "team": team_of(p).key} for g, p in found],
    )
    truth = estate.root / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    estate.con.execute(
        f"copy (from groups_of_teams order by all) to '{truth / f'{vendor}_groups.parquet'}' "
        "(format parquet, compression zstd)"
    )
