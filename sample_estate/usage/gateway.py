"""A LiteLLM gateway before OpenAI and Anthropic: its spend logs, and where it is wrong.

Tokens are those that the vendors report, less what goes to them directly (scale and priority
tiers). Four faults are planted on known days: calls that were never logged, cached tokens reckoned
at the full rate, an old price of one model, and a team whose costs are in euros.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from sample_estate.context import DeliveredExport
from sample_estate.engine import FACTS, literal

SOURCE = "litellm"
CALLS = 4
STALE_MODEL, STALE_FACTOR = "gpt-4o-mini-2024-07-18", 1.5
EURO_TEAM, EUROS_PER_DOLLAR = "platform", 0.92

_USAGE = """
    create or replace table vendor_usage as
    select
        'openai' as provider, model, cast(make_timestamp(start_time * 1000000) as date) as day,
        project_id as group_id, api_key_id as credential,
        case when object like '%embeddings%' then 'embedding' else 'chat' end as class,
        case when batch then 'batch' else 'standard' end as tier, 1.0 as geo_factor,
        coalesce(input_tokens, 0) - coalesce(input_cached_tokens, 0) as input,
        coalesce(input_cached_tokens, 0) as cached, 0 as written_5m, 0 as written_1h,
        coalesce(output_tokens, 0) as output
    from (
        select start_time, unnest(results, recursive := true)
        from (
            select unnest(data, recursive := true)
            from read_json({pages}, columns = {{data: 'STRUCT(start_time BIGINT,
                results STRUCT(object VARCHAR, model VARCHAR, project_id VARCHAR,
                    api_key_id VARCHAR, batch BOOLEAN, service_tier VARCHAR, input_tokens BIGINT,
                    input_cached_tokens BIGINT, output_tokens BIGINT)[])[]'}})
            union all
            from read_json({lines}, columns = {{start_time: 'BIGINT',
                results: 'STRUCT(object VARCHAR, model VARCHAR, project_id VARCHAR,
                    api_key_id VARCHAR, batch BOOLEAN, service_tier VARCHAR, input_tokens BIGINT,
                    input_cached_tokens BIGINT, output_tokens BIGINT)[]'}})
        )
    )
    where coalesce(service_tier, 'default') <> 'scale' and model is not null
    union all
    select
        'anthropic', model, cast(starting_at as date), coalesce(workspace_id, 'default'),
        api_key_id, 'chat', service_tier, case inference_geo when 'us' then 1.1 else 1.0 end,
        uncached_input_tokens, cache_read_input_tokens, ephemeral_5m_input_tokens,
        ephemeral_1h_input_tokens, output_tokens
    from (
        select starting_at, unnest(results, recursive := true)
        from (
            select unnest(data, recursive := true)
            from read_json({anthropic}, columns = {{data: 'STRUCT(starting_at TIMESTAMP,
                results STRUCT(uncached_input_tokens BIGINT, cache_read_input_tokens BIGINT,
                    cache_creation STRUCT(ephemeral_5m_input_tokens BIGINT,
                        ephemeral_1h_input_tokens BIGINT),
                    output_tokens BIGINT, model VARCHAR, workspace_id VARCHAR, api_key_id VARCHAR,
                    service_tier VARCHAR, inference_geo VARCHAR)[])[]'}})
        )
    )
    where service_tier <> 'priority'"""

_PRICED = """
    create or replace table priced as
    pivot (
        select vendor as provider, model, tier, meter, usd_per_million
        from read_csv({facts}, types = {{'usd_per_million': 'DECIMAL(18,6)'}})
    )
    on meter in ('input', 'cached_input', 'cache_write_5m_input', 'cache_write_1h_input', 'output')
    using any_value(usd_per_million) group by provider, model, tier"""

# A day of a project, model and key is a few calls; the last has what division leaves.
_CALLS = f"""
    create or replace table gateway_calls as
    with days as (
        select day, row_number() over (order by day) - 1 as number, count(*) over () as days
        from (select distinct day from vendor_usage)
    ),
    faulty as (
        select
            day,
            number = 1 as has_gap,
            number = 2 as ignores_cache,
            number in (days // 3, days // 3 + 1) and number > 2 as is_stale,
            number = days - 2 and number > 2 as in_euros
        from days
    ),
    grouped as (
        select
            usage.* exclude (input, cached, written_5m, written_1h, output), groups.project,
            groups.team, faulty.* exclude (day),
            struct_pack(input := sum(input), cached := sum(cached),
                written_5m := sum(written_5m), written_1h := sum(written_1h),
                output := sum(output)) as tokens,
            concat_ws('|', provider, model, usage.day, usage.group_id, credential, class, tier,
                geo_factor) as key
        from vendor_usage as usage
        inner join groups on usage.group_id = groups.group_id
        inner join faulty on usage.day = faulty.day
        group by all
    ),
    calls as (select *, unnest(range({CALLS})) as call from grouped),
    shared as (
        select
            * replace (struct_pack({
    ", ".join(
        f"{kind} := tokens.{kind} // {CALLS} + "
        f"case when call = {CALLS} - 1 then tokens.{kind} % {CALLS} else 0 end"
        for kind in ("input", "cached", "written_5m", "written_1h", "output")
    )
}) as tokens),
            day + to_minutes(cast(draw(key || call, 1430) as integer)) as started_at
        from calls
    ),
    reckoned as (
        select
            shared.*,
            prices.* exclude (provider, model, tier),
            geo_factor * (
                tokens.input * prices.input + tokens.cached * coalesce(prices.cached_input, 0)
                + tokens.written_5m * coalesce(prices.cache_write_5m_input, 0)
                + tokens.written_1h * coalesce(prices.cache_write_1h_input, 0)
                + tokens.output * coalesce(prices.output, 0)
            ) / 1000000 as right_cost,
            case
                when is_stale and shared.model = '{STALE_MODEL}' then 'stale_price'
                when ignores_cache and tokens.cached > 0 and shared.provider = 'anthropic'
                    then 'cache_at_full_rate'
                when has_gap and shared.provider = 'openai' and call % 2 = 0
                    then 'missing_requests'
                when in_euros and team = '{EURO_TEAM}' then 'other_currency'
            end as fault
        from shared
        inner join priced as prices
            on shared.provider = prices.provider and shared.model = prices.model
            and shared.tier = prices.tier
    )
    select
        *,
        cast(case fault
            when 'stale_price' then right_cost * {STALE_FACTOR}
            when 'cache_at_full_rate' then
                right_cost + geo_factor * tokens.cached * (input - cached_input) / 1000000
            when 'other_currency' then right_cost * {EUROS_PER_DOLLAR}
            when 'missing_requests' then 0
            else right_cost
        end as decimal(18, 10)) as stated_cost,
        case fault when 'stale_price' then {STALE_FACTOR} else 1.0 end * geo_factor as price_factor
    from reckoned"""

TABLE = """
    create table "LiteLLM_SpendLogs" (
        request_id text primary key, call_type text not null, api_key text not null,
        spend real not null, total_tokens integer, prompt_tokens integer,
        completion_tokens integer, "startTime" text not null, "endTime" text not null,
        request_duration_ms integer, model text not null, model_id text, model_group text,
        custom_llm_provider text, api_base text, "user" text, metadata text, cache_hit text,
        request_tags text, team_id text, organization_id text, end_user text, messages text,
        response text, proxy_server_request text, session_id text, status text
    )"""


def deliver(con: duckdb.DuckDBPyConnection, root: Path) -> list[DeliveredExport]:
    """Write the gateway's store; nothing where neither vendor is billed."""
    openai, anthropic = root / "exports" / "openai_usage", root / "exports" / "anthropic_usage"
    groups = [root / "truth" / f"{vendor}_groups.parquet" for vendor in ("openai", "anthropic")]
    if not (openai.exists() and anthropic.exists()):
        return []
    con.execute(
        _USAGE.format(
            pages=literal(f"{openai}/*/completions-*.json"),
            lines=literal(f"{openai}/*/embeddings.jsonl"),
            anthropic=literal(f"{anthropic}/*/usage-*.json"),
        )
    )
    con.execute(
        "create or replace table groups as from read_parquet("
        f"[{', '.join(literal(path) for path in groups)}])"
    )
    con.execute(_PRICED.format(facts=literal(FACTS / "ai_vendor_token_prices.csv")))
    con.execute(_CALLS)
    written = _write_store(con, root / "usage" / "litellm.db")
    _write_truth(con, root)
    return [
        DeliveredExport(
            SOURCE, "litellm_spend_logs", "sqlite:///usage/litellm.db", written, section="usage"
        )
    ]


def _write_store(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    answer = con.execute(
        "select *, uuid_id(key || call) as request_id, epoch_ms(started_at) as started "
        "from gateway_calls where fault is distinct from 'missing_requests' "
        "order by started_at, request_id"
    )
    names = [column[0] for column in answer.description]
    calls = [_logged(dict(zip(names, row, strict=True))) for row in answer.fetchall()]
    with closing(sqlite3.connect(path)) as store:
        store.execute(TABLE)
        marks = ", ".join(f":{name}" for name in calls[0])
        columns = ", ".join(f'"{name}"' for name in calls[0])
        store.executemany(f'insert into "LiteLLM_SpendLogs" ({columns}) values ({marks})', calls)
        store.commit()
    return len(calls)


def _logged(call: dict[str, Any]) -> dict[str, Any]:
    """The row of a call, as the gateway writes it: prompts count what was cached."""
    tokens = call["tokens"]
    written = tokens["written_5m"] + tokens["written_1h"]
    prompt = tokens["input"] + tokens["cached"] + written
    price = {
        name: float(call[meter]) * float(call["price_factor"]) / 1e6
        for name, meter in (
            ("input_cost_per_token", "input"),
            ("output_cost_per_token", "output"),
            ("cache_read_input_token_cost", "cached_input"),
        )
        if call[meter] is not None
        and not (meter == "cached_input" and call["fault"] == "cache_at_full_rate")
    }
    metadata: dict[str, Any] = {
        "user_api_key_alias": call["credential"],
        "user_api_key_team_alias": call["team"],
        "usage_object": {
            "prompt_tokens": prompt,
            "prompt_tokens_details": {"cached_tokens": tokens["cached"]},
            "cache_creation_input_tokens": written,
            "service_tier": call["tier"],
        },
        "model_map_information": {"model_map_value": price},
    }
    if call["fault"] == "other_currency":
        metadata["spend_logs_metadata"] = {"currency": "EUR"}
    started = call["started_at"]
    return {
        "request_id": call["request_id"],
        "call_type": "aembedding" if call["class"] == "embedding" else "acompletion",
        "api_key": call["credential"],
        "spend": float(call["stated_cost"]),
        "total_tokens": prompt + tokens["output"],
        "prompt_tokens": prompt,
        "completion_tokens": tokens["output"],
        "startTime": f"{started:%Y-%m-%d %H:%M:%S}.000",
        "endTime": f"{started:%Y-%m-%d %H:%M}:59.000",
        "request_duration_ms": 59_000,
        "model": call["model"],
        "model_group": call["model"].split("-20")[0],
        "custom_llm_provider": call["provider"],
        "user": f"svc-{call['project']}",
        "metadata": json.dumps(metadata),
        "cache_hit": "False",
        "request_tags": json.dumps([f"project:{call['project']}", "User-Agent: python"]),
        "team_id": f"team-{call['team']}",
        "messages": json.dumps([{"role": "user", "content": "How is the patient?"}]),
        "response": json.dumps({"content": "Better than yesterday."}),
        "status": "success",
    }


def _write_truth(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    con.execute(f"""
        insert into planted by name
        select
            '{SOURCE}' as source_name, 'gateway' as evidence_kind,
            date_trunc('hour', started_at) as hour_start, provider, model as model_name,
            class as request_class, 'svc-' || project as principal, team, project,
            count(*) as requests, 0 as failed_requests, sum(tokens.input) as input_tokens,
            sum(tokens.output) as output_tokens, sum(tokens.cached) as cache_read_tokens,
            sum(tokens.written_5m + tokens.written_1h) as cache_write_tokens,
            sum(stated_cost) as stated_cost,
            case fault when 'other_currency' then 'EUR' else 'USD' end as stated_currency
        from gateway_calls where fault is distinct from 'missing_requests' group by all""")
    con.execute(f"""
        copy (
            select
                day as usage_date, provider, model, fault, count(*) as requests,
                cast(sum(right_cost) as decimal(18, 8)) as right_cost,
                cast(sum(stated_cost) as decimal(18, 8)) as stated_cost,
                case fault when 'other_currency' then 'EUR' else 'USD' end as stated_currency
            from gateway_calls where fault is not null group by all order by all
        ) to {literal(root / "truth" / "gateway_faults.parquet")} (format parquet)""")
