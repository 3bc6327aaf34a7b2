"""Halden AI's OpenAI organisation: costs and usage as saved from the admin API.

The first month's costs have no quantities (an older API), later ones state them. Planted: a credit
grant, a month with scale tier units and the usage that they pay for, free moderation, a model that
no price list knows, and one day whose usage was never saved (in a month that states quantities).
"""

from __future__ import annotations

from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.token_streams import (
    Stream,
    chosen_streams,
    create_token_days,
    planted_totals,
    write_buckets,
    write_groups,
    write_pages,
)

ORGANISATION = "org-HaldenAI7Qm2xT"
EDGES = ("start_time", "end_time")
NEW_MODEL = "gpt-5.9-preview"
#: Day of the second month whose usage nobody saved.
UNSAVED_DAY = 14

STREAMS = (
    Stream("assistant-prod", "gpt-5.4-2026-03-05", "standard", 42.0, 4, 180, 0, 22),
    Stream("assistant-eval", "gpt-4o-2024-08-06", "batch", 18.0, 3, 0, 0, 15),
    Stream("search-embed", "text-embedding-3-large", "standard", 310.0, 2),
    Stream("assistant-prod", "gpt-5.4-mini-2026-03-17", "standard", 65.0, 4, 90, 0, 30),
    Stream("search-ranker", "gpt-4o-mini-2024-07-18", "standard", 120.0, 4, 40, 0, 8),
    Stream("corpus-build", "gpt-4o-mini-2024-07-18", "batch", 240.0, 3, 0, 0, 35),
    Stream("lab-proteins", "o3-2025-04-16", "standard", 3.5, 4, 25, 0, 140),
    Stream("ml-platform", "gpt-4.1-2025-04-14", "standard", 6.0, 4, 60, 0, 20),
)


def deliver(estate: EstateContext) -> list[DeliveredExport]:
    """Write both exports; costs in pages of seven days, usage per day, month and endpoint."""
    days = sum((month.last_hour - month.first_hour) // 24 for month in estate.months)
    create_token_days(estate, "openai", chosen_streams(STREAMS, estate.rows, days))
    _create_costs(estate)
    _create_usage(estate)
    write_groups(estate, "openai")
    _write_costs(estate)
    _write_usage(estate)
    counted = estate.con.execute(
        "select (select count(*) from cost_rows), (select count(*) from usage_rows)"
    ).fetchone()
    options = {"account": ORGANISATION}
    return [
        DeliveredExport(
            "openai_costs",
            "openai_costs",
            "exports/openai_costs/",
            counted[0],
            planted_totals(estate.con, ORGANISATION),
            options,
        ),
        DeliveredExport(
            "openai_usage", "openai_usage", "exports/openai_usage/", counted[1], [], options
        ),
    ]


def _create_costs(estate: EstateContext) -> None:
    """``cost_rows``: one row per day, project, key and line item, as the costs endpoint groups."""
    last = len(estate.months) - 1
    estate.con.execute(
        f"""
        create or replace table calls as
        select
            'proj_' || base32_id(group_key, 24) as group_id,
            'key_' || base32_id(group_key || replica, 16) as key_id,
            -- The new model takes over a stream in the middle of the last month.
            case
                when month_index = {last} and model like 'gpt-5.4-2%' and day(day) > 15
                    then '{NEW_MODEL}'
                else model
            end as called_model,
            *
        from token_days;
        create or replace table token_groups as select distinct group_id, project from calls;
        create or replace table cost_rows as
        with items as (
            select *, 'input' as meter, 'input' as item, input_tokens as quantity from calls
            union all
            select *, 'cached_input', 'cached input', cached_tokens from calls
            union all
            select *, 'output', 'output', output_tokens from calls
        ),
        billed as (
            select
                items.*,
                -- A double holds 15 digits: 8 decimals leave room for millions of dollars.
                cast(round(items.quantity * prices.usd_per_million / 1000000, 8)
                    as decimal(18, 8)) as amount
            from items
            inner join prices
                on items.called_model = prices.model and items.meter = prices.meter
                and items.tier = prices.tier
            where items.quantity > 0
        )
        select
            month, month_index, day, 'usage' as charge_kind, group_id, key_id,
            called_model || case tier when 'batch' then ' batch' else '' end || ', ' || item
                as line_item,
            sum(quantity) as quantity, 'tokens' as unit, sum(amount) as amount
        from billed group by all
        union all
        -- Searches of the assistant: 10 dollars a thousand.
        select
            month, month_index, day, 'usage', group_id, key_id, 'web search tool calls',
            200 + draw(key || 's', 300), 'requests',
            cast((200 + draw(key || 's', 300)) / 100 as decimal(18, 8))
        from calls
        where stream = 0
        union all
        select
            month, month_index, day, 'credit', null, null, 'Credit grant, research programme',
            null, null, -250.00
        from days
        where month_index = 0 and day(day) = 10
        union all
        -- Three units a day for the assistant, bought for the second month.
        select
            month, month_index, day, 'commitment_fee', group_id, null,
            'gpt-5.4-2026-03-05, scale tier units', null, null, 3 * 66.00
        from calls
        where stream = 0 and month_index = 1
        """
    )


def _create_usage(estate: EstateContext) -> None:
    """``usage_rows``: what the usage endpoints count, by endpoint; input includes cached tokens."""
    estate.con.execute(
        f"""
        create or replace table usage_rows as
        with counted as (
            select
                month, month_index, day, group_id, key_id, called_model, tier,
                sum(input_tokens) as input_tokens, sum(cached_tokens) as cached_tokens,
                sum(output_tokens) as output_tokens
            from calls group by all
        )
        select
            month, month_index, day,
            case when called_model like 'text-embedding%' then 'embeddings' else 'completions' end
                as endpoint,
            group_id, key_id,
            case when called_model like 'text-embedding%'
                then json_object(
                    'object', 'organization.usage.embeddings.result',
                    'input_tokens', input_tokens, 'num_model_requests', input_tokens // 900,
                    'project_id', group_id, 'user_id', null, 'api_key_id', key_id,
                    'model', called_model)
                else json_object(
                    'object', 'organization.usage.completions.result',
                    'input_tokens', input_tokens + cached_tokens,
                    'input_cached_tokens', cached_tokens, 'output_tokens', output_tokens,
                    'num_model_requests', input_tokens // 2000,
                    'project_id', group_id, 'user_id', null, 'api_key_id', key_id,
                    'model', called_model, 'batch', tier = 'batch', 'service_tier', 'default')
            end as result
        from counted
        where not (month_index = 1 and day(day) = {UNSAVED_DAY}
            and called_model not like 'text-embedding%')
        union all
        -- What the scale tier units pay for: no cost row of its own.
        select
            month, month_index, day, 'completions', group_id, key_id, json_object(
                'object', 'organization.usage.completions.result',
                'input_tokens', input_tokens // 2, 'input_cached_tokens', 0,
                'output_tokens', output_tokens // 2, 'num_model_requests', input_tokens // 4000,
                'project_id', group_id, 'user_id', null, 'api_key_id', key_id,
                'model', called_model, 'batch', false, 'service_tier', 'scale')
        from calls
        where stream = 0 and month_index = 1 and day(day) <> {UNSAVED_DAY}
        union all
        select
            month, month_index, day, 'web_search_calls', group_id, key_id, json_object(
                'object', 'organization.usage.web_searches.result',
                'num_requests', 200 + draw(key || 's', 300), 'num_model_requests', 150,
                'project_id', group_id, 'user_id', null, 'api_key_id', key_id,
                'model', called_model)
        from calls
        where stream = 0
        union all
        -- Moderation is free.
        select
            month, month_index, day, 'moderations', group_id, key_id, json_object(
                'object', 'organization.usage.moderations.result',
                'input_tokens', input_tokens // 10, 'num_model_requests', input_tokens // 20000,
                'project_id', group_id, 'user_id', null, 'api_key_id', key_id,
                'model', 'omni-moderation-latest')
        from calls
        where stream = 0
        """
    )


def _write_costs(estate: EstateContext) -> None:
    folder = estate.export_folder("openai_costs")
    for month in estate.months:
        rows = estate.con.execute(
            """
            select day, json_object(
                'object', 'organization.costs.result',
                'amount', json_object(
                    'value', cast(cast(amount as varchar) as json), 'currency', 'usd'),
                'line_item', line_item, 'project_id', group_id, 'api_key_id', key_id,
                'quantity', case when month_index > 0 then quantity end,
                'quantity_unit', case when month_index > 0 and unit = 'tokens' then unit end)
            from cost_rows where month = ? order by all
            """,
            [month.name],
        ).fetchall()
        write_pages(
            rows,
            folder / month.name,
            "costs",
            buckets=7,
            envelope={"object": "page"},
            edges=EDGES,
            bucket={"object": "bucket"},
            epoch=True,
        )


def _write_usage(estate: EstateContext) -> None:
    """Completions as one page a day, as a nightly script saves them; the rest as JSON Lines."""
    folder = estate.export_folder("openai_usage")
    found = estate.con.execute(
        "select distinct month, endpoint from usage_rows order by all"
    ).fetchall()
    for month, endpoint in found:
        rows = estate.con.execute(
            "select day, cast(result as varchar) from usage_rows "
            "where month = ? and endpoint = ? order by all",
            [month, endpoint],
        ).fetchall()
        if endpoint != "completions":
            write_buckets(rows, folder / month / f"{endpoint}.jsonl", EDGES, epoch=True)
            continue
        for day in sorted({day for day, _ in rows}):
            write_pages(
                [row for row in rows if row[0] == day],
                folder / month,
                f"completions-{day:%Y%m%d}",
                buckets=1,
                envelope={"object": "page"},
                edges=EDGES,
                bucket={"object": "bucket"},
                epoch=True,
            )
