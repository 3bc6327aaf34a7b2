"""Usage and prices beside a bill: what they change is rebuilt, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest


def costs(path: Path, *days: str) -> None:
    """A page of OpenAI costs, one dollar a day."""
    write(
        path,
        [
            {
                "object": "bucket",
                "start_time": epoch(day),
                "end_time": epoch(day) + 86400,
                "results": [
                    {
                        "object": "organization.costs.result",
                        "amount": {"value": 1.0, "currency": "usd"},
                        "line_item": "gpt-4o-2024-08-06, input",
                        "project_id": "proj_a",
                    }
                ],
            }
            for day in days
        ],
    )


def usage(path: Path, *days: str, tokens: int = 1000) -> None:
    """A page of OpenAI completions usage."""
    write(
        path,
        [
            {
                "object": "bucket",
                "start_time": epoch(day),
                "end_time": epoch(day) + 86400,
                "results": [
                    {
                        "object": "organization.usage.completions.result",
                        "input_tokens": tokens,
                        "output_tokens": 10,
                        "num_model_requests": 1,
                        "project_id": "proj_a",
                        "model": "gpt-4o-2024-08-06",
                    }
                ],
            }
            for day in days
        ],
    )


def write(path: Path, buckets: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page = {"object": "page", "data": buckets, "has_more": False, "next_page": None}
    path.write_text(json.dumps(page))


def epoch(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


@pytest.fixture
def billed(house):
    """Two months of costs and of usage, landed and built."""
    folder = house.folder / "in"
    costs(folder / "costs" / "may.json", "2026-05-01", "2026-05-02")
    costs(folder / "costs" / "june.json", "2026-06-01")
    usage(folder / "usage" / "may.json", "2026-05-01")
    usage(folder / "usage" / "june.json", "2026-06-01")
    for name in ("costs", "usage"):
        entry = f"{folder / name}/"
        house.entries.append(
            f'  - {{name: {name}, kind: openai_{name}, location: "{entry}", account: org-1}}'
        )
    assert not house.land().refusals
    house.queue(built=True)
    assert house.queue() == []
    return house


def test_changed_usage_takes_the_bill_of_its_month_with_it(billed):
    usage(billed.folder / "in" / "usage" / "may.json", "2026-05-01", tokens=2000)
    billed.land()
    assert billed.queue() == [
        "usage 2026-05 (landed again)",
        "costs 2026-05 (usage changed)",
    ]


def test_a_changed_bill_takes_nothing_with_it(billed):
    costs(billed.folder / "in" / "costs" / "june.json", "2026-06-01", "2026-06-02")
    billed.land()
    assert billed.queue() == ["costs 2026-06 (landed again)"]


def test_usage_of_a_month_without_a_bill_is_queued_alone(billed):
    usage(billed.folder / "in" / "usage" / "july.json", "2026-07-01")
    billed.land()
    assert billed.queue() == ["usage 2026-07 (never built)"]


def test_usage_holds_no_bill_and_no_cost(billed):
    found = billed.query(
        "select distinct counts_as, sum(landed_cost) over (partition by counts_as) "
        "from raw_ops.delivery_totals order by 1"
    )
    assert [(name, float(cost)) for name, cost in found] == [("billed", 3.0), ("evidence", 0.0)]
    assert billed.query("select distinct _account, organization_id from raw_openai.costs") == [
        ("org-1", None)
    ]
