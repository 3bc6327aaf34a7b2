"""Use of models by the hour: the same whatever log or metric tells it, and what was planted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.exports.config import load_exports
from orchestration.exports.landing import land
from orchestration.pipeline import plan_build
from orchestration.project import prepare_environment
from tests.landing.bills import rows, write_csv
from tests.landing.inventories import write
from tests.landing.usage import (
    MIDNIGHT,
    OBJECTS,
    bedrock,
    litellm_store,
    s3_inventory,
    token_metrics,
)
from tests.warehouse.warehouse import Warehouse

HOURS = "warehouse.evidence.usage_hours"
COUNTED = (
    "requests", "failed_requests", "input_tokens", "output_tokens", "cache_read_tokens",
    "cache_write_tokens", "busy_seconds",
)  # fmt: skip
STEP = 300


def vllm(restarts: tuple[int, ...] = (), **labels: str) -> dict[str, Any]:
    """Two hours of an engine that counts 900 prompt tokens, 90 answered and 3 requests a step; it
    is restarted after the scrapes with these numbers."""
    result = []
    for name, amount, reason in (
        ("vllm:prompt_tokens_total", 900, None),
        ("vllm:generation_tokens_total", 90, None),
        ("vllm:request_success_total", 2, "stop"),
        ("vllm:request_success_total", 1, "abort"),
    ):
        values, counted = [], 5 * amount
        for number in range(2 * 3600 // STEP + 1):
            values.append([MIDNIGHT + number * STEP, str(counted)])
            counted = amount if number in restarts else counted + amount
        metric = {"__name__": name, "model_name": "atlas-7b", **labels}
        result.append({"metric": metric | ({"finished_reason": reason} if reason else {}),
                       "values": values})  # fmt: skip
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def azure(*metrics: tuple[str, str, dict[str, str], float]) -> dict[str, Any]:
    """Metrics of an Azure OpenAI account: (name, unit, dimensions, total of the hour)."""
    account = "/subscriptions/s/resourceGroups/G/providers/Microsoft.CognitiveServices/accounts/a"
    return {
        "value": [
            {
                "id": f"{account}/providers/Microsoft.Insights/metrics/{name}",
                "name": {"value": name},
                "unit": unit,
                "timeseries": [
                    {
                        "metadatavalues": [
                            {"name": {"value": key}, "value": value} for key, value in told.items()
                        ],
                        "data": [{"timeStamp": "2026-06-06T00:00:00Z", "total": amount,
                                  "average": amount}],
                    }
                ],
            }
            for name, unit, told, amount in metrics
        ]
    }  # fmt: skip


def grown(name: str, amount: float, **labels: str) -> dict[str, Any]:
    """A counter that grew by so much within the first hour, in two steps."""
    values = [[MIDNIGHT + 60 * n, str(7 + amount * n / 2)] for n in range(3)]
    return {"metric": {"__name__": name, **labels}, "values": values}


def vertex(name: str, value: dict[str, Any], **labels: str) -> dict[str, Any]:
    """A minute of a metric of a model of Vertex AI."""
    resource = {"project_id": "halden", "location": "us-central1", "endpoint_id": "7",
                "model_user_id": "gemini"}  # fmt: skip
    interval = {"startTime": "2026-06-06T00:59:00Z", "endTime": "2026-06-06T01:00:00Z"}
    return {
        "metric": {"type": f"aiplatform.googleapis.com/{name}", "labels": labels},
        "resource": {"type": "aiplatform.googleapis.com/Endpoint", "labels": resource},
        "metricKind": "DELTA",
        "points": [{"interval": interval, "value": value}],
    }


PUBLISHER = "publisher/online_serving"
POD = {"namespace": "serving", "pod": "tgi-0"}
TRITON = {"model": "embed", "version": "1", "node": "n1"}
SERVERS = [
    grown("tgi_request_count", 10, **POD),
    grown("tgi_request_failure", 2, **POD, err="overloaded"),
    grown("tgi_request_input_length_sum", 500, **POD),
    grown("tgi_request_generated_tokens_sum", 90, **POD),
    grown("tgi_request_generated_tokens_count", 10, **POD),
    grown("nv_inference_request_success", 8, **TRITON),
    grown("nv_inference_request_failure", 2, **TRITON),
    grown("nv_inference_count", 640, **TRITON),
    grown("nv_inference_request_duration_us", 5e6, **TRITON),
]
VERTEX = [
    vertex(f"{PUBLISHER}/token_count", {"int64Value": "30"}, type="input"),
    vertex(f"{PUBLISHER}/token_count", {"int64Value": "4"}, type="output"),
    vertex(f"{PUBLISHER}/model_invocation_count", {"int64Value": "9"}, response_code="200"),
    vertex(f"{PUBLISHER}/model_invocation_count", {"int64Value": "1"}, response_code="429"),
    vertex(f"{PUBLISHER}/model_invocation_latencies",
           {"distributionValue": {"count": "10", "mean": 500}}),
]  # fmt: skip
FLOWS = (
    "hour,bytes,from_provider,from_resource,to_provider,to_service\n"
    "2026-06-06T01:00:00Z,70,AWS,arn:aws:ec2:us-east-1:1:instance/i-0abc,internet,hub.example\n"
    "2026-06-06T02:00:00Z,30,aws,i-0abc,internet,hub.example\n"
)
DEPLOYMENT = {"ModelDeploymentName": "chat", "ModelName": "gpt-5.4"}
TOLD = {"gen_ai.token.type": "input", "gen_ai.request.model": "m", "gen_ai.provider.name": "openai"}
WORDS = {"gen_ai.provider.name": "gen_ai.system"}


@pytest.fixture(scope="module")
def scene(dbt_paths: Path, tmp_path_factory: Any) -> Warehouse:
    """The same use of models as told by different tools, and by the same tool after restarts."""
    folder = tmp_path_factory.mktemp("usage")
    write_csv(folder / "bill" / "2026-06.csv", rows("2026-06"))
    names = {"__name__": "kube_node_info", "node": "n1", "provider_id": "aws:///z/i-0abc"}
    node = {"metric": names, "value": [MIDNIGHT, "1"]}
    pod = {"metric": {"__name__": "kube_pod_info", **POD, "uid": "u", "node": "n1"},
           "value": [MIDNIGHT, "1"]}  # fmt: skip
    write(folder / "kube" / "a.json", {"data": {"resultType": "vector", "result": [node, pod]}})
    write(folder / "servers" / "a.json", {"data": {"resultType": "matrix", "result": SERVERS}})
    write(folder / "vertex" / "a.json", {"timeSeries": VERTEX})
    write(folder / "steady" / "a.json", vllm(node="n1"))
    restarted = vllm((3, 9, 16), node="n1")
    write(folder / "restarted" / "a.json", restarted)
    # The last scrapes again: a range query that overlaps.
    for series in restarted["data"]["result"]:
        series["values"] = series["values"][-6:]
    write(folder / "restarted" / "b.json", restarted)
    points = [(60, TOLD, 30), (120, TOLD, 70), (180, TOLD, 5), (240, TOLD, 25)]
    # As a counter since the start of the process, which starts again before the third.
    grown = [(0, TOLD, 0), (60, TOLD, 30), (120, TOLD, 100), (180, TOLD, 5), (240, TOLD, 30)]
    write(folder / "delta" / "a.json", token_metrics(points, delta=True, names={}))
    write(folder / "cumulative" / "a.json", token_metrics(grown, delta=False, names=WORDS))
    used = ("GeneratedTokens", "Count", DEPLOYMENT, 40)
    write(folder / "azure" / "a.json", azure(
        used, ("OutputTokens", "Count", DEPLOYMENT, 41), ("InputTokens", "Count", DEPLOYMENT, 7),
        ("AzureOpenAIRequests", "Count", DEPLOYMENT | {"StatusCode": "200"}, 9),
        ("AzureOpenAIRequests", "Count", DEPLOYMENT | {"StatusCode": "429"}, 2),
        ("AzureOpenAIProvisionedManagedUtilizationV2", "Percent", DEPLOYMENT, 35.5),
    ))  # fmt: skip
    # A call that two deliveries of the log name is one.
    write(folder / "log" / "a.jsonl.gz", "\n".join(map(json.dumps, [bedrock(1), bedrock(2)])))
    write(folder / "log" / "b.jsonl.gz", json.dumps(bedrock(2)) + "\n")
    write(folder / "flows" / "a.csv", FLOWS)
    s3_inventory(folder / "inventory", "2026-06-07", OBJECTS)
    store = litellm_store(folder / "gateway.db", [{}, {"custom_llm_provider": "bedrock"}, {}])
    lines = ["exports:", "  - {name: bill, kind: aws_cur_2, location: ./bill}", "telemetry:",
             "  - {name: kube, kind: kubernetes_pods, location: ./kube}"]  # fmt: skip
    lines += [f"  - {{name: {n}, kind: prometheus_range, location: ./{n}}}"
              for n in ("steady", "restarted", "servers")]  # fmt: skip
    lines += ["usage:", f"  - {{name: gateway, kind: litellm_spend_logs, location: sqlite:///{store}}}",
              "  - {name: log, kind: bedrock_invocations, location: ./log}",
              "  - {name: azure, kind: azure_endpoints, location: ./azure}",
              "  - {name: flows, kind: flow_summaries_csv, location: ./flows}",
              "  - {name: vertex, kind: gcp_endpoints, location: ./vertex}",
              "  - {name: bucket, kind: s3_inventory, location: ./inventory}"]  # fmt: skip
    lines += [f"  - {{name: {n}, kind: otel_gen_ai, location: ./{n}}}"
              for n in ("delta", "cumulative")]  # fmt: skip
    (folder / "exports.yml").write_text("\n".join(lines))
    home = prepare_environment(folder / "home")
    report = land(load_exports(folder / "exports.yml"), home)
    assert not report.refusals, report.refusals
    plan_build(home)
    warehouse = Warehouse(home)
    outcome = warehouse.dbt(
        "build",
        "--select",
        "+usage_hours",
        "+stored_objects",
        "+flow_days",
        # Tests that compare these tables with others need those too.
        "--indirect-selection",
        "cautious",
        "--exclude-resource-type",
        "unit_test",
    )
    assert {name: how for name, how in outcome.items() if how not in ("success", "pass")} == {}
    return warehouse


def told(warehouse: Warehouse, name: str, columns: str) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        f"select {columns} from {HOURS} where source_name = '{name}' order by hour_start"
    )


def test_a_counter_that_starts_again_loses_nothing(scene):
    columns = ", ".join(f"cast({name} as int)" for name in COUNTED[:5])
    expected = [
        ("aws", "i-0abc", "atlas-7b", 36, 12, 10800, 1080, None),
        ("aws", "i-0abc", "atlas-7b", 36, 12, 10800, 1080, None),
    ]
    for name in ("steady", "restarted"):
        assert told(scene, name, f"provider, resource_key, model_name, {columns}") == expected, name
    least = ", ".join(f"min({name})" for name in COUNTED)
    assert all(
        value is None or value >= 0 for value in scene.rows(f"select {least} from {HOURS}")[0]
    )


def test_names_and_forms_of_a_metric_change_nothing(scene):
    columns = "hour_start, provider, model_name, evidence_kind, cast(input_tokens as int)"
    delta, cumulative = (told(scene, name, columns) for name in ("delta", "cumulative"))
    assert [row[1:] for row in delta] == [("openai", "m", "requests_list", 130)]
    assert delta == cumulative


def test_two_names_of_one_number_are_not_added(scene):
    assert told(
        scene, "azure",
        "provider, account_id, resource_key, deployment_name, model_name, cast(requests as int), "
        "cast(failed_requests as int), cast(input_tokens as int), cast(output_tokens as int), "
        "cast(provisioned_utilisation_ratio as double)",
    ) == [
        ("azure", "s", "/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices"
         "/accounts/a", "chat", "gpt-5.4", 11, 2, 7, 40, 0.355),
    ]  # fmt: skip


def test_servers_are_known_by_their_pods_and_requests_are_no_batches(scene):
    columns = ", ".join(f"cast({name} as int)" for name in (*COUNTED[:4], "busy_seconds"))
    assert sorted(
        told(scene, "servers", f"coalesce(model_name, '?'), resource_key, {columns}")
    ) == [
        ("?", "i-0abc", 10, 2, 500, 90, None),
        ("embed", "i-0abc", 10, 2, None, None, 5),
    ]  # fmt: skip
    endpoint = "projects/halden/locations/us-central1/endpoints/7"
    assert told(scene, "vertex", f"hour(hour_start), model_name, resource_key, {columns}") == [
        (0, "gemini", f"//aiplatform.googleapis.com/{endpoint}", 10, 1, 30, 4, 5)
    ]


def test_a_call_that_was_delivered_twice_is_one_and_words_are_ours(scene):
    assert told(
        scene, "log", "provider, request_class, team, cast(requests as int), "
        "cast(input_tokens as int), stated_cost",
    ) == [("aws", "chat", "assistant", 2, 200, None)]  # fmt: skip
    assert sorted(
        told(
            scene,
            "gateway",
            "provider, project, cast(requests as int), cast(stated_cost as double)",
        )
    ) == [("aws", "chat", 1, 0.5), ("openai", "chat", 2, 1.0)]


def test_objects_are_added_up_by_folder_and_age(scene):
    assert scene.rows(
        "select bucket, prefix, storage_class, objects, old_versions, cast(stored_bytes as int), "
        "cast(old_version_bytes as int), cast(bytes_over_90_days as int), "
        "cast(bytes_over_180_days as int) from warehouse.evidence.stored_objects"
    ) == [("halden", "runs/a b/step-1", "STANDARD", 2, 1, 100, 30, 100, 30)]


def test_traffic_of_a_day_is_summed_up_between_its_ends(scene):
    assert scene.rows(
        "select day(flow_date), from_provider, from_resource_key, to_provider, to_service, "
        "cast(moved_bytes as int) from warehouse.evidence.flow_days"
    ) == [(6, "aws", "i-0abc", "internet", "hub.example", 100)]


KEYS = (
    "source_name, evidence_kind, hour_start, provider, resource_key, model_name, request_class, "
    "principal, team, project, stated_currency"
)


def test_what_was_planted_is_found(whole_home):
    """Every hour of every log, server and endpoint of the estate, and nothing else."""
    warehouse = Warehouse(whole_home.home)
    truth = f"read_parquet('{whole_home.estate}/truth/usage_hours.parquet')"
    counted = ", ".join(
        f"sum(cast({name} as decimal(38,8)))" for name in (*COUNTED[:6], "stated_cost")
    )
    planted, found = (
        warehouse.rows(f"select {KEYS}, {counted} from {origin} group by all order by all")
        for origin in (truth, f"{HOURS} where source_name in (select source_name from {truth})")
    )
    assert len(planted) > 2000
    assert found == planted


def test_the_logs_have_the_tokens_of_the_bill(whole_home):
    """By account and day what Bedrock bills is what its log lists, but for fractions of a token."""
    logged = COUNTED[2:6]
    found = Warehouse(whole_home.home).rows(f"""
        with billed as (
            select sub_account_id as account_id, cast(charge_period_start as date) as day,
                sum(consumed_quantity) as tokens, count(*) as lines
            from ai_finops.focus.cost_and_usage
            where x_token_direction is not null and x_source_name like 'aws%'
            group by all
        ),
        listed as (
            select account_id, cast(hour_start as date) as day,
                {" + ".join(f"coalesce(sum({name}), 0)" for name in logged)} as tokens
            from {HOURS} where source_name = 'bedrock_calls' group by all
        )
        select count(*), count(billed.day), count(listed.day),
            max(abs(billed.tokens - listed.tokens) / billed.lines)
        from billed full join listed using (account_id, day)""")
    days, billed, listed, gap = found[0]
    assert days == billed == listed and days > 20
    assert gap < 1


def test_where_the_gateway_is_right_it_reckons_what_is_billed(whole_home):
    """By provider and day spend of the gateway plus what is planted as wrong is the bill."""
    truth = f"read_parquet('{whole_home.estate}/truth/gateway_faults.parquet')"
    found = Warehouse(whole_home.home).rows(f"""
        with billed as (
            select x_source_name[:6] as vendor, cast(charge_period_start as date) as day,
                sum(billed_cost) as cost
            from ai_finops.focus.cost_and_usage
            where x_source_name in ('openai_costs', 'anthropic_cost')
                and x_token_direction is not null
            group by all
        ),
        reckoned as (
            select provider[:6] as vendor, cast(hour_start as date) as day, stated_cost as cost
            from {HOURS} where source_name = 'litellm'
            union all
            select provider[:6], usage_date, right_cost - stated_cost from {truth}
        ),
        summed as (select vendor, day, sum(cost) as cost from reckoned group by all)
        select billed.vendor, count(*), max(abs(billed.cost - summed.cost))
        from billed full join summed using (vendor, day)
        group by all order by all""")
    assert [row[0] for row in found] == ["anthro", "openai"]
    assert all(gap is not None and gap < 0.01 for _, _, gap in found), found
