"""Halden AI's Anthropic organisation: cost report (cents) and usage report of the admin API.

Planted: the default workspace without a name, inference kept in the US at a higher price, a
priority tier that the cost report leaves out, a promotional credit, and a model that no price list
knows. The usage report is grouped by API key, the cost report cannot be.
"""

from __future__ import annotations

from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.token_streams import (
    Stream,
    chosen_streams,
    create_token_days,
    planted_totals,
    write_groups,
    write_pages,
)

ORGANISATION = "8f3c1d52-6f0e-4b1c-9a77-51b0c4b7e2aa"
EDGES = ("starting_at", "ending_at")
NEW_MODEL = "claude-preview-next"

STREAMS = (
    Stream("assistant-prod", "claude-sonnet-4-6", "standard", 30.0, 7, 240, 12, 25),
    Stream("assistant-eval", "claude-haiku-4-5-20251001", "batch", 45.0, 3, 0, 0, 18),
    Stream(
        "ml-platform",
        "claude-opus-4-6",
        "standard",
        4.0,
        6,
        310,
        30,
        35,
        is_default_group=True,
    ),
    Stream("search-ranker", "claude-haiku-4-5-20251001", "standard", 80.0, 6, 60, 5, 10),
    Stream("lab-proteins", "claude-opus-4-6", "standard", 2.5, 6, 90, 10, 60, geo="us"),
)

#: Meters of the bill, the words of the API for them, and where their tokens come from.
METERS = (
    ("input", "uncached_input_tokens", "Input Tokens", "input_tokens"),
    ("cached_input", "cache_read_input_tokens", "Cache Read", "cached_tokens"),
    (
        "cache_write_5m_input",
        "cache_creation.ephemeral_5m_input_tokens",
        "5m Cache Write",
        "write_tokens",
    ),
    (
        "cache_write_1h_input",
        "cache_creation.ephemeral_1h_input_tokens",
        "1h Cache Write",
        "write_tokens // 4",
    ),
    ("output", "output_tokens", "Output Tokens", "output_tokens"),
)


def deliver(estate: EstateContext) -> list[DeliveredExport]:
    """Write both exports in pages of seven daily buckets."""
    days = sum((month.last_hour - month.first_hour) // 24 for month in estate.months)
    create_token_days(estate, "anthropic", chosen_streams(STREAMS, estate.rows, days))
    _create_costs(estate)
    _create_usage(estate)
    write_groups(estate, "anthropic")
    for table, export in (("cost_rows", "anthropic_cost"), ("usage_rows", "anthropic_usage")):
        folder = estate.export_folder(export)
        for month in estate.months:
            rows = estate.con.execute(
                f"select day, cast(result as varchar) from {table} where month = ? order by all",
                [month.name],
            ).fetchall()
            write_pages(
                rows,
                folder / month.name,
                export.removeprefix("anthropic_"),
                buckets=7,
                envelope={},
                edges=EDGES,
            )
    counted = estate.con.execute(
        "select (select count(*) from cost_rows), (select count(*) from usage_rows)"
    ).fetchone()
    options = {"account": ORGANISATION}
    return [
        DeliveredExport(
            "anthropic_cost",
            "anthropic_cost",
            "exports/anthropic_cost/",
            counted[0],
            planted_totals(estate.con, ORGANISATION),
            options,
        ),
        DeliveredExport(
            "anthropic_usage",
            "anthropic_usage",
            "exports/anthropic_usage/",
            counted[1],
            [],
            options,
        ),
    ]


def _create_costs(estate: EstateContext) -> None:
    """``cost_rows``: one row per day, workspace, model, class of tokens, tier and place."""
    last = len(estate.months) - 1
    metered = " union all ".join(
        f"select *, '{meter}' as meter, '{token_type}' as token_type, '{words}' as words, "
        f"{tokens} as quantity from calls"
        for meter, token_type, words, tokens in METERS
    )
    estate.con.execute(
        f"""
        create or replace table calls as
        select
            case when not is_default_group then 'wrkspc_01' || base32_id(group_key, 22) end
                as group_id,
            case
                when month_index = {last} and model = 'claude-sonnet-4-6' and day(day) > 18
                    then '{NEW_MODEL}'
                else model
            end as called_model,
            '0-200k' as context_window,
            *
        from token_days;
        create or replace table token_groups as
        select distinct coalesce(group_id, 'default') as group_id, project from calls;
        create or replace table cost_rows as
        with metered as ({metered}),
        -- Inference that stays in the US costs a tenth more.
        billed as (
            select
                metered.*,
                metered.quantity * prices.usd_per_million / 1000000
                * case geo when 'us' then 1.1 else 1.0 end as amount
            from metered
            inner join prices
                on metered.called_model = prices.model and metered.meter = prices.meter
                and metered.tier = prices.tier
            where metered.quantity > 0
        ),
        summed as (
            select
                month, month_index, day, group_id, called_model, tier, geo, context_window,
                token_type, words,
                cast(sum(amount) as decimal(18, 9)) as amount
            from billed group by all
        )
        select
            month, day, 'usage' as charge_kind, amount, json_object(
                'amount', rtrim(rtrim(cast(cast(amount * 100 as decimal(20, 7)) as varchar), '0'),
                    '.'),
                'currency', 'USD', 'cost_type', 'tokens', 'token_type', token_type,
                'description', called_model || ' Usage - ' || words, 'model', called_model,
                'service_tier', tier, 'context_window', context_window, 'inference_geo', geo,
                'workspace_id', group_id) as result
        from summed
        union all
        select
            month, day, 'usage', cast((40 + draw(key || 's', 60)) / 100 as decimal(18, 9)),
            json_object(
                'amount', cast(40 + draw(key || 's', 60) as varchar), 'currency', 'USD',
                'cost_type', 'web_search', 'token_type', null, 'description', 'Web Search Usage',
                'model', null, 'service_tier', null, 'context_window', null,
                'inference_geo', null, 'workspace_id', group_id)
        from calls
        where stream = 0
        union all
        select
            month, day, 'credit', -500.00, json_object(
                'amount', '-50000', 'currency', 'USD', 'cost_type', null, 'token_type', null,
                'description', 'Promotional credit', 'model', null, 'service_tier', null,
                'context_window', null, 'inference_geo', null, 'workspace_id', null)
        from days
        where month_index = 0 and day(day) = 12
        """
    )


def _create_usage(estate: EstateContext) -> None:
    """``usage_rows``: tokens per day, workspace, model, tier, place and API key; two keys share
    the work of the first stream."""
    estate.con.execute(
        """
        create or replace table usage_rows as
        with keyed as (
            select *, part, case when part = 0 and stream = 0 then 3 when stream = 0 then 7
                else 10 end as tenths
            from calls cross join (values (0), (1)) as parts(part)
            where part = 0 or stream = 0
        ),
        -- The second key takes what the first leaves, so that no token is lost in between.
        shared as (
            select
                *,
                case when stream = 0 and part = 1 then input_tokens - input_tokens * 3 // 10
                    else input_tokens * tenths // 10 end as uncached,
                case when stream = 0 and part = 1 then cached_tokens - cached_tokens * 3 // 10
                    else cached_tokens * tenths // 10 end as cached,
                case when part = 0 then write_tokens else 0 end as write_5m,
                case when part = 0 then write_tokens // 4 else 0 end as write_1h,
                case when part = 0 then output_tokens else 0 end as output,
                case when part = 0 and stream = 0 then 40 + draw(key || 's', 60) else 0 end
                    as searches,
                tier as used_tier
            from keyed
            union all by name
            -- The priority tier is paid for outside the cost report.
            select
                *, 0 as part, input_tokens // 3 as uncached, 0 as cached, 0 as write_5m,
                0 as write_1h, output_tokens // 3 as output, 0 as searches,
                'priority' as used_tier
            from calls
            where stream = 0 and month_index = 1
        )
        select
            month, day, json_object(
                'uncached_input_tokens', uncached, 'cache_read_input_tokens', cached,
                'cache_creation', json_object(
                    'ephemeral_5m_input_tokens', write_5m, 'ephemeral_1h_input_tokens', write_1h),
                'output_tokens', output,
                'server_tool_use', json_object('web_search_requests', searches),
                'model', called_model, 'workspace_id', group_id,
                'api_key_id', 'apikey_01' || base32_id(group_key || replica || part, 22),
                'account_id', null, 'service_account_id', null, 'service_tier', used_tier,
                'context_window', context_window, 'inference_geo', geo) as result
        from shared
        """
    )
