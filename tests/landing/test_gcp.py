"""Files out of the Cloud Billing export: one bill in every shape, credits, months, late files."""

from __future__ import annotations

import csv
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

MONEY = """
    select invoice_month, cost, credits, labels, service_description, usage_unit
    from raw_gcp.billing_rows order by usage_start_time
"""


def row(number: int, month: str = "202610", **changes: Any) -> dict[str, Any]:
    """One row as BigQuery writes it to JSON; the third carries two credits."""
    credits = [
        {"name": "Sustained", "amount": -0.25, "full_name": "", "id": "", "type": "DISCOUNT"},
        {"name": "Trial", "amount": -1.5e-7, "full_name": "", "id": "", "type": "PROMOTION"},
    ]
    found = {
        "billing_account_id": "01A2B3-C4D5E6-F70819",
        "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
        "sku": {"id": "2E27-4F75-95CD", "description": "N1 Predefined Instance Core"},
        "usage_start_time": f"{month[:4]}-{month[4:]}-0{number} 08:00:00 UTC",
        "usage_end_time": f"{month[:4]}-{month[4:]}-0{number} 09:00:00 UTC",
        "project": {"id": "halden-train", "number": "531086427509", "labels": []},
        "labels": [{"key": "team", "value": "vision"}],
        "export_time": f"{month[:4]}-{month[4:]}-0{number} 14:12:08.955000 UTC",
        "cost": 0.063222 * number,
        "currency": "USD",
        "currency_conversion_rate": 1.0,
        "usage": {"amount": 3600.0, "unit": "seconds", "amount_in_pricing_units": 1.0},
        "credits": credits if number == 3 else [],
        "invoice": {"month": month},
        "cost_type": "regular",
    }
    return {**found, **changes}


ROWS = [row(number) for number in (1, 2, 3)]
NET = Decimal("0.063222") + Decimal("0.126444") + Decimal("0.189666") - Decimal("0.25000015")


def write_json(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(entry) + "\n" for entry in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
    else:
        path.write_text(text)
    return path


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Nested, as BigQuery exports it: records are structs, repeated ones lists of structs."""
    source = write_json(path.with_suffix(".source"), rows)
    duckdb.sql(
        f"""
        copy (
            select * replace (cast(usage_start_time as timestamptz) as usage_start_time)
            from read_json('{source}', format = 'newline_delimited')
        ) to '{path}' (format parquet)
        """
    )
    source.unlink()
    return path


def write_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Flattened with dotted names, lists as JSON text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flat = []
    for entry in rows:
        cells: dict[str, Any] = {}
        for name, value in entry.items():
            if isinstance(value, dict):
                for key, inner in value.items():
                    cells[f"{name}.{key}"] = json.dumps(inner) if inner == [] else inner
            else:
                cells[name] = json.dumps(value) if isinstance(value, list) else value
        flat.append(cells)
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, flat[0])
        writer.writeheader()
        writer.writerows(flat)
    return path


def landed(house: Any) -> list[tuple[Any, ...]]:
    """Period, rows and cost of what counts now."""
    return house.query(
        """
        select billing_period, row_count, landed_cost from raw_ops.delivery_totals
        where is_current order by all
        """
    )


@pytest.fixture
def folder(house: Any) -> Path:
    house.export("gcp", "gcp_billing_export", "./in")
    return house.folder / "in"


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("billing-000000000000.jsonl", write_json),
        ("billing-000000000000.jsonl.gz", write_json),
        ("billing-000000000000.parquet", write_parquet),
        ("billing-000000000000.csv", write_csv),
    ],
)
def test_one_bill_is_the_same_in_every_shape(house, folder, name, write):
    folder.mkdir()
    write(folder / name, ROWS)
    report = house.land()
    assert report.refusals == []
    assert house.query("select sum(cost) from raw_gcp.billing_rows") == [(Decimal("0.379332"),)]
    found = house.query(MONEY)
    assert [str(line[0])[:10] for line in found] == ["2026-10-01"] * 3
    assert [line[4:] for line in found] == [("Compute Engine", "seconds")] * 3
    amounts = [entry["amount"] for entry in json.loads(found[2][2])]
    assert amounts == [-0.25, -1.5e-7]
    assert json.loads(found[0][3]) == [{"key": "team", "value": "vision"}]


@pytest.mark.parametrize("write", [write_json, write_parquet, write_csv])
def test_the_landed_cost_is_net_of_all_credits(house, folder, write):
    folder.mkdir()
    suffix = {write_json: "jsonl", write_parquet: "parquet", write_csv: "csv"}[write]
    write(folder / f"bill.{suffix}", ROWS)
    house.land()
    assert house.query("select sum(landed_cost) from raw_ops.delivery_totals") == [(NET,)]


def test_a_flattened_credit_counts_too(house, folder):
    flat = [{**row(1, credits={"name": "Trial", "amount": -0.5, "type": "PROMOTION"})}]
    write_csv(folder / "bill.csv", flat)
    house.land()
    assert house.query("select sum(landed_cost) from raw_ops.delivery_totals") == [
        (Decimal("0.063222") - Decimal("0.5"),)
    ]


def test_credits_that_cannot_be_read_are_set_aside_with_their_row(house, folder):
    broken = row(2)
    broken["credits"] = [{"name": "Trial", "amount": "many", "type": "PROMOTION"}]
    write_csv(folder / "bill.csv", [row(1), broken])
    report = house.land()
    assert house.query("select count(*) from raw_gcp.billing_rows") == [(1,)]
    assert report.landed[0].quarantined_rows == 1


def test_the_invoice_month_of_each_row_tells_the_month(house, folder):
    late = row(9, "202609")
    late["invoice"] = {"month": "202610"}
    write_json(folder / "bill.jsonl", [row(1, "202609"), late, row(2)])
    house.land()
    assert house.query(
        "select _billing_period, count(*) from raw_gcp.billing_rows group by 1 order by 1"
    ) == [("2026-09", 1), ("2026-10", 2)]


def test_a_later_file_adds_its_late_rows_to_the_month(house, folder):
    write_json(folder / "2026-10" / "billing-000000000000.jsonl", ROWS)
    house.land()
    write_json(folder / "2026-11" / "billing-000000000000.jsonl", [row(4), row(1, "202611")])
    house.land()
    assert house.query(
        "select _billing_period, count(*) from raw_gcp.billing_rows group by 1 order by 1"
    ) == [("2026-10", 4), ("2026-11", 1)]


def test_the_same_rows_in_two_files_are_refused(house, folder):
    write_json(folder / "first.jsonl", ROWS)
    write_csv(folder / "again.csv", ROWS)
    reasons = {str(refusal) for refusal in house.land().refusals}
    assert reasons
    assert all("first.jsonl" in reason and "again.csv" in reason for reason in reasons)
    assert house.query("select count(*) from raw_gcp.billing_rows") == [(0,)]


def test_a_missing_shard_refuses_its_whole_group(house, folder):
    for number in (0, 2):
        write_json(folder / f"billing-{number:012d}.jsonl", [ROWS[number]])
    assert "billing-000000000001.jsonl" in house.refused()


def test_rows_without_an_account_need_one_from_the_configuration(house, folder):
    write_json(folder / "bill.jsonl", [{**entry, "billing_account_id": None} for entry in ROWS])
    refusal = house.refused()
    assert "required value is empty in billing_account_id" in refusal
    assert "Add `account:`" in refusal
    for account in ("0A-B", "0C-D"):
        house.entries[0] = (
            f"{house.entries[0].split(', account')[0].rstrip('}')}, account: {account}}}"
        )
        house.land()
        assert house.query("select distinct _account from raw_gcp.billing_rows") == [(account,)]
        totals = "select distinct billing_account_id from raw_ops.delivery_totals where is_current"
        assert house.query(totals) == [(account,)]


def test_another_table_is_refused_by_name(house, folder):
    write_json(folder / "bill.jsonl", [{"date": "2026-10-01", "amount": 3}])
    assert "does not look like the Cloud Billing export" in house.refused()


def test_a_pricing_export_lands_without_cost(house):
    house.export("prices", "gcp_pricing_export", "./prices")
    tier = {
        "pricing_unit_quantity": "1",
        "start_usage_amount": "0",
        "usd_amount": "0.03",
        "account_currency_amount": "0.03",
    }
    price = {
        "export_time": "2026-10-02 03:00:00 UTC",
        "pricing_as_of_time": "2026-10-01 00:00:00 UTC",
        "billing_account_id": "01A2B3-C4D5E6-F70819",
        "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
        "sku": {"id": "2E27-4F75-95CD", "description": "N1 Predefined Instance Core"},
        "pricing_unit": "h",
        "account_currency_code": "USD",
        "list_price": {"tiered_rates": [tier]},
        "billing_account_price": {"tiered_rates": [tier]},
    }
    write_json(house.folder / "prices" / "prices-000000000000.jsonl", [price])
    assert house.land().refusals == []
    ((rates,),) = house.query("select list_price_tiered_rates from raw_gcp.prices")
    assert json.loads(rates)[0]["account_currency_amount"] == "0.03"


def test_every_shared_sample_lands(house, samples):
    native = samples / "native"
    house.export("optscale", "gcp_billing_export", native / "gcp" / "optscale*.jsonl.gz")
    house.entries[0] = house.entries[0].replace("}", ', account: "0A-B"}')
    house.export("koku", "gcp_billing_export", native / "gcp" / "koku*.csv")
    house.export("nise", "gcp_billing_export", native / "nise" / "gcp_bigquery_head.jsonl.gz")
    assert house.land().refusals == []
    assert house.query(
        """
        select _source_name, count(*), sum(cost) from raw_gcp.billing_rows group by 1 order by 1
        """
    ) == [
        ("koku", 9, Decimal("0.000012")),
        ("nise", 400, Decimal("800")),
        ("optscale", 10561, Decimal("541.617565")),
    ]
    assert house.query(
        "select sum(landed_cost) from raw_ops.delivery_totals where source_name = 'optscale'"
    ) == [(Decimal("409.925332"),)]
