"""AI vendors in the estate: planted totals are the sums of the files, the oddities are there."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from sample_estate.openai import NEW_MODEL, UNSAVED_DAY
from tests.one_provider import deliver_alone

ROWS = 1_500


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def vendor(request, tmp_path_factory):
    root = tmp_path_factory.mktemp(request.param)
    exports = deliver_alone(request.param, root, ROWS)
    return request.param, root, exports


@pytest.fixture(scope="module")
def openai(tmp_path_factory):
    root = tmp_path_factory.mktemp("openai_alone")
    deliver_alone("openai", root, ROWS)
    return root


@pytest.fixture(scope="module")
def anthropic(tmp_path_factory):
    root = tmp_path_factory.mktemp("anthropic_alone")
    deliver_alone("anthropic", root, ROWS)
    return root


def results(folder: Path):
    """Month of the folder and every result below it, numbers as Decimal."""
    for path in sorted(folder.rglob("*.json*")):
        lines = path.suffix == ".jsonl"
        texts = path.read_text().splitlines() if lines else [path.read_text()]
        for text in texts:
            document = json.loads(text, parse_float=Decimal, parse_int=Decimal)
            for bucket in document.get("data", [document]):
                for result in bucket["results"]:
                    yield path.parent.name, result


def kind(result: dict) -> str:
    text = result.get("line_item") or result.get("description") or ""
    if "redit" in text:
        return "credit"
    return "commitment_fee" if "scale tier" in text else "usage"


def cost(result: dict) -> Decimal:
    amount = result["amount"]
    return amount["value"] if isinstance(amount, dict) else Decimal(amount) / 100


def test_planted_totals_are_the_sums_of_the_files(vendor):
    _, root, exports = vendor
    bill = exports[0]
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for month, result in results(root / bill.location):
        sums[month, kind(result)] += cost(result)
    assert {(t.month, t.charge_kind): t.billed_cost for t in bill.totals} == dict(sums)
    assert all(t.effective_cost == t.billed_cost for t in bill.totals)


def test_rows_are_counted_and_about_as_many_as_asked_for(vendor):
    _, root, exports = vendor
    counted = [len(list(results(root / export.location))) for export in exports]
    assert counted == [export.rows for export in exports]
    assert ROWS * 0.7 < sum(counted) < ROWS * 1.7


def test_pages_of_a_month_follow_each_other(vendor):
    name, root, exports = vendor
    start, end = ("start_time", "end_time") if name == "openai" else ("starting_at", "ending_at")
    for folder in (root / exports[0].location).iterdir():
        pages = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
        assert [page["has_more"] for page in pages] == [True] * (len(pages) - 1) + [False]
        for page, following in zip(pages, pages[1:], strict=False):
            assert page["data"][-1][end] == following["data"][0][start]


def test_every_group_belongs_to_a_team(vendor):
    name, root, _ = vendor
    assert (root / "truth" / f"{name}_groups.parquet").exists()


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for provider in ("openai", "anthropic"):
        for name in ("a", "b"):
            deliver_alone(provider, tmp_path / provider / name, 300, months=1)
        files = [
            {
                path.relative_to(folder): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file() and path.name != "exports.yml"
            }
            for folder in (tmp_path / provider / "a", tmp_path / provider / "b")
        ]
        assert files[0] == files[1]
        assert files[0]


def test_one_days_completions_were_never_saved(openai):
    days = [path.name[12:20] for path in (openai / "exports/openai_usage/2026-06").glob("comp*")]
    assert len(days) == 29
    assert f"202606{UNSAVED_DAY:02d}" not in days


def test_a_model_that_no_price_list_knows_comes_late(openai):
    months = {
        month
        for month, result in results(openai / "exports/openai_costs")
        if (result["line_item"] or "").startswith(NEW_MODEL)
    }
    assert months == {"2026-07"}


def test_input_tokens_include_cached_ones(openai):
    found = [
        result
        for _, result in results(openai / "exports/openai_usage")
        if result.get("input_cached_tokens")
    ]
    assert found
    assert all(result["input_tokens"] > result["input_cached_tokens"] for result in found)


def test_the_priority_tier_is_used_and_not_billed(anthropic):
    used = {r["service_tier"] for _, r in results(anthropic / "exports/anthropic_usage")}
    billed = {r["service_tier"] for _, r in results(anthropic / "exports/anthropic_cost")}
    assert "priority" in used - billed


def test_cache_writes_of_both_lifetimes_are_billed(anthropic):
    classes = {r["token_type"] for _, r in results(anthropic / "exports/anthropic_cost")}
    assert {
        "cache_creation.ephemeral_5m_input_tokens",
        "cache_creation.ephemeral_1h_input_tokens",
    } <= classes
