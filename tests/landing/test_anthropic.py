"""Anthropic's cost report (cents as text) and usage report as people save them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.landing.api_pages import anthropic_bucket, anthropic_cost, page, save

TOTAL = "select count(*), sum(cost_usd), sum(amount) from raw_anthropic.cost"


@pytest.fixture
def costs(house):
    house.entries.append('  - {name: ant, kind: anthropic_cost, location: "./in", account: "o-1"}')
    return house.folder / "in"


def test_cents_become_dollars_exactly(house, costs):
    amounts = ["123.78912", "0.00000000000001", "-50000", "99999999999.99"]
    rows = [anthropic_cost(text, token_type=str(n)) for n, text in enumerate(amounts)]
    save(costs / "a.json", page(anthropic_bucket(0, *rows)))
    assert not house.land().refusals
    cents = sum(Decimal(text) for text in amounts)
    assert house.query(TOTAL) == [(4, cents / 100, cents)]
    assert house.query(
        "select billing_account_id, billing_currency, landed_cost from raw_ops.delivery_totals "
        "where is_current"
    ) == [("o-1", "USD", cents / 100)]


def test_an_amount_that_is_no_number_is_held_back(house, costs):
    save(
        costs / "a.json",
        page(anthropic_bucket(0, anthropic_cost("1"), anthropic_cost("free", token_type="x"))),
    )
    assert not house.land().refusals
    assert house.query(TOTAL) == [(1, Decimal("0.01"), Decimal(1))]
    assert house.query("select column_name from raw_ops.quarantined_rows")[0][0] == "amount"


def test_the_csv_of_the_console_is_in_dollars(house, costs):
    costs.mkdir()
    (costs / "costs.csv").write_text(
        "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,"
        "cost_type\n"
        "2026-05-01,claude-opus-4-6,Search,nightly,standard,0-200k,input_no_cache,12.34,tokens\n"
    )
    assert not house.land().refusals
    assert house.query(
        "select cost_usd, amount, workspace_name, api_key_id, service_tier, billing_currency "
        "from raw_anthropic.cost"
    ) == [(Decimal("12.34"), None, "Search", "nightly", "standard", "USD")]


def test_a_file_without_any_cost_is_refused(house, costs):
    row = anthropic_cost("1")
    del row["amount"]
    save(costs / "a.json", page(anthropic_bucket(0, row)))
    assert "neither amount (cents) nor cost_usd" in house.refused()


def test_a_page_whose_next_page_lacks_is_refused(house, costs):
    save(costs / "a.json", page(anthropic_bucket(0, anthropic_cost("1")), more=True))
    assert "begins at 2026-05-02T00:00:00Z" in house.refused()
    save(costs / "b.json", page(anthropic_bucket(1, anthropic_cost("2"))))
    assert not house.land().refusals
    assert house.query(TOTAL)[0][0] == 2


def test_an_empty_day_goes_on_with_the_pages(house, costs):
    save(costs / "a.json", page(anthropic_bucket(0, anthropic_cost("1")), more=True))
    save(costs / "b.json", page(anthropic_bucket(1), anthropic_bucket(2, anthropic_cost("2"))))
    assert not house.land().refusals
    assert house.query(TOTAL)[0][0] == 2


def test_nested_counts_of_usage_become_columns(house):
    house.entries.append('  - {name: au, kind: anthropic_usage, location: "./in", account: "o-1"}')
    result = {
        "uncached_input_tokens": 1500,
        "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
        "cache_read_input_tokens": 200,
        "output_tokens": 500,
        "server_tool_use": {"web_search_requests": 10},
        "model": "claude-opus-4-6",
        "workspace_id": None,
    }
    save(house.folder / "in" / "a.jsonl", [anthropic_bucket(0, result)])
    assert not house.land().refusals
    assert house.query(
        "select cast(uncached_input_tokens as int), cast(cache_write_5m_tokens as int), "
        "cast(cache_write_1h_tokens as int), cast(cache_read_input_tokens as int), "
        "cast(output_tokens as int), cast(web_search_requests as int) from raw_anthropic.usage"
    ) == [(1500, 500, 1000, 200, 500, 10)]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("anthropic_cost", "anthropic_cost_report_doc_example.json"),
        ("anthropic_usage", "anthropic_usage_report_messages_doc_example.json"),
    ],
)
def test_the_examples_of_the_documentation_are_first_pages(house, samples, kind, name):
    example = json.loads((samples / "native" / "ai_apis" / name).read_text())
    house.entries.append(f'  - {{name: doc, kind: {kind}, location: "./in", account: "o-1"}}')
    save(house.folder / "in" / name, example)
    refusal = house.refused()
    assert example["next_page"] in refusal
    save(house.folder / "in" / name, example | {"has_more": False, "next_page": None})
    assert not house.land().refusals
    table = kind.removeprefix("anthropic_")
    assert house.query(f"select count(*) from raw_anthropic.{table}") == [(1,)]
    if kind == "anthropic_cost":
        assert house.query(TOTAL)[0][1] == Decimal("1.2378912")
