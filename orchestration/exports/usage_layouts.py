"""Logs of requests in the shapes of the systems that write them, as one row per request.

Names of models, operations and providers stay those of the log; what they mean is decided by the
models. Input tokens are counted without cached ones, whatever the system counts. What was asked
and answered is never landed, only how long it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.exports.columns import FileSql
from orchestration.exports.deliveries import Discovery, is_data, loose_deliveries
from orchestration.exports.filesystem import Location
from orchestration.exports.inventory_snapshots import INVENTORY_SUFFIXES
from orchestration.exports.preparing import Preparation
from orchestration.exports.runs_layouts import as_time
from orchestration.exports.schemas import declared_columns, literal

#: Columns of a request with their SQL types; numbers stay text, so that what is no number is held
#: back with its text.
REQUEST = {
    column.name: {"timestamp": "TIMESTAMP", "content": "BIGINT"}.get(column.role, "VARCHAR")
    for column in declared_columns("usage_requests")
}
#: What S3 gets beside the logs of Bedrock: long bodies, and a probe of the permission.
NOT_LOGS = ("/data/", "permission-check")
INPUT_COUNTS = {
    "uncached": "Cached tokens are columns of their own.",
    "cached": "Cached tokens are counted in the input tokens too.",
}


def check_input(value: str) -> tuple[str, str] | None:
    """What is wrong with `input_includes`; None where nothing is."""
    if value in INPUT_COUNTS:
        return None
    return "says nothing of input tokens.", "Write uncached, or cached where they are included."


def check_currency(value: str) -> tuple[str, str] | None:
    """What is wrong with a currency; None where nothing is."""
    if len(value) == 3 and value.isalpha() and value.isupper():
        return None
    return "is no currency.", "Write its three letters in capitals, such as USD."


def discover_bedrock(location: Location) -> Discovery:
    """Log files; long bodies lie beside them, and are contents."""
    found = Discovery()
    loose_deliveries(
        (
            file
            for file in location.files()
            if is_data(file, INVENTORY_SUFFIXES)
            and not any(part in f"/{file.path}" for part in NOT_LOGS)
        ),
        found,
    )
    return found


def prepare_bedrock(preparation: Preparation) -> None:
    """Model invocation logs; a failed call has no tokens and is a call all the same."""
    sql = preparation.sql
    model, metadata = sql.text("modelId"), sql.text("requestMetadata")
    failed = f"{sql.text('errorCode')} is not null"
    replace_rows(
        preparation,
        {
            "requested_at": as_time(sql.text("timestamp")),
            "request_id": sql.text("requestId"),
            "evidence_kind": "'api_log'",
            "provider": "'bedrock'",
            "account_id": sql.text("accountId"),
            "region_id": sql.text("region"),
            # A bill names the inference profile that a call was made through.
            "resource_name": f"case when {model} like 'arn:%' then {model} end",
            "model_name": f"split_part({model}, '/', -1)",
            "native_class": sql.text("operation"),
            "principal": sql.text("identity.arn"),
            "team": f"json_extract_string({metadata}, '$.team')",
            "project": f"json_extract_string({metadata}, '$.project')",
            "requests": "'1'",
            "failed_requests": f"case when {failed} then '1' else '0' end",
            "input_tokens": sql.text("input.inputTokenCount"),
            "output_tokens": sql.text("output.outputTokenCount"),
            "cache_read_tokens": sql.text("input.cacheReadInputTokenCount"),
            "cache_write_tokens": sql.text("input.cacheWriteInputTokenCount"),
            "content_characters": length_of(sql, "input.inputBodyJson", "output.outputBodyJson"),
        },
    )


def prepare_litellm(preparation: Preparation) -> None:
    """Spend logs of a LiteLLM gateway, which counts cached tokens among those of the prompt."""
    sql = preparation.sql
    # What is no JSON tells nothing; the call counts all the same.
    metadata, tags = (
        f"try_cast({sql.text(name)} as json)" for name in ("metadata", "request_tags")
    )
    read = first_number(
        metadata,
        "usage_object.prompt_tokens_details.cached_tokens",
        "usage_object.cache_read_input_tokens",
        "additional_usage_values.cache_read_input_tokens",
    )
    written = first_number(
        metadata,
        "usage_object.cache_creation_input_tokens",
        "usage_object.prompt_tokens_details.cache_creation_tokens",
        "additional_usage_values.cache_creation_input_tokens",
    )
    # Its own cache answered: no provider saw the call. The word alone is not reliable.
    from_cache = f"lower({sql.text('cache_hit')}) = 'true' and {number(sql.text('spend'))} = 0"
    started, ended = as_time(sql.text("startTime")), as_time(sql.text("endTime"))
    replace_rows(
        preparation,
        {
            "requested_at": started,
            "request_id": sql.text("request_id"),
            "evidence_kind": "'gateway'",
            "provider": sql.text("custom_llm_provider"),
            "deployment_name": sql.text("model_group"),
            "model_name": sql.text("model"),
            "native_class": sql.text("call_type"),
            "principal": f"coalesce({sql.text('user')}, "
            f"{first_text(metadata, 'user_api_key_user_id')})",
            "team": f"coalesce({first_text(metadata, 'user_api_key_team_alias')}, "
            f"{sql.text('team_id')})",
            "project": f"coalesce({tagged(tags, 'project')}, "
            f"{first_text(metadata, 'user_api_key_project_alias', 'user_api_key_project_id')})",
            "credential": f"coalesce({first_text(metadata, 'user_api_key_alias')}, "
            f"{sql.text('api_key')})",
            "service_tier": f"case when {from_cache} then 'gateway_cache' "
            f"else {first_text(metadata, 'usage_object.service_tier')} end",
            "requests": "'1'",
            "failed_requests": f"case when lower({sql.text('status')}) = 'failure' "
            "then '1' else '0' end",
            "input_tokens": without_cached(sql.text("prompt_tokens"), read, written),
            "output_tokens": sql.text("completion_tokens"),
            "cache_read_tokens": read,
            "cache_write_tokens": written,
            "busy_seconds": f"coalesce({number(sql.text('request_duration_ms'))} / 1000, "
            f"epoch({ended}) - epoch({started}))",
            "stated_cost": sql.text("spend"),
            "stated_currency": f"coalesce({first_text(metadata, 'spend_logs_metadata.currency')}, "
            f"{literal(sql.options.get('currency', 'USD'))})",
            **{
                column: per_million(metadata, f"model_map_information.model_map_value.{name}")
                for column, name in {
                    "stated_input_price": "input_cost_per_token",
                    "stated_output_price": "output_cost_per_token",
                    "stated_cache_read_price": "cache_read_input_token_cost",
                }.items()
            },
            "content_characters": length_of(sql, "messages", "response", "proxy_server_request"),
        },
    )


def prepare_list(preparation: Preparation) -> None:
    """A plain list of requests; a line is one request unless a column says how many."""
    sql = preparation.sql
    read, written = sql.text("cache_read_tokens"), sql.text("cache_write_tokens")
    asked = sql.text("input_tokens")
    if sql.options.get("input_includes") == "cached":
        asked = without_cached(asked, number(read), number(written))
    status = f"lower({sql.text('status')})"
    failed = f"regexp_matches({status}, '^(4|5)[0-9][0-9]$|fail|error')"
    currency = sql.options.get("currency")
    replace_rows(
        preparation,
        {
            "requested_at": as_time(sql.text("timestamp")),
            "request_id": sql.text("request_id"),
            "evidence_kind": "'requests_list'",
            "provider": f"coalesce({sql.text('provider')}, {_option(sql, 'provider')})",
            "account_id": sql.text("account_id"),
            "region_id": sql.text("region_id"),
            "resource_name": f"coalesce({sql.text('resource')}, {_option(sql, 'resource')})",
            "deployment_name": sql.text("deployment"),
            "model_name": f"coalesce({sql.text('model')}, {_option(sql, 'model')})",
            "native_class": sql.text("request_class"),
            **{
                name: sql.text(name)
                for name in ("principal", "team", "project", "credential", "service_tier")
            },
            "requests": f"coalesce({sql.text('requests')}, '1')",
            "failed_requests": f"coalesce({sql.text('failed_requests')}, "
            f"case when {failed} then '1' when {status} is not null then '0' end)",
            "input_tokens": asked,
            "output_tokens": sql.text("output_tokens"),
            "cache_read_tokens": read,
            "cache_write_tokens": written,
            "busy_seconds": sql.text("busy_seconds"),
            "stated_cost": sql.text("cost"),
            "stated_currency": f"case when {sql.text('cost')} is not null then "
            f"coalesce(upper({sql.text('currency')}), "
            f"{literal(currency) if currency else 'null'}) end",
            "content_characters": length_of(sql, "messages", "response"),
        },
    )


def replace_rows(
    preparation: Preparation, values: Mapping[str, str], relation: str | None = None
) -> None:
    """Put requests in place of the file's rows; what a system does not tell is NULL."""
    rewrite_as(preparation, values, REQUEST, relation)


def rewrite_as(
    preparation: Preparation,
    values: Mapping[str, str],
    types: Mapping[str, str],
    relation: str | None = None,
) -> None:
    """Put rows of other columns (name -> SQL type) in place of the file's."""
    header = preparation.sql.local.header
    header.columns.clear()
    header.drift.clear()
    selected = ", ".join(
        f"cast({values.get(name, 'null')} as {sql_type}) as {name}"
        for name, sql_type in types.items()
    )
    preparation.rewrite(f"select {selected} from {relation or preparation.sql.relation}", types)


def number(text: str) -> str:
    """SQL of a number written as text; NULL where it is none."""
    return f"try_cast({text} as double)"


def first_text(document: str, *paths: str) -> str:
    """SQL of the first of several fields of a JSON text that is filled."""
    found = [f"nullif(json_extract_string({document}, '$.{path}'), '')" for path in paths]
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def first_number(document: str, *paths: str) -> str:
    """SQL of the first of several fields of a JSON text that is a number."""
    return f"try_cast({first_text(document, *paths)} as bigint)"


def per_million(document: str, path: str) -> str:
    """SQL of a price per token, written with an exponent or not, as price per million."""
    price = f"try_cast(json_extract_string({document}, '$.{path}') as decimal(30,18))"
    return f"cast({price} * 1000000 as decimal(38,12))"


def tagged(tags: str, key: str) -> str:
    """SQL of what follows `key:` in a JSON list of tags."""
    listed = f"""json_transform({tags}, '["VARCHAR"]')"""
    found = f"list_filter({listed}, lambda tag: starts_with(tag, '{key}:'))"
    return f"nullif(substr({found}[1], {len(key) + 2}), '')"


def without_cached(asked: str, read: str, written: str) -> str:
    """SQL of input tokens less those of the cache; what is no number stays as it is."""
    rest = f"try_cast({asked} as bigint) - coalesce({read}, 0) - coalesce({written}, 0)"
    # greatest() of DuckDB would make 0 of what is not known.
    return f"coalesce(cast(case when {rest} < 0 then 0 else {rest} end as varchar), {asked})"


def length_of(sql: FileSql, *names: str) -> str:
    """SQL of the characters of several contents; NULL where none was delivered."""
    delivered = [f"{sql.text(name)}" for name in names if sql.columns(name)]
    if not delivered:
        return "null"
    total = " + ".join(f"coalesce(try_cast({text} as bigint), 0)" for text in delivered)
    return f"case when coalesce({', '.join(delivered)}) is not null then {total} end"


def _option(sql: FileSql, name: str) -> str:
    value = sql.options.get(name)
    return literal(value) if value else "cast(null as varchar)"
