"""OpenTelemetry's gen_ai metrics and spans, as a collector writes them (OTLP in JSON).

Metrics become samples: a histogram is its sum and its count, and whether they start at zero in
every interval is a label. Spans become requests. Old and new names of attributes mean the same.
"""

from __future__ import annotations

from orchestration.exports.preparing import Preparation
from orchestration.exports.telemetry_layouts import SAMPLE
from orchestration.exports.usage_layouts import length_of, replace_rows, without_cached

#: Attributes of a span by column of a request, newest name first.
ATTRIBUTES = {
    "provider": ("gen_ai.provider.name", "gen_ai.system"),
    "model_name": ("gen_ai.response.model", "gen_ai.request.model"),
    "native_class": ("gen_ai.operation.name",),
    "account_id": ("cloud.account.id",),
    "region_id": ("cloud.region",),
    "deployment_name": ("service.name",),
    "principal": ("enduser.id", "user.id"),
    "team": ("team", "service.namespace"),
    "project": ("project", "gen_ai.agent.name"),
    "service_tier": (
        "openai.response.service_tier",
        "gen_ai.openai.response.service_tier",
        "gen_ai.openai.request.service_tier",
    ),
    "output_tokens": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
}
INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
CACHE_READ = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")
CACHE_WRITE = (
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
)


def samples_or_requests(names: list[str]) -> str | None:
    """Metrics have data points, spans have ids."""
    found = {name.strip().lower() for name in names}
    return "samples" if found & {"histogram", "sum"} else None


def prepare_otel(preparation: Preparation) -> None:
    """Metrics as samples, or spans as requests, whichever the file holds."""
    if preparation.sql.dataset.table == "samples":
        _prepare_metrics(preparation)
    else:
        _prepare_spans(preparation)


def _prepare_metrics(preparation: Preparation) -> None:
    sql = preparation.sql
    points = " union all ".join(
        f"select {sql.text('name')} as name, {sql.text('resource')} as resource, "
        f"json_extract_string({sql.text(kind)}, '$.aggregationTemporality') as temporality, "
        f"unnest(from_json(json_extract({sql.text(kind)}, '$.dataPoints'), '[\"JSON\"]')) as point "
        f"from {sql.relation}"
        for kind in ("histogram", "sum")
    )
    # The attributes of the point go first: a process may name a model for all that it does.
    labels = (
        f"json_merge_patch({_attributes('resource', '$.attributes')}, "
        f"{_attributes('point', '$.attributes')}, "
        "json_object('aggregation_temporality', case when upper(temporality) in "
        "('1', 'AGGREGATION_TEMPORALITY_DELTA') then 'delta' else 'cumulative' end))"
    )
    # A delta is what happened since the start of its interval, a counter what it shows at the end.
    at = (
        "case when upper(temporality) in ('1', 'AGGREGATION_TEMPORALITY_DELTA') "
        "then json_extract_string(point, '$.startTimeUnixNano') "
        "else json_extract_string(point, '$.timeUnixNano') end"
    )
    header = sql.local.header
    header.columns.clear()
    header.drift.clear()
    preparation.rewrite(
        f"""
        select sampled_at, metric_name, labels, value from (
            select {_from_nanoseconds(at)} as sampled_at, cast({labels} as varchar) as labels,
                unnest([
                    struct_pack(metric_name := name || '_sum',
                        value := json_extract_string(point, '$.sum')),
                    struct_pack(metric_name := name || '_count',
                        value := json_extract_string(point, '$.count')),
                    struct_pack(metric_name := name, value := coalesce(
                        json_extract_string(point, '$.asInt'),
                        json_extract_string(point, '$.asDouble')))
                ], recursive := true)
            from ({points})
        ) where value is not null""",
        SAMPLE,
    )


def _prepare_spans(preparation: Preparation) -> None:
    sql = preparation.sql
    told = (
        f"json_merge_patch({_attributes(sql.text('resource'), '$.attributes')}, "
        f"{_attributes(sql.text('attributes'))})"
    )
    relation = f"(select *, cast({told} as varchar) as told from {sql.relation})"
    read, written = (f"try_cast({_told(names)} as bigint)" for names in (CACHE_READ, CACHE_WRITE))
    code = f"upper(json_extract_string({sql.text('status')}, '$.code'))"
    is_error = f"coalesce({code} in ('2', 'STATUS_CODE_ERROR'), false)"
    error = f"{is_error} or {_told(('error.type',))} is not null"
    started, ended = (
        _from_nanoseconds(sql.text(name)) for name in ("startTimeUnixNano", "endTimeUnixNano")
    )
    # Tools and agents are spans too; only calls of models say what they cost in tokens.
    is_call = (
        f"{_told(ATTRIBUTES['provider'])} is not null "
        f"and coalesce({_told(ATTRIBUTES['native_class'])}, '') "
        "not in ('execute_tool', 'invoke_agent', 'create_agent')"
    )
    replace_rows(
        preparation,
        {
            "requested_at": started,
            "request_id": f"concat_ws('/', {sql.text('traceId')}, {sql.text('spanId')})",
            "evidence_kind": "'requests_list'",
            **{column: _told(names) for column, names in ATTRIBUTES.items()},
            "requests": "'1'",
            "failed_requests": f"case when {error} then '1' else '0' end",
            "input_tokens": without_cached(_told(INPUT), read, written),
            "cache_read_tokens": read,
            "cache_write_tokens": written,
            "busy_seconds": f"epoch({ended}) - epoch({started})",
            "content_characters": length_of(sql, "events"),
        },
        f"(select * from {relation} where {is_call})",
    )


def _attributes(document: str, path: str = "$") -> str:
    """SQL of a JSON object of OTLP's list of keys and typed values; {} where there is none."""
    value = ", ".join(
        f"json_extract_string(a.value, '$.{kind}Value')"
        for kind in ("string", "int", "double", "bool")
    )
    listed = f"json_extract({document}, '{path}')"
    return (
        f"""coalesce(cast(to_json(try(map_from_entries(list_transform(from_json({listed}, """
        f"""'[{{"key": "VARCHAR", "value": "JSON"}}]'), """
        f"""lambda a: struct_pack(k := a.key, v := coalesce({value})))))) as varchar), '{{}}')"""
    )


def _told(names: tuple[str, ...]) -> str:
    found = [f"json_extract_string(told, '$.\"{name}\"')" for name in names]
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def _from_nanoseconds(text: str) -> str:
    return f"make_timestamp(try_cast({text} as bigint) // 1000)"
