"""Requests of any log, gateway or tool land in one shape, and what was asked lands nowhere."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.landing.bills import rows, write_csv
from tests.landing.inventories import write
from tests.landing.runs import postgres
from tests.landing.usage import (
    OBJECTS,
    SECRET,
    bedrock,
    copy_calls_to_postgres,
    litellm_store,
    s3_inventory,
    spans,
    throttled,
)

TOKENS = "input_tokens, output_tokens, cache_read_tokens, cache_write_tokens"


@pytest.fixture
def landed(house):
    """A house with a bill of June, and room for logs."""
    write_csv(house.folder / "bill" / "2026-06.csv", rows("2026-06"))
    return house.export("bill", "aws_cur_2", "./bill")


def everything(folder: Path) -> bytes:
    """All bytes below a folder, with what Parquet files hold written out."""
    found = b""
    for path in folder.rglob("*"):
        if path.is_file():
            found += path.read_bytes()
            if path.suffix == ".parquet":
                found += repr(duckdb.sql(f"from '{path}'").fetchall()).encode()
    return found


def requests(house: Any, columns: str) -> list[tuple[Any, ...]]:
    return house.query(f"select {columns} from raw_usage.requests order by request_id")


def ints(row: tuple[Any, ...]) -> tuple[int | None, ...]:
    return tuple(None if value is None else int(value) for value in row)


LOG = "b/AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/2026/06/06/01"


def test_a_failed_call_of_bedrock_has_no_tokens_and_is_a_call(landed):
    profile = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"
    lines = [*map(json.dumps, [bedrock(1), throttled(2), bedrock(3, modelId=profile)])]
    text = "\n".join([lines[0], f"no json: {SECRET}", *lines[1:]]) + "\n"
    write(landed.folder / LOG / "20260601T000000000Z_ab12.json.gz", text)
    # Long bodies lie beside the logs.
    write(landed.folder / LOG / "data" / "r1_input.json.gz", {"body": SECRET})
    landed.listed("usage", "calls", "bedrock_invocations", "./b")
    assert not landed.land().refusals
    found = requests(landed, f"requests, failed_requests, {TOKENS}")
    assert [*map(ints, found)] == [
        (1, 0, 100, 20, 40, 7),
        (1, 1, None, None, None, None),
        (1, 0, 100, 20, 40, 7),
    ]
    assert requests(landed, "model_name, resource_name, principal, team, project")[2] == (
        "abc", profile, "arn:aws:sts::111122223333:assumed-role/chat/amy", "assistant", "chat",
    )  # fmt: skip
    assert all(length > len(SECRET) for (length,) in requests(landed, "content_characters"))
    assert len(landed.query("select raw_text from raw_ops.quarantined_rows")) == 1
    assert SECRET.encode() not in everything(landed.home)


CACHED = {"usage_object": {"prompt_tokens_details": {"cached_tokens": 600},
                           "cache_creation_input_tokens": 100}}  # fmt: skip
PRICED = {"model_map_information": {"model_map_value": {"input_cost_per_token": 2.5e-06}}}


def test_the_store_of_a_gateway_is_asked_for_numbers_only(landed):
    calls = [
        {"metadata": CACHED | PRICED},
        {"spend": 0.0, "cache_hit": "True", "request_tags": '["a, b", "project:chat, beta"]'},
        {"status": "failure", "spend": 0.0, "prompt_tokens": None, "completion_tokens": None},
        # Prisma keeps times in SQLite as milliseconds; this one is of July.
        {"startTime": 1782864000000, "endTime": 1782864003000, "spend": 1e-05,
         "metadata": {"spend_logs_metadata": {"currency": "EUR"}}},
    ]  # fmt: skip
    store = litellm_store(landed.folder / "gateway.db", calls)
    landed.listed("usage", "gateway", "litellm_spend_logs", f"sqlite:///{store}")
    assert not landed.land().refusals
    assert [*map(ints, requests(landed, f"failed_requests, {TOKENS}, busy_seconds"))] == [
        (0, 300, 200, 600, 100, 2),
        (0, 1000, 200, None, None, 2),
        (1, None, None, None, None, 2),
        (0, 1000, 200, None, None, 3),
    ]
    assert [
        (period, str(cost.normalize()), currency, tier, price and float(price), team, project)
        for period, cost, currency, tier, price, team, project in requests(
            landed,
            "_billing_period, stated_cost, stated_currency, service_tier, stated_input_price, "
            "team, project",
        )
    ] == [
        ("2026-06", "0.5", "USD", None, 2.5, None, "chat"),
        ("2026-06", "0", "USD", "gateway_cache", None, "assistant", "chat, beta"),
        ("2026-06", "0", "USD", None, None, "assistant", "chat"),
        ("2026-07", "0.00001", "EUR", None, None, None, "chat"),
    ]
    assert SECRET.encode() not in everything(landed.home)
    # The gateway deletes what is old; a month that is over stays as it was landed.
    store.unlink()
    litellm_store(store, [{"startTime": "2026-07-02 00:00:00", "request_id": "new"}])
    assert not landed.land().refusals
    assert landed.query("select count(*) from raw_usage.requests") == [(4,)]


def test_a_gateway_in_postgres_reads_like_one_in_sqlite(landed):
    store = litellm_store(landed.folder / "gateway.db", [{"metadata": CACHED | PRICED}, {}])
    with postgres() as address:
        if address is None:
            pytest.skip("no Postgres server is installed")
        copy_calls_to_postgres(store, address)
        landed.listed("usage", "here", "litellm_spend_logs", f"sqlite:///{store}")
        landed.listed("usage", "there", "litellm_spend_logs", address)
        assert not landed.land().refusals
    columns = "* exclude (_source_name)"
    here, there = (
        landed.query(f"select {columns} from raw_usage.requests where _source_name = '{name}'")
        for name in ("here", "there")
    )
    assert len(here) == 2 and here == there
    assert SECRET.encode() not in everything(landed.home)


def test_a_store_that_is_none_is_refused_with_a_remedy(landed):
    write(landed.folder / "gateway.db", "no database")
    landed.listed("usage", "gateway", "litellm_spend_logs", "sqlite:///gateway.db")
    (refused,) = landed.land().refusals
    assert "gateway's store cannot be read" in refused.reason and "LiteLLM" in refused.remedy


NEW = {
    "gen_ai.provider.name": "aws.bedrock", "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "claude", "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20, "gen_ai.usage.cache_read.input_tokens": 60,
    "gen_ai.input.messages": SECRET,
}  # fmt: skip
OLD = {
    "gen_ai.system": "aws.bedrock", "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "claude", "gen_ai.usage.prompt_tokens": 100,
    "gen_ai.usage.completion_tokens": 20, "gen_ai.usage.cache_read_input_tokens": 60,
    "gen_ai.prompt": SECRET,
}  # fmt: skip
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.provider.name": "aws.bedrock"}


def test_spans_with_old_and_new_names_are_the_same_requests(landed):
    write(landed.folder / "o" / "new.jsonl", [spans(NEW, NEW | {"failed": True}, TOOL)])
    write(landed.folder / "p" / "old.jsonl", [spans(OLD, OLD | {"failed": True}, TOOL)])
    landed.listed("usage", "new", "otel_gen_ai", "./o")
    landed.listed("usage", "old", "otel_gen_ai", "./p")
    assert not landed.land().refusals
    columns = f"request_id, provider, model_name, deployment_name, failed_requests, {TOKENS}"
    new, old = (
        landed.query(
            f"select {columns}, busy_seconds from raw_usage.requests "
            f"where _source_name = '{name}' order by request_id"
        )
        for name in ("new", "old")
    )
    assert new == old
    assert [(row[1:4], ints(row[4:])) for row in new] == [
        (("aws.bedrock", "claude", "chat-api"), (0, 40, 20, 60, None, 2)),
        (("aws.bedrock", "claude", "chat-api"), (1, 40, 20, 60, None, 2)),
    ]
    assert SECRET.encode() not in everything(landed.home)


def test_a_plain_list_says_whether_input_holds_what_was_cached(landed):
    text = (
        "timestamp,model,prompt_tokens,cached_tokens,completion_tokens,status,prompt,cost,currency\n"
        f"2026-06-06T00:00:01Z,m,100,60,5,200,{SECRET},0.25,eur\n"
        f"1780704002,m,many,,5,503,{SECRET},,\n"
    )
    write(landed.folder / "l" / "a.csv", text)
    landed.listed(
        "usage", "list", "inference_requests_csv", "./l", input_includes="cached", provider="corvid"
    )
    assert not landed.land().refusals
    assert landed.query(
        "select provider, cast(input_tokens as int), cast(cache_read_tokens as int), "
        "failed_requests = 1, content_characters, cast(stated_cost as double), stated_currency "
        "from raw_usage.requests"
    ) == [("corvid", 40, 60, False, len(SECRET), 0.25, "EUR")]
    assert landed.query("select column_name, value from raw_ops.quarantined_rows") == [
        ("input_tokens", "many")
    ]
    assert SECRET.encode() not in everything(landed.home)


def test_means_of_cloudwatch_do_not_pass_for_sums(landed):
    query = {"Id": "m", "MetricStat": {"Metric": {
        "Namespace": "AWS/Bedrock", "MetricName": "InputTokenCount", "Dimensions": []},
        "Stat": "Average"}}  # fmt: skip
    answer = {
        "MetricDataQueries": [query],
        "MetricDataResults": [{"Id": "m", "Timestamps": ["2026-06-06T00:00:00Z"], "Values": [7]}],
    }
    write(landed.folder / "c" / "a.json", answer)
    landed.listed("usage", "cloud", "cloudwatch_endpoints", "./c")
    (refused,) = landed.land().refusals
    assert "Average" in refused.reason and "Sum" in refused.remedy


def test_a_real_trace_of_conversations_lands(landed, samples):
    """Requests of a service of Azure, published as a trace: only times and tokens are known."""
    trace = samples / "telemetry" / "azure_llm_2023" / "AzureLLMInferenceTrace_conv.csv.gz"
    landed.listed("usage", "trace", "inference_requests_csv", trace, provider="azure")
    assert not landed.land().refusals
    assert ints(
        landed.query(
            "select sum(requests), sum(input_tokens), sum(output_tokens), count(failed_requests) "
            "from raw_usage.requests"
        )[0]
    ) == (19_366, 22_361_870, 4_088_665, 0)


def test_the_newest_inventory_of_a_bucket_counts(landed):
    s3_inventory(landed.folder / "i", "2026-06-07", OBJECTS[:1])
    s3_inventory(landed.folder / "i", "2026-06-14", OBJECTS)
    s3_inventory(landed.folder / "i", "2026-06-21", OBJECTS, cut=1)
    landed.listed("usage", "bucket", "s3_inventory", "./i")
    (refused,) = landed.land().refusals
    assert "bytes" in refused.reason
    assert landed.query(
        "select strftime(listed_at, '%d'), bucket, object_key, object_bytes, "
        "cast(modified_at as date), storage_class, is_current from raw_usage.stored_objects "
        "order by object_bytes"
    ) == [
        ("14", "halden", "runs/a b/step-1/model.pt", 30, date(2025, 1, 1), "STANDARD", "false"),
        ("14", "halden", "runs/a b/step-1/model.pt", 70, date(2026, 1, 1), "STANDARD", "true"),
    ]


def test_inventories_of_other_clouds_have_a_header(landed):
    text = "Name,Last-Modified,Content-Length,AccessTier\nruns/b.pt,2026-05-01T00:00:00Z,5,Cool\n"
    write(landed.folder / "i" / "2026-06-07" / "blobs.csv", text)
    landed.listed("usage", "blobs", "object_inventory_csv", "./i", bucket="container")
    assert not landed.land().refusals
    assert landed.query(
        "select bucket, object_key, object_bytes, storage_class from raw_usage.stored_objects"
    ) == [("container", "runs/b.pt", 5, "Cool")]
