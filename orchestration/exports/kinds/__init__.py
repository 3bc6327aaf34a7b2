"""The registry of export kinds: one module per provider."""

from __future__ import annotations

from orchestration.exports.kinds import anthropic, aws, focus, gcp, openai
from orchestration.exports.kinds.base import COUNTS_AS, Column, ControlColumns, Dataset, Kind

__all__ = ["COUNTS_AS", "KINDS", "Column", "ControlColumns", "Dataset", "Kind"]

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*aws.KINDS, *gcp.KINDS, *focus.KINDS, *anthropic.KINDS, *openai.KINDS)}
