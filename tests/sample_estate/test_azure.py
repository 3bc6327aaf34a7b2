"""Azure's part of the estate: planted totals are the sums of its files, read by other means."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.one_provider import deliver_alone

ROWS = 4_200
COMMITTED = ("Reservation", "SavingsPlan")


def text_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV or csv.gz file, or of a Parquet file with numbers in their shortest text."""
    if path.name.endswith(".parquet"):
        with duckdb.connect() as connection:
            names = [row[0] for row in connection.execute(f"describe '{path}'").fetchall()]
            listed = ", ".join(f"coalesce(cast(\"{name}\" as varchar), '')" for name in names)
            found = connection.execute(f"select {listed} from '{path}'").fetchall()
        return [dict(zip(names, row, strict=True)) for row in found]
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.name.endswith(".gz") else data).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def newest_runs(location: Path) -> list[tuple[str, str, list[dict[str, str]]]]:
    """(dataset, month, rows) of the last run of every export and month."""
    runs: dict[tuple[str, str], tuple[str, Path, dict]] = {}
    for path in location.rglob("manifest.json"):
        body = json.loads(path.read_text())
        place = (body["exportConfig"]["type"], body["runInfo"]["startDate"][:7])
        submitted = body["runInfo"]["submittedTime"]
        if place not in runs or submitted > runs[place][0]:
            runs[place] = (submitted, path.parent, body)
    found = []
    for (dataset, month), (_, folder, body) in sorted(runs.items()):
        rows = []
        for blob in body["blobs"]:
            part = text_rows(folder / blob["blobName"].rsplit("/", 1)[-1])
            assert len(part) == blob["dataRowCount"]
            rows += part
        found.append((dataset, month, rows))
    return found


def kind_of(row: dict[str, str]) -> str:
    """Kind of a charge as the planted totals name it."""
    charge, committed = row["chargeType"], row["pricingModel"] in COMMITTED
    if charge.startswith("Unused"):
        return "unused_commitment"
    if charge == "Usage":
        if committed:
            return "covered_usage"
        return "usage_spot" if row["pricingModel"] == "Spot" else "usage"
    if charge == "RoundingAdjustment":
        return "adjustment"
    return f"commitment_{charge.lower()}" if committed else charge.lower()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("azure")
    exports = {export.name: export for export in deliver_alone("azure", root, ROWS)}
    return root, exports


@pytest.mark.parametrize("name", ["azure_main", "azure_europe"])
def test_planted_totals_are_the_sums_of_both_files(written, name):
    root, exports = written
    export = exports[name]
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for dataset, month, rows in newest_runs(root / export.location):
        for row in rows:
            side = 0 if dataset == "ActualCost" else 1
            sums[month, kind_of(row)][side] += Decimal(row["costInBillingCurrency"])
    planted = {(t.month, t.charge_kind): [t.billed_cost, t.effective_cost] for t in export.totals}
    assert planted == dict(sums)


def test_the_lab_has_no_amortized_file(written):
    root, exports = written
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for path in (root / exports["azure_lab"].location).rglob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        for row in text_rows(path):
            sums[row["UsageDateTime"][:7]] += Decimal(row["PreTaxCost"])
    assert {t.month: t.billed_cost for t in exports["azure_lab"].totals} == dict(sums)


def test_a_commitment_is_used_or_idle_every_hour(written):
    root, exports = written
    for name, held in (("azure_main", {"ri-h100-1y": 48, "ri-a100-1y": 24}),):
        for dataset, _, rows in newest_runs(root / exports[name].location):
            if dataset == "ActualCost":
                continue
            hours: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
            for row in rows:
                if row["pricingModel"] == "Reservation":
                    hours[row["benefitName"], row["date"]] += Decimal(row["quantity"])
            assert hours
            assert all(total == held[plan] for (plan, _), total in hours.items())


def test_what_each_file_lacks(written):
    root, exports = written
    for dataset, _, rows in newest_runs(root / exports["azure_main"].location):
        kinds = {kind_of(row) for row in rows}
        if dataset == "ActualCost":
            assert "unused_commitment" not in kinds
            covered = [row for row in rows if kind_of(row) == "covered_usage"]
            assert {Decimal(row["costInBillingCurrency"]) for row in covered} == {0}
        else:
            assert not {kind for kind in kinds if kind.startswith("commitment_")}
            assert "unused_commitment" in kinds


def test_the_second_month_has_an_older_run_that_lacks_days(written):
    root, exports = written
    folder = root / exports["azure_main"].location / "azure-main-actual" / "20260601-20260630"
    counts = {
        path.parent.parent.name: json.loads(path.read_text())["dataRowCount"]
        for path in folder.rglob("manifest.json")
    }
    older, newer = sorted(counts)
    assert counts[older] < counts[newer]


def test_euros_are_dollars_at_the_rate_of_the_row(written):
    root, exports = written
    for _, _, rows in newest_runs(root / exports["azure_europe"].location):
        for row in rows:
            dollars = Decimal(row["costInPricingCurrency"] or 0)
            rate = Decimal(row["exchangeRatePricingToBilling"])
            assert row["billingCurrency"] == "EUR" and row["pricingCurrency"] == "USD"
            assert abs(dollars * rate - Decimal(row["costInBillingCurrency"])) < Decimal("1e-7")


def test_the_estate_has_what_an_ai_company_runs(written):
    root, exports = written
    meters, services = set(), set()
    for name in ("azure_main", "azure_europe"):
        for _, _, rows in newest_runs(root / exports[name].location):
            meters |= {row["meterName"] for row in rows}
            services |= {row["consumedService"] for row in rows}
    assert {
        "ND96isr H100 v5",
        "NC24ads A100 v4 Spot",
        "Provisioned Managed Global Unit",
        "GPT 5 Chat cchd Inpt Glbl 1M Tokens",
        "Intra Continent Data Transfer Out",
    } <= meters
    assert {"Microsoft.MachineLearningServices", "Microsoft.SaaS"} <= services


def test_the_size_is_what_was_asked_for(written):
    _, exports = written
    bills = sum(e.rows for e in exports.values() if e.kind == "azure_cost_details")
    assert abs(bills - ROWS) < ROWS / 8


def test_the_same_seed_gives_the_same_bytes(written, tmp_path):
    root, _ = written
    deliver_alone("azure", tmp_path, ROWS)
    files = sorted(p.relative_to(root) for p in (root / "exports").rglob("*") if p.is_file())
    assert files == sorted(
        p.relative_to(tmp_path) for p in (tmp_path / "exports").rglob("*") if p.is_file()
    )
    assert all((root / p).read_bytes() == (tmp_path / p).read_bytes() for p in files)
