"""Model invocation logs of Bedrock: a few calls a day, whose tokens are those of the bill.

Calls that failed are in between, without tokens. Questions are in the logs, as they are when nobody
switched them off.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from sample_estate.context import DeliveredExport
from sample_estate.engine import literal

CALLS = 4
SOURCE = "bedrock_calls"

_CALLS = f"""
    create or replace table bedrock_calls as
    with ids(model, model_id) as (values
        ('Amazon Nova Pro', 'amazon.nova-pro-v1:0'),
        ('Amazon Nova Lite', 'amazon.nova-lite-v1:0'),
        ('Amazon Titan Text Embeddings V2', 'amazon.titan-embed-text-v2:0'),
        ('Claude Haiku 4.5', 'us.anthropic.claude-haiku-4-5-20251001-v1:0'),
        ('Claude Sonnet 4.5', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0')
    ),
    days as (
        select
            usage_date, usage_account_id as account, model_id, token_tier, iam_principal as arn,
            any_value(team) as team, any_value(project) as project,
            cast(round(sum(tokens) filter (token_kind = 'input')) as bigint) as input,
            cast(round(sum(tokens) filter (token_kind = 'output')) as bigint) as output,
            cast(round(sum(tokens) filter (token_kind = 'cache_read')) as bigint) as cache_read,
            cast(round(sum(tokens) filter (token_kind like 'cache_write%')) as bigint)
                as cache_write
        from read_parquet($tokens)
        inner join ids using (model)
        group by all
    ),
    calls as (
        select *, unnest(range({CALLS} + 1)) as call,
            concat_ws('|', usage_date, account, model_id, token_tier, arn) as key
        from days
    ),
    -- The last call has what division leaves; one call more fails on every fifth day or so.
    asked as (
        select
            *,
            call = {CALLS} as is_failed,
            usage_date + to_minutes(cast(draw(key || call, 1440) as integer)) as called_at
        from calls
        where call < {CALLS} or draw(key || 'failed', 5) = 0
    )
    select
        * exclude (input, output, cache_read, cache_write),
        case when not is_failed then {{}} end as tokens
    from asked"""


def _share(column: str) -> str:
    whole, part = f"{column} // {CALLS}", f"{column} % {CALLS}"
    return f"'{column}': {whole} + case when call = {CALLS} - 1 then {part} else 0 end"


def deliver(con: duckdb.DuckDBPyConnection, root: Path) -> list[DeliveredExport]:
    """Write the logs as Bedrock puts them into S3, a file per account and month."""
    tokens = root / "truth" / "tokens_daily.parquet"
    kinds = ("input", "output", "cache_read", "cache_write")
    shares = "{" + ", ".join(map(_share, kinds)) + "}"
    con.execute(_CALLS.replace("{}", shares).replace("$tokens", literal(tokens)))
    files = con.execute(
        "select distinct account, strftime(called_at, '%Y-%m') as month from bedrock_calls "
        "order by all"
    ).fetchall()
    for account, month in files:
        year, number = month.split("-")
        folder = root.joinpath(
            "usage", "bedrock", "AWSLogs", account, "BedrockModelInvocationLogs", "us-east-1",
            year, number, "01", "00",
        )  # fmt: skip
        folder.mkdir(parents=True)
        con.execute(
            f"""
            copy (
                select
                    'ModelInvocationLog' as "schemaType", '1.0' as "schemaVersion",
                    strftime(called_at, '%Y-%m-%dT%H:%M:%SZ') as timestamp,
                    account as "accountId", struct_pack(arn := arn) as identity,
                    'us-east-1' as region, uuid_id(key || call) as "requestId",
                    case when token_tier = 'batch' then 'CreateModelInvocationJob'
                        when model_id like '%embed%' then 'InvokeModel' else 'Converse' end
                        as operation,
                    model_id as "modelId",
                    case when is_failed then 'ThrottlingException' end as "errorCode",
                    case when model_id not like '%embed%'
                        then struct_pack(team := team, project := project) end
                        as "requestMetadata",
                    struct_pack(
                        "inputContentType" := 'application/json',
                        "inputBodyJson" := struct_pack(messages := [struct_pack(
                            "role" := 'user', "content" := 'How is patient ' || call || '?')]),
                        "inputTokenCount" := tokens.input,
                        "cacheReadInputTokenCount" := tokens.cache_read,
                        "cacheWriteInputTokenCount" := tokens.cache_write) as input,
                    struct_pack(
                        "outputContentType" := 'application/json',
                        "outputBodyJson" := struct_pack(text := 'Better than yesterday.'),
                        "outputTokenCount" := tokens.output) as output
                from bedrock_calls
                where account = '{account}' and strftime(called_at, '%Y-%m') = '{month}'
                order by called_at, key, call
            ) to {literal(folder / f"{year}{number}01T000000000Z_{account}.json.gz")}
            (format json, compression gzip)"""
        )
    con.execute(
        f"""
        insert into planted by name
        select
            '{SOURCE}' as source_name, 'api_log' as evidence_kind,
            date_trunc('hour', called_at) as hour_start, 'aws' as provider,
            model_id as model_name,
            case when token_tier = 'batch' then 'batch' when model_id like '%embed%' then 'invoke'
                else 'chat' end as request_class,
            arn as principal,
            case when model_id not like '%embed%' then team end as team,
            case when model_id not like '%embed%' then project end as project,
            count(*) as requests, count(*) filter (is_failed) as failed_requests,
            sum(tokens.input) as input_tokens, sum(tokens.output) as output_tokens,
            sum(tokens.cache_read) as cache_read_tokens,
            sum(tokens.cache_write) as cache_write_tokens
        from bedrock_calls group by all"""
    )
    written = con.execute("select count(*) from bedrock_calls").fetchall()[0][0]
    return [
        DeliveredExport(
            SOURCE, "bedrock_invocations", "./usage/bedrock/", int(written), section="usage"
        )
    ]
