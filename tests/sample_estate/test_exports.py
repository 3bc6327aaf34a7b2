"""The exports have the layout, names and types that AWS delivers."""

import csv
import hashlib
from pathlib import Path

import pytest

from sample_estate import generate
from sample_estate.__main__ import main
from tests.sample_estate.manifests import listed, manifests

SCHEMA = Path(__file__).parents[2] / "orchestration/exports/schemas/aws_line_items.csv"


def content(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_estate(estate, tmp_path):
    again = generate(tmp_path / "again", rows=5000, providers=("aws",), seed=7)
    other = generate(tmp_path / "other", rows=5000, providers=("aws",), seed=8)
    assert content(again.root) == content(estate.root)
    assert set(content(other.root).values()).isdisjoint(
        value
        for name, value in content(estate.root).items()
        if name.endswith((".snappy.parquet", ".csv.gz"))
    )


@pytest.mark.parametrize("rows", [5000, 15_000])
def test_the_row_target_is_met_within_ten_percent(rows, estate, tmp_path):
    summary = (
        estate if rows == 5000 else generate(tmp_path / "sized", rows=rows, providers=("aws",))
    )
    assert abs(summary.total_rows - rows) <= rows / 10


def test_manifests_list_exactly_the_files_that_are_there(estate):
    assemblies = manifests(estate.root, "assembly")
    named = [path for manifest in assemblies.values() for path in listed(manifest)]
    present = [
        str(path.relative_to(estate.root / "exports"))
        for path in (estate.root / "exports").rglob("*")
        if path.is_file() and path.suffix != ".json"
    ]
    assert sorted(named) == sorted(present)
    assert len(named) == len(set(named))
    # Three months of two exports are current; the second month has an older assembly in each.
    months = manifests(estate.root, "month")
    assert (len(months), len(assemblies)) == (6, 8)
    for manifest in months.values():
        assert manifest in assemblies.values()
        assert len(listed(manifest)) >= 2


def test_the_summary_counts_what_the_files_hold(estate, bill):
    for view, source in (("main", "aws_main"), ("lab", "aws_research")):
        assert bill.execute(f"select count(*) from {view}").fetchone()[0] == estate.rows[source]
    assert estate.superseded_rows.keys() == {"aws_main", "aws_research"}


def test_cur_2_columns_are_the_declared_ones_with_their_types(bill):
    with SCHEMA.open(encoding="utf-8", newline="") as handle:
        declared = {row["column"]: row["role"] for row in csv.DictReader(handle)}
    kinds = {name: kind for name, kind, *_ in bill.execute("describe raw_main").fetchall()}
    assert set(kinds) <= set(declared)
    # The only declared column that no table option of a real export adds.
    assert set(declared) - set(kinds) == {"line_item_user_identifier"}
    for name, role in declared.items():
        if role == "cost" and name in kinds and name != "discount":
            assert kinds[name] == "DOUBLE", name
    assert kinds["line_item_unblended_rate"] == "VARCHAR"
    assert kinds["line_item_usage_start_date"] == "TIMESTAMP"
    assert kinds["product"] == "MAP(VARCHAR, VARCHAR)"
    assert kinds["discount"] == "MAP(VARCHAR, DOUBLE)"


def test_legacy_headers_are_slash_names_and_differ_between_months(estate):
    with SCHEMA.open(encoding="utf-8", newline="") as handle:
        known = {row["legacy_name"] for row in csv.DictReader(handle)} - {""}
    headers = []
    for manifest in manifests(estate.root, "month").values():
        if "reportKeys" in manifest:
            names = [f"{c['category']}/{c['name']}" for c in manifest["columns"]]
            headers.append(names)
            fixed = [
                n for n in names if not n.startswith(("product/", "resourceTags/", "costCategory/"))
            ]
            assert set(fixed) <= known
    assert "resourceTags/user:phase" not in headers[0]
    assert "resourceTags/user:phase" in headers[1]


def test_account_ids_keep_their_leading_zeros(bill):
    main_ids = bill.execute(
        "select distinct line_item_usage_account_id from main order by 1"
    ).fetchall()
    assert ("012345678901",) in main_ids
    assert all(len(account) == 12 for (account,) in main_ids)
    lab_ids = bill.execute('select distinct "bill/PayerAccountId" from lab').fetchall()
    assert lab_ids == [("099887766554",)]


def test_line_item_ids_repeat_over_time_but_not_within_an_interval(bill):
    rows, ids, pairs = bill.execute(
        """
        select count(*), count(distinct identity_line_item_id),
            count(distinct (identity_line_item_id, identity_time_interval))
        from main
        """
    ).fetchone()
    assert ids < rows / 2
    assert pairs == rows


def test_only_the_open_month_has_no_invoice(bill):
    months = bill.execute(
        """
        select strftime(bill_billing_period_start_date, '%Y-%m'),
            count(bill_invoice_id) filter (bill_bill_type = 'Anniversary')
                / count(*) filter (bill_bill_type = 'Anniversary')
        from main group by 1 order by 1
        """
    ).fetchall()
    assert months == [("2026-05", 1.0), ("2026-06", 1.0), ("2026-07", 0.0)]


def test_the_superseded_assembly_of_june_has_other_numbers(bill):
    totals = bill.execute(
        """
        select is_current, rows, unblended_cost from truth_assemblies
        where source = 'aws_main' and month = '2026-06' order by delivered_at
        """
    ).fetchall()
    (older, older_rows, older_cost), (newer, newer_rows, newer_cost) = totals
    assert (older, newer) == (False, True)
    assert older_rows < newer_rows
    assert older_cost != newer_cost


def test_csv_and_parquet_deliveries_hold_the_same_bill(estate, bill, tmp_path):
    text = generate(tmp_path / "csv", rows=5000, providers=("aws",), seed=7, file_format="csv")
    files = [
        str(text.root / "exports" / path)
        for manifest in manifests(text.root, "month").values()
        if "dataFiles" in manifest
        for path in listed(manifest)
    ]
    query = """
        select count(*), sum(cast(cast(line_item_unblended_cost as varchar) as decimal(38, 16))),
            count(distinct identity_line_item_id), min(line_item_usage_type)
        from {}
    """
    read = f"read_csv({files}, all_varchar = true, quote = '\"', escape = '\"', delim = ',')"
    assert (
        bill.execute(query.format(read)).fetchone() == bill.execute(query.format("main")).fetchone()
    )
    product = bill.execute(
        f"select product from {read} where product_instance_type = 'p5.48xlarge' limit 1"
    ).fetchone()[0]
    assert '"gpu":"8"' in product


def test_a_folder_with_other_things_is_refused(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("mine")
    assert main(["--out", str(tmp_path), "--rows", "5000"]) == 2
    assert "thesis.txt" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").exists()


def test_a_wrong_month_is_explained(tmp_path, capsys):
    assert main(["--out", str(tmp_path / "x"), "--start", "May"]) == 2
    assert "2026-05" in capsys.readouterr().err


def test_a_parquet_legacy_report_has_athena_names_and_the_same_bill(bill, tmp_path):
    athena = generate(
        tmp_path / "athena", rows=5000, providers=("aws",), seed=7, legacy_format="parquet"
    )
    files = [
        str(athena.root / "exports" / path)
        for manifest in manifests(athena.root, "month").values()
        if "reportKeys" in manifest
        for path in listed(manifest)
    ]
    names = {n for n, *_ in bill.execute(f"describe from read_parquet({files})").fetchall()}
    assert {
        "savings_plan_savings_plan_a_r_n",
        "resource_tags_user_team",
        "product_vcpu",
        "resource_tags_aws_created_by",
        "cost_category_team",
    } <= names
    measured = bill.execute(
        "select count(*), sum(cast(cast(line_item_unblended_cost as varchar)"
        f" as decimal(38, 16))) from read_parquet({files})"
    ).fetchone()
    text = bill.execute(
        'select count(*), sum(cast("lineItem/UnblendedCost" as decimal(38, 16))) from lab'
    ).fetchone()
    assert measured == text
