"""The registry of export kinds: one module per provider."""

from __future__ import annotations

from orchestration.exports.kinds import (
    anthropic,
    aws,
    azure,
    exchange_rates,
    focus,
    gcp,
    inventories,
    oci,
    on_prem,
    openai,
    runs,
    telemetry,
    usage,
    usage_drivers,
)
from orchestration.exports.kinds.base import COUNTS_AS, Column, ControlColumns, Dataset, Kind

__all__ = ["COUNTS_AS", "KINDS", "Column", "ControlColumns", "Dataset", "Kind"]

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kinds in (
        aws.KINDS,
        azure.KINDS,
        gcp.KINDS,
        oci.KINDS,
        focus.KINDS,
        anthropic.KINDS,
        openai.KINDS,
        on_prem.KINDS,
        inventories.KINDS,
        telemetry.KINDS,
        runs.KINDS,
        usage.KINDS,
        usage_drivers.KINDS,
        exchange_rates.KINDS,
    )
    for kind in kinds
}
