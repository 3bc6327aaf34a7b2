"""Servers and endpoints: vLLM on the serving machines and SageMaker's endpoints.

Counters of vLLM start again whenever a pod is restarted. One endpoint is warm and idle.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from sample_estate.context import DeliveredExport
from sample_estate.engine import literal

STEP_SECONDS = 900
#: A pod is restarted once in so many hours.
RESTART_HOURS = 29
SPIKE_FACTOR, SPIKE_FROM, SPIKE_TO = 6, 14, 17
MACHINES = 2
ENDPOINTS = "sagemaker_endpoints"

_HOURS = """
    create or replace table serving_hours as
    select distinct
        line_item_resource_id as resource_id,
        any_value(line_item_usage_account_id) as account,
        any_value(product_region_code) as region,
        any_value({tags}['user_model']) as model,
        date_trunc('hour', cast(line_item_usage_start_date as timestamp)) as hour_start
    from {bill} as bill
    where
        line_item_resource_id like '%:endpoint/%'
        or (
            line_item_resource_id like 'i-%' and line_item_usage_type like '%BoxUsage:%'
            and product_instance_type similar to '(g5|g6e|p4d|p5)\\..*'
            and {tags}['user_phase'] = 'inference'
        )
    group by line_item_resource_id, hour_start"""

# Two engines on each machine that serves all month; requests follow people.
_TICKS = f"""
    create or replace table ticks as
    with machines as (
        select
            resource_id, row_number() over (order by count(*) desc, resource_id) as machine,
            any_value(region) as region, coalesce(any_value(model), 'atlas-7b') as model
        from serving_hours where resource_id like 'i-%'
        group by resource_id
        order by machine limit {MACHINES}
    ),
    engines as (
        select
            resource_id, machine, machines.region, machines.model, hour_start,
            unnest([0, 1]) as engine,
            unnest(range({3600 // STEP_SECONDS})) as tick,
            strftime(hour_start, '%Y-%m') as month,
            hour_start >= date_trunc('day', max(hour_start) over ())
                and hour(hour_start) between {SPIKE_FROM} and {SPIKE_TO} as is_spike
        from serving_hours inner join machines using (resource_id)
    ),
    drawn as (
        select
            *,
            hour_start + to_seconds(tick * {STEP_SECONDS}) as started_at,
            cast(floor(
                (20 + draw(concat_ws('|', resource_id, engine, hour_start, tick), 30))
                * (1 - 0.45 * cos((hour(hour_start) - 4) * pi() / 12))
                * case when is_spike then {SPIKE_FACTOR} else 1 end
            ) as bigint) as asked
        from engines
    ),
    -- What is counted after the last scrape of a month nobody sees.
    seen as (
        select
            * exclude (asked),
            case when lead(started_at) over pod is null then 0 else asked end as requests,
            lag(started_at) over pod is null
                or row_number() over pod % ({RESTART_HOURS} * {3600 // STEP_SECONDS}) = 0
                as is_start
        from drawn
        window pod as (partition by resource_id, engine, month order by started_at)
    )
    select
        *,
        requests * 900 as prompt_tokens, requests * 210 as cached_tokens,
        case model when 'embed-v3' then 0 else requests * 160 end as generated_tokens,
        requests // 40 as aborted,
        sum(case when is_start then 1 else 0 end) over (
            partition by resource_id, engine, month order by started_at
        ) as life
    from seen"""

#: Counters of vLLM, their label besides those of the engine, and what they count.
COUNTERS = (
    ("vllm:prompt_tokens_total", None, "prompt_tokens"),
    ("vllm:prefix_cache_hits_total", None, "cached_tokens"),
    ("vllm:generation_tokens_total", None, "generated_tokens"),
    ("vllm:request_success_total", "stop", "requests - aborted"),
    ("vllm:request_success_total", "abort", "aborted"),
    ("vllm:e2e_request_latency_seconds_sum", None, "requests * 2"),
)


def deliver(con: duckdb.DuckDBPyConnection, root: Path) -> list[DeliveredExport]:
    """Write counters of vLLM as samples, and answers of CloudWatch for SageMaker's endpoints."""
    bill = root / "exports" / "aws_main"
    reader = "read_parquet" if any(bill.rglob("*.parquet")) else "read_csv"
    suffix = "parquet" if reader == "read_parquet" else "csv.gz"
    source = f"{reader}({literal(f'{bill}/**/*.{suffix}')}, union_by_name = true)"
    tags = "resource_tags"
    if reader == "read_csv":
        tags = "cast(cast(resource_tags as json) as map(varchar, varchar))"
    con.execute(_HOURS.format(bill=source, tags=tags))
    con.execute(_TICKS)
    return [_write_counters(con, root), _write_endpoints(con, root)]


def _write_counters(con: duckdb.DuckDBPyConnection, root: Path) -> DeliveredExport:
    """A counter shows at a tick what was counted before it; a pod is restarted after the tick."""
    labels = "map {'model_name': model, 'engine': cast(engine as varchar), 'job': 'vllm'$reason}"
    counters = " union all ".join(
        f"""
        select
            epoch_ms(started_at) as timestamp, '{metric}' as metric,
            cast(coalesce(lag(counted) over pod, 0) as double) as value,
            {labels.replace("$reason", f", 'finished_reason': '{reason}'" if reason else "")}
                as labels,
            'serve-' || machine || '.ec2.internal' as node, 'serving' as namespace,
            'vllm-' || machine || '-' || engine as pod, month
        from (
            select *, sum({counted}) over (
                partition by resource_id, engine, month, life order by started_at
            ) as counted
            from ticks
        )
        window pod as (partition by resource_id, engine, month order by started_at)"""
        for metric, reason, counted in COUNTERS
    )
    folder = root / "usage" / "serving"
    folder.mkdir(parents=True)
    con.execute(f"""
        create or replace table serving_samples as
        {counters}
        union all
        select
            epoch_ms(min(started_at)), 'kube_node_info', 1,
            map {{'provider_id': 'aws:///' || any_value(region) || 'a/' || resource_id}},
            'serve-' || machine || '.ec2.internal', null, null, month
        from ticks group by resource_id, machine, month""")
    written = 0
    for (month,) in con.execute("select distinct month from serving_samples order by 1").fetchall():
        written += con.execute(
            f"copy (select * exclude (month) from serving_samples where month = '{month}' "
            f"order by all) to {literal(folder / f'{month}.parquet')} "
            "(format parquet, compression zstd)"
        ).fetchall()[0][0]
    # After a restart the first scrape shows what was counted since; nothing is lost.
    con.execute("""
        insert into planted by name
        select
            'serving' as source_name, 'server_metrics' as evidence_kind, hour_start,
            'aws' as provider, resource_id as resource_key, model as model_name,
            sum(requests) as requests, sum(aborted) as failed_requests,
            sum(prompt_tokens - cached_tokens) as input_tokens,
            sum(generated_tokens) as output_tokens, sum(cached_tokens) as cache_read_tokens
        from ticks group by all""")
    return DeliveredExport(
        "serving", "prometheus_samples", "./usage/serving/", int(written), section="telemetry"
    )


def _write_endpoints(con: duckdb.DuckDBPyConnection, root: Path) -> DeliveredExport:
    con.execute(f"""
        create or replace table endpoint_hours as
        select
            resource_id, split_part(resource_id, ':', 5) as account,
            split_part(resource_id, ':', 4) as region,
            split_part(resource_id, ':endpoint/', 2) as endpoint, hour_start,
            strftime(hour_start, '%Y-%m') as month,
            -- The endpoint of staging is warm and nobody asks.
            case when resource_id like '%/search-embed%' then 0 else
                400 + draw(resource_id || hour_start, 200)
                * case when hour_start >= date_trunc('day', max(hour_start) over ())
                    and hour(hour_start) between {SPIKE_FROM} and {SPIKE_TO}
                    then {SPIKE_FACTOR} else 1 end
            end as invocations,
            invocations // 100 as failed
        from serving_hours where resource_id like '%:endpoint/%'""")
    folder = root / "usage" / "sagemaker"
    folder.mkdir(parents=True)
    found = con.execute(
        "select endpoint, account, region, month, list(hour_start order by hour_start), "
        "list(invocations order by hour_start), list(failed order by hour_start) "
        "from endpoint_hours group by all order by all"
    ).fetchall()
    for endpoint, account, _, month, hours, invocations, failed in found:
        values = {
            "Invocations": invocations,
            "Invocation5XXErrors": failed,
            "ModelLatency": [count * 180_000 for count in invocations],
        }
        answer = _answer(endpoint, account, hours, values)
        (folder / f"{endpoint}-{month}.json").write_text(json.dumps(answer), encoding="utf-8")
    con.execute(f"""
        insert into planted by name
        select
            '{ENDPOINTS}' as source_name, 'endpoint_metrics' as evidence_kind, hour_start,
            'aws' as provider, resource_id as resource_key, sum(invocations) as requests,
            sum(failed) as failed_requests
        from endpoint_hours group by all""")
    return DeliveredExport(
        ENDPOINTS,
        "cloudwatch_endpoints",
        "./usage/sagemaker/",
        sum(3 * len(row[4]) for row in found),
        options={"region": "us-east-1"},
        section="usage",
    )


def _answer(
    endpoint: str, account: str, hours: list[datetime], values: dict[str, list[int]]
) -> dict[str, Any]:
    """What GetMetricData was asked and answered, as scripts keep them."""
    dimensions = [
        {"Name": "EndpointName", "Value": endpoint},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ]
    queries = [
        {
            "Id": f"m{number}",
            "AccountId": account,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": metric,
                    "Dimensions": dimensions,
                },
                "Period": 3600,
                "Stat": "Sum",
            },
        }
        for number, metric in enumerate(values)
    ]
    times = [f"{hour:%Y-%m-%dT%H:%M:%SZ}" for hour in hours]
    results = [
        {"Id": f"m{number}", "Label": metric, "Timestamps": times, "Values": counted}
        for number, (metric, counted) in enumerate(values.items())
    ]
    return {"MetricDataQueries": queries, "MetricDataResults": results}
