"""Usage of models: requests and tokens as logs, gateways and monitoring tools count them; and
objects of buckets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from orchestration.exports import usage_layouts as layouts
from orchestration.exports.deliveries import Discovery
from orchestration.exports.filesystem import Location
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.kinds.base import ControlColumns, Dataset, Kind
from orchestration.exports.preparing import Preparation
from orchestration.exports.run_stores import ask_litellm
from orchestration.exports.telemetry_layouts import discover_telemetry

#: Usage tells about models of any provider.
PROVIDER = "usage"


def _dataset(table: str, shape: str, period: str, filled: tuple[str, ...], hint: str) -> Dataset:
    return Dataset(
        table=table,
        view=("raw_usage", table),
        schema=f"usage_{table}",
        dialect=HeaderDialect(schema=shape, slash_names=False, wrong_kind_hint=hint),
        control=ControlColumns(
            period=period,
            billing_account=None,
            usage_account=None,
            currency=None,
            cost=None,
            # Logs that overlap list a request twice; the models count it once by its id.
            row_key=(),
            filled=filled,
            strict_period=False,
        ),
        counts_as="telemetry",
    )


def _requests(
    name: str,
    shape: str,
    prepare: Callable[[Preparation], None],
    hint: str,
    *,
    discover: Callable[[Location], Discovery] = discover_telemetry,
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
)
