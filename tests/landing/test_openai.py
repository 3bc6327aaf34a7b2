"""OpenAI's costs and usage as people save them: pages, lists, lines, CSV; what lacks is refused."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.landing.api_pages import openai_bucket, openai_cost, openai_usage, page, save

TOTAL = "select count(*), sum(amount) from raw_openai.costs"


@pytest.fixture
def costs(house):
    house.entries.append('  - {name: oai, kind: openai_costs, location: "./in", account: "org-1"}')
    return house.folder / "in"


@pytest.fixture
def usage(house):
    house.entries.append('  - {name: used, kind: openai_usage, location: "./in", account: "org-1"}')
    return house.folder / "in"


FIRST = page(openai_bucket(0, openai_cost(0.06)), openai_bucket(1), more=True)
LAST = page(openai_bucket(2, openai_cost(1.5e-05), openai_cost(2, "gpt-4o, output")))


@pytest.mark.parametrize("shape", ["pages", "list", "lines", "buckets", "packed names"])
def test_every_way_of_saving_pages_gives_the_same_bill(house, costs, shape):
    if shape == "pages":
        save(costs / "a.json", FIRST)
        save(costs / "b.json", LAST)
    elif shape == "list":
        save(costs / "all.json", [FIRST, LAST])
    elif shape == "lines":
        save(costs / "all.jsonl", [FIRST, LAST])
    elif shape == "buckets":
        save(costs / "all.jsonl", [*FIRST["data"], *LAST["data"]])
    else:
        save(costs / "2026-05" / "costs-00001.json", FIRST)
        save(costs / "2026-05" / "costs-00002.json", LAST)
    report = house.land()
    assert not report.refusals, report.refusals
    assert house.query(TOTAL) == [(3, Decimal("2.060015"))]
    assert house.query(
        "select distinct _account, _billing_period, billing_currency, amount_currency "
        "from raw_openai.costs"
    ) == [("org-1", "2026-05", "USD", "usd")]
    assert house.query(
        "select billing_account_id, billing_currency, landed_cost from raw_ops.delivery_totals "
        "where is_current"
    ) == [("org-1", "USD", Decimal("2.060015"))]


def test_a_flat_csv_export_gives_the_same_bill(house, costs):
    costs.mkdir()
    (costs / "costs.csv").write_text(
        "start_time,start_time_iso,amount_value,amount_currency,line_item,project_id,project_name,"
        "organization_id\n"
        '1777593600,2026-05-01T00:00:00Z,0.06,usd,"gpt-4o, input",proj_1,Search,org-9\n'
        '1777680000,2026-05-02T00:00:00Z,2,usd,"gpt-4o, output",proj_1,Search,org-9\n'
    )
    assert not house.land().refusals
    assert house.query(TOTAL) == [(2, Decimal("2.06"))]
    assert house.query(
        "select start_time, organization_id, project_name from raw_openai.costs order by 1 limit 1"
    )[0][1:] == ("org-9", "Search")


def test_a_page_whose_next_page_lacks_is_refused_with_its_cursor(house, costs):
    save(costs / "a.json", FIRST)
    refusal = house.refused()
    assert "has_more" in refusal
    assert "page=page_next" in refusal
    save(costs / "b.json", LAST)
    assert not house.land().refusals
    assert house.query(TOTAL)[0][0] == 3


def test_pages_of_a_broken_chain_are_refused_together(house, costs):
    save(costs / "a.json", FIRST)
    save(costs / "b.json", page(openai_bucket(2, openai_cost(1)), more=True))
    save(costs / "d.json", page(openai_bucket(4, openai_cost(1))))
    report = house.land()
    [refusal] = report.refusals
    assert refusal.delivery == "a.json"
    assert house.query(TOTAL) == [(1, Decimal(1))]


def test_a_lacking_part_of_a_numbering_is_named(house, costs):
    save(costs / "costs-00001.json", page(openai_bucket(0, openai_cost(1))))
    save(costs / "costs-00003.json", page(openai_bucket(2, openai_cost(1))))
    assert "costs-00002.json is missing" in house.refused()


def test_a_month_fetched_twice_is_refused(house, costs):
    save(costs / "a.json", LAST)
    save(costs / "b.json", page(openai_bucket(2, openai_cost(3, "gpt-4o, output"))))
    reasons = [refusal.reason for refusal in house.land().refusals]
    assert all("both hold 1 of the same rows" in reason for reason in reasons)
    assert reasons


def test_an_amount_that_is_null_is_held_back(house, costs):
    save(costs / "a.json", page(openai_bucket(0, openai_cost(1), openai_cost(None, "x, input"))))
    assert not house.land().refusals
    assert house.query("select column_name, reason from raw_ops.quarantined_rows") == [
        ("amount", "required value is empty")
    ]
    assert house.query(TOTAL) == [(1, Decimal(1))]


def test_nobody_is_billed_without_an_account(house):
    house.export("oai", "openai_costs", "./in")
    save(house.folder / "in" / "a.json", LAST)
    assert "Add `account:`" in house.refused()


def test_usage_among_costs_is_sent_to_its_kind(house, costs):
    save(costs / "a.json", page(openai_bucket(0, openai_usage(input_tokens=1, amount={}))))
    assert "kind: openai_usage" in house.refused()


def test_costs_among_usage_are_sent_to_their_kind(house, usage):
    save(usage / "a.json", LAST)
    assert "kind: openai_costs" in house.refused()


def test_endpoints_land_side_by_side(house, usage):
    save(
        usage / "completions.json",
        page(openai_bucket(0, openai_usage(model="m", input_tokens=10, input_cached_tokens=4))),
    )
    save(usage / "web.json", page(openai_bucket(0, openai_usage("web_searches", num_requests=2))))
    save(usage / "empty.json", page(openai_bucket(0)))
    report = house.land()
    assert [refusal.delivery for refusal in report.refusals] == ["empty.json"]
    assert house.query(
        "select result_object, input_tokens, input_cached_tokens, num_requests "
        "from raw_openai.usage order by 1"
    ) == [
        ("organization.usage.completions.result", Decimal(10), Decimal(4), None),
        ("organization.usage.web_searches.result", None, None, Decimal(2)),
    ]
    assert house.query("select distinct counts_as from raw_ops.delivery_totals") == [("evidence",)]


def test_the_next_page_of_another_endpoint_is_no_next_page(house, usage):
    save(usage / "a.json", page(openai_bucket(0, openai_usage(input_tokens=1)), more=True))
    save(usage / "b.json", page(openai_bucket(1, openai_usage("images", images=1))))
    report = house.land()
    assert [refusal.delivery for refusal in report.refusals] == ["a.json"]


def test_the_examples_of_the_documentation(house, costs, samples):
    """One file of all endpoints: refused as it is; its pages land, but for the one that goes on."""
    bundle = samples / "native" / "ai_apis" / "openai_doc_examples.json"
    save(costs / "all.json", json.loads(bundle.read_text()))
    assert "11 endpoints" in house.refused()
    (costs / "all.json").unlink()
    house.entries.append('  - {name: used, kind: openai_usage, location: "./used", account: "o"}')
    for address, answer in json.loads(bundle.read_text()).items():
        name = address.rsplit("/", 1)[1] + ".json"
        save((costs if name == "costs.json" else house.folder / "used") / name, answer)
    report = house.land()
    assert [refusal.delivery for refusal in report.refusals] == ["completions.json"]
    assert "page_AAAAAGdGxdEiJdKOAAAAAGcqsYA=" in str(report.refusals[0])
    assert house.query(TOTAL) == [(1, Decimal("0.06"))]
    assert house.query("select count(*) from raw_openai.usage") == [(9,)]
