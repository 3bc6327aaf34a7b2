"""Usage of models: requests and tokens as logs, gateways and monitoring tools count them; and
objects of buckets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from orchestration.exports import object_layouts, otel_layouts
from orchestration.exports import telemetry_layouts as telemetry
from orchestration.exports import usage_layouts as layouts
from orchestration.exports.deliveries import Discovery
from orchestration.exports.filesystem import Location
from orchestration.exports.kinds.base import Dataset, Kind
from orchestration.exports.kinds.telemetry import samples_in
from orchestration.exports.preparing import Preparation
from orchestration.exports.run_stores import ask_litellm

#: Usage tells about models of any provider.
PROVIDER = "usage"
_dataset = partial(Dataset.of_records, PROVIDER)


def _requests(
    name: str,
    shape: str,
    prepare: Callable[[Preparation], None],
    hint: str,
    *,
    discover: Callable[[Location], Discovery] = telemetry.discover_telemetry,
    additive: bool = False,
    options: Mapping[str, bool] | None = None,
    ask: Callable[[str, Path, Mapping[str, str]], None] | None = None,
) -> Kind:
    hint = f"This does not look like {hint}"
    return Kind(
        name=name,
        provider=PROVIDER,
        datasets=(_dataset("requests", shape, "requested_at", ("requested_at",), hint),),
        discover=discover,
        prepare=prepare,
        additive=additive,
        section="usage",
        options=options or {},
        option_checks={
            "currency": layouts.check_currency,
            "input_includes": layouts.check_input,
        },
        ask=ask,
    )


def _endpoints(
    name: str,
    shape: str,
    prepare: Callable[..., None],
    hint: str,
    *,
    records: tuple[str, ...],
    options: Mapping[str, bool] | None = None,
) -> Kind:
    """Metrics of endpoints are samples like those of accelerators, but sums of their intervals."""
    return Kind(
        name=name,
        provider=PROVIDER,
        datasets=(samples_in(shape, f"This does not look like {hint}"),),
        discover=telemetry.discover_telemetry,
        records=records,
        prepare=partial(prepare, sums=True),
        additive=True,
        section="usage",
        options=options or {},
    )


def _objects(
    name: str, discover: Callable[[Location], Discovery], options: Mapping[str, bool]
) -> Kind:
    hint = "This does not look like an inventory of objects: docs/usage.md lists the columns."
    filled = ("listed_at", "bucket", "object_key")
    return Kind(
        name=name,
        provider=PROVIDER,
        datasets=(_dataset("stored_objects", "usage_s3_inventory", "listed_at", filled, hint),),
        discover=discover,
        prepare=object_layouts.prepare_objects,
        section="usage",
        options=options,
    )


_OTLP = "OTLP in JSON: let the collector's file exporter write metrics or spans."

KINDS = (
    _requests(
        "bedrock_invocations",
        "usage_bedrock",
        layouts.prepare_bedrock,
        "model invocation logs: let Bedrock deliver them to S3 and name that prefix.",
        discover=layouts.discover_bedrock,
        additive=True,
    ),
    _requests(
        "litellm_spend_logs",
        "usage_litellm",
        layouts.prepare_litellm,
        "spend logs: name LiteLLM's database (postgresql://...), or dump LiteLLM_SpendLogs.",
        options={"currency": False},
        ask=ask_litellm,
    ),
    _requests(
        "inference_requests_csv",
        "usage_requests_csv",
        layouts.prepare_list,
        "a list of requests: docs/usage.md lists its columns.",
        options={
            "currency": False,
            "input_includes": False,
            "model": False,
            "provider": False,
            "resource": False,
        },
    ),
    Kind(
        name="otel_gen_ai",
        provider=PROVIDER,
        datasets=(
            _dataset("requests", "usage_otel", "requested_at", ("requested_at",), _OTLP),
            samples_in("usage_otel", _OTLP),
        ),
        discover=telemetry.discover_telemetry,
        by_header=otel_layouts.samples_or_requests,
        records=(
            "resourceMetrics",
            "resourceSpans",
            "scopeMetrics",
            "scopeSpans",
            "metrics",
            "spans",
        ),
        prepare=otel_layouts.prepare_otel,
        additive=True,
        section="usage",
    ),
    _endpoints(
        "cloudwatch_endpoints",
        "telemetry_cloudwatch",
        telemetry.prepare_cloudwatch,
        "CloudWatch metrics: deliver a metric stream in JSON, or answers of GetMetricData with the "
        "queries beside them.",
        records=("MetricDataResults",),
        options={"region": False},
    ),
    _endpoints(
        "gcp_endpoints",
        "telemetry_gcp",
        telemetry.prepare_gcp,
        "answers of timeSeries.list.",
        records=("timeSeries",),
    ),
    _endpoints(
        "azure_endpoints",
        "telemetry_azure",
        telemetry.prepare_azure,
        "answers of Azure Monitor's metrics list.",
        records=("value",),
    ),
    _objects("s3_inventory", object_layouts.discover_s3_inventory, {}),
    _objects("object_inventory_csv", telemetry.discover_telemetry, {"bucket": False}),
    Kind(
        name="flow_summaries_csv",
        provider=PROVIDER,
        datasets=(
            _dataset(
                "flows",
                "usage_flows",
                "flow_at",
                ("flow_at", "flow_bytes"),
                "This does not look like sums of flow logs: docs/usage.md lists the columns.",
            ),
        ),
        discover=telemetry.discover_telemetry,
        section="usage",
    ),
)
