"""Pages of the vendors' admin APIs as tests write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DAY = datetime(2026, 5, 1, tzinfo=UTC)


def openai_bucket(day: int, *results: dict[str, Any]) -> dict[str, Any]:
    """A daily bucket of OpenAI; day 0 is 2026-05-01."""
    start = int((DAY + timedelta(days=day)).timestamp())
    return {
        "object": "bucket",
        "start_time": start,
        "end_time": start + 86_400,
        "results": list(results),
    }


def openai_cost(value: Any, line_item: str | None = "gpt-4o, input", **fields: Any) -> dict:
    """One cost result; `value` None is an amount that is null."""
    amount = None if value is None else {"value": value, "currency": "usd"}
    result = {
        "object": "organization.costs.result",
        "amount": amount,
        "line_item": line_item,
        "project_id": "proj_1",
        "api_key_id": None,
        "quantity": None,
        "quantity_unit": None,
    }
    return result | fields


def openai_usage(endpoint: str = "completions", **fields: Any) -> dict[str, Any]:
    """One usage result of an endpoint."""
    named = {"project_id": "proj_1", "user_id": None, "api_key_id": None}
    return {"object": f"organization.usage.{endpoint}.result", **named, **fields}


def anthropic_bucket(day: int, *results: dict[str, Any]) -> dict[str, Any]:
    """A daily bucket of Anthropic; day 0 is 2026-05-01."""
    edges = [f"{DAY + timedelta(days=n):%Y-%m-%dT00:00:00Z}" for n in (day, day + 1)]
    return {"starting_at": edges[0], "ending_at": edges[1], "results": list(results)}


def anthropic_cost(amount: str, **fields: Any) -> dict[str, Any]:
    """One cost result of so many cents."""
    result = {
        "amount": amount,
        "currency": "USD",
        "cost_type": "tokens",
        "token_type": "output_tokens",
        "description": "Claude Usage - Output Tokens",
        "model": "claude-opus-4-6",
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": "global",
        "workspace_id": "wrkspc_1",
    }
    return result | fields


def page(*buckets: dict[str, Any], more: bool = False) -> dict[str, Any]:
    """A page of buckets."""
    cursor = "page_next" if more else None
    return {"data": list(buckets), "has_more": more, "next_page": cursor}


def save(path: Path, document: Any) -> None:
    """Write a JSON document, or JSON Lines where the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(line) + "\n" for line in document))
    else:
        path.write_text(json.dumps(document, indent=1))
