"""Native FOCUS exports land in any version, layout and format, and are told apart by columns."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.landing import bills
from tests.landing.focus_bills import (
    ACCOUNT,
    azure_run,
    data_export,
    members,
    rows,
    write_csv,
    write_parquet,
)

VERSIONS = ["1.0", "1.1", "1.2", "1.3", "1.4"]
TOTAL = "select count(*), sum(billed_cost) from raw_focus.cost_and_usage"
TYPED = "* exclude (_source_file, _source_row, _source_kind, _source_name)"
INVOICE_LINE = {
    "BilledCost": "5.00",
    "BillingAccountId": ACCOUNT,
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-05-01T00:00:00Z",
    "BillingPeriodEnd": "2026-06-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "InvoiceDetailCreated": "2026-06-02T00:00:00Z",
    "InvoiceDetailId": "INV-1-1",
    "InvoiceId": "INV-1",
    "InvoiceIssueStatus": "Issued",
    "InvoiceIssuerName": "AWS",
}
PERIOD = {
    "BillingPeriodStart": "2026-05-01T00:00:00Z",
    "BillingPeriodEnd": "2026-06-01T00:00:00Z",
    "BillingPeriodStatus": "Closed",
    "InvoiceIssuerName": "AWS",
}
COMMITMENT = {
    "ContractCommitmentId": "arn:1",
    "ContractCommitmentPeriodStart": "2026-01-01T00:00:00Z",
    "ContractCommitmentPeriodEnd": "2027-01-01T00:00:00Z",
    "ContractId": "contract-1",
    "ContractCommitmentCost": "8760",
}


@pytest.fixture
def inbox(house):
    """The folder of an export of kind focus."""
    house.export("bill", "focus", "./in")
    return house.folder / "in"


# ---- versions and formats ----------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "parquet"])
def test_every_version_lands_in_every_format(house, inbox, version, suffix):
    write = write_parquet if suffix == "parquet" else write_csv
    write(inbox / f"bill.{suffix}", rows(version))
    assert house.land().refusals == []
    assert house.query(TOTAL) == [(4, Decimal("5.00"))]


@pytest.mark.parametrize("version", VERSIONS)
def test_columns_that_a_version_lacks_are_typed_nulls_and_drift(house, inbox, version):
    write_csv(inbox / "bill.csv", rows(version))
    house.land()
    missing = house.query(
        "select column_name from raw_ops.drift where drift_kind = 'missing_column'"
    )
    names = {name.replace("_", "") for (name,) in missing}
    lacking = {name.lower() for name in set(members("1.4")) - set(members(version))}
    assert lacking <= names
    assert not {name.lower() for name in members(version)} & names
    types = dict(
        house.query(
            "select column_name, data_type from duckdb_columns() where schema_name = 'raw_focus' "
            "and table_name = 'cost_and_usage'"
        )
    )
    assert types["pricing_currency_effective_cost"] == "DECIMAL(38,16)"
    assert types["contract_applied"] == types["tags"] == "VARCHAR"
    assert types["list_unit_price"] == "DECIMAL(38,18)"


def test_one_bill_as_csv_and_as_parquet_is_the_same_bill(house):
    delivered = rows("1.2", BilledCost="0.0000000123", EffectiveCost="0.1")
    write_csv(house.folder / "csv" / "bill.csv", delivered)
    write_parquet(house.folder / "parquet" / "bill.parquet", delivered)
    house.export("text", "focus", "./csv")
    house.land()
    as_text = house.query(f"select {TYPED} from raw_focus.cost_and_usage order by resource_id")
    house.entries.clear()
    house.export("typed", "focus", "./parquet")
    house.land()
    as_typed = house.query(f"select {TYPED} from raw_focus.cost_and_usage order by resource_id")
    assert as_text == as_typed


def test_space_separated_timestamps_are_read(house, inbox):
    write_csv(
        inbox / "bill.csv",
        rows("1.0", BillingPeriodStart="2026-05-01 00:00:00", ChargePeriodStart="2026-05-03 07:00"),
    )
    house.land()
    assert house.query(
        "select distinct cast(billing_period_start as varchar), "
        "cast(charge_period_start as varchar) from raw_focus.cost_and_usage"
    ) == [("2026-05-01 00:00:00", "2026-05-03 07:00:00")]


@pytest.mark.parametrize(("first", "day"), [("5/1/26", "5/3/26"), ("05/01/2026", "05/03/2026")])
def test_dates_of_a_spreadsheet_are_read_month_first(house, inbox, first, day):
    write_csv(
        inbox / "bill.csv",
        rows(
            "1.0",
            BillingPeriodStart=first,
            BillingPeriodEnd="6/1/26" if len(first) == 6 else "06/01/2026",
            ChargePeriodStart=day,
            ChargePeriodEnd=day,
        ),
    )
    house.land()
    assert house.query(
        "select distinct _billing_period, cast(charge_period_start as date)::varchar "
        "from raw_focus.cost_and_usage"
    ) == [("2026-05", "2026-05-03")]


def test_custom_columns_are_read_where_known_and_kept_as_drift_where_not(house, inbox):
    extra = {"x_UsageType": "USE1-BoxUsage", "x_ServiceCode": "AmazonEC2", "x_Discounts": "{}"}
    write_csv(inbox / "bill.csv", rows("1.0", **extra, x_SkuMeterName="H100"))
    house.land()
    assert house.query(
        "select distinct usage_type, service_code, sku_meter from raw_focus.cost_and_usage"
    ) == [("USE1-BoxUsage", "AmazonEC2", "H100")]
    assert house.query(
        "select column_name from raw_ops.drift where drift_kind = 'unknown_column'"
    ) == [("x_Discounts",)]


# ---- which dataset a delivery is ---------------------------------------------------------------


def test_four_datasets_in_one_folder_are_told_by_their_columns(house, inbox):
    write_csv(inbox / "a.csv", rows("1.4"))
    write_csv(inbox / "b.csv", [INVOICE_LINE])
    write_csv(inbox / "c.csv", [PERIOD])
    write_csv(inbox / "d.csv", [COMMITMENT])
    assert house.land().refusals == []
    assert house.query(
        "select table_name, counts_as, billing_period, sum(landed_rows)::int "
        "from raw_ops.deliveries group by all order by 1"
    ) == [
        ("billing_period", "other", "2026-05", 1),
        ("contract_commitment", "other", "2026-01", 1),
        ("cost_and_usage", "billed", "2026-05", 4),
        ("invoice_detail", "other", "2026-05", 1),
    ]
    assert house.query("select contract_commitment_cost from raw_focus.contract_commitment") == [
        (Decimal(8760),)
    ]


def test_month_folders_hold_one_dataset_each_told_by_names(house, inbox):
    for period in ("2026-05", "2026-06"):
        folder = inbox / f"billing_period={period}"
        write_csv(folder / "cost_and_usage.csv.gz", rows("1.4", period))
        # A standing fact may lie in any month's folder.
        write_csv(folder / "contract_commitment.csv", [COMMITMENT])
        write_csv(
            folder / "billing_period.csv",
            [PERIOD | {"BillingPeriodStart": f"{period}-01T00:00:00Z"}],
        )
    assert house.land().refusals == []
    assert house.query(
        "select table_name, count(*) from raw_ops.deliveries group by all order by 1"
    ) == [("billing_period", 2), ("contract_commitment", 2), ("cost_and_usage", 2)]


def test_a_native_bill_under_this_kind_is_refused_with_the_remedy(house, inbox):
    bills.write_csv(inbox / "cur.csv", bills.rows())
    text = house.refused()
    assert "required column" in text and "kind" in text and "aws_cur_2" in text


# ---- layouts -----------------------------------------------------------------------------------


def test_the_newest_run_of_a_data_export_counts(house, inbox):
    data_export(inbox, "focus", "2026-05", "20260601T000000Z-a", rows(BilledCost="1"))
    data_export(inbox, "focus", "2026-05", "20260603T000000Z-b", rows(BilledCost="3"))
    data_export(inbox, "focus", "2026-05", "20260602T000000Z-c", rows(BilledCost="2"))
    house.land()
    assert house.query(TOTAL) == [(4, Decimal(12))]


def test_a_run_that_lacks_a_listed_file_is_refused_and_the_one_before_counts(house, inbox):
    data_export(inbox, "focus", "2026-05", "20260601T000000Z-a", rows(BilledCost="1"))
    data_export(inbox, "focus", "2026-05", "20260603T000000Z-b", rows(BilledCost="3"))
    (file,) = inbox.glob("focus/data/*/*-b/*.gz")
    file.unlink()
    report = house.land()
    assert "which is not there" in str(report.refusals[0])
    assert house.query(TOTAL) == [(4, Decimal(4))]


def test_the_newest_run_of_an_azure_export_counts(house, inbox):
    azure_run(inbox, "2026-05", "b-guid", "2026-05-03T04:00:00Z", rows(BilledCost="2"))
    azure_run(inbox, "2026-05", "a-guid", "2026-05-04T04:00:00Z", rows(BilledCost="4"))
    assert house.land().refusals == []
    assert house.query(TOTAL) == [(4, Decimal(16))]


def test_an_azure_run_of_another_type_is_refused_by_its_manifest(house, inbox):
    azure_run(inbox, "2026-05", "a", "2026-05-04T04:00:00Z", rows(), kind="ActualCost")
    assert "ActualCost" in house.refused()


# ---- what cannot be landed ---------------------------------------------------------------------


@pytest.mark.parametrize("column", ["BilledCost", "EffectiveCost", "BillingAccountId"])
def test_a_missing_column_is_named(house, inbox, column):
    write_csv(inbox / "bill.csv", [{k: v for k, v in r.items() if k != column} for r in rows()])
    text = house.refused()
    assert "required column" in text and column.lower() in text.replace("_", "")


def test_a_row_without_an_account_is_held_back_and_counted(house, inbox):
    delivered = rows()
    delivered[1]["BillingAccountId"] = ""
    write_csv(inbox / "bill.csv", delivered)
    house.land()
    assert house.query(TOTAL) == [(3, Decimal("3.75"))]
    assert house.query("select source_row, column_name, reason from raw_ops.quarantined_rows") == [
        (2, "billing_account_id", "required value is empty")
    ]


def test_amounts_with_a_currency_sign_are_no_numbers(house, inbox):
    write_csv(inbox / "bill.csv", rows(BilledCost="$10,000.00 "))
    assert "BilledCost" in house.refused()


def test_a_row_without_effective_cost_is_landed(house, inbox):
    write_csv(inbox / "bill.csv", rows(EffectiveCost=""))
    assert house.land().refusals == []
    assert house.query("select count(*), count(effective_cost) from raw_focus.cost_and_usage") == [
        (4, 0)
    ]


# ---- a native bill and a FOCUS export of one account -------------------------------------------


@pytest.fixture
def aws_twice(house):
    """CUR 2.0 and FOCUS of one account's May."""
    bills.write_csv(house.folder / "cur" / "b.csv", bills.rows(payer=ACCOUNT))
    write_csv(house.folder / "focus" / "b.csv", rows("1.2"))
    return house.export("cur", "aws_cur_2", "./cur").export("focus_aws", "focus", "./focus")


def test_an_aws_bill_and_its_focus_export_are_refused_together(aws_twice):
    report = aws_twice.land()
    (refusal,) = report.refusals
    assert str(refusal).startswith("focus_aws") and "would double the bill" in str(refusal)
    assert "prefer:" in str(refusal)
    assert aws_twice.query(TOTAL) == [(0, None)]
    assert aws_twice.count() == 6


@pytest.mark.parametrize("provider", ["aws", "focus"])
def test_prefer_takes_the_focus_export_for_the_month(aws_twice, provider):
    aws_twice.prefer.append(
        f'{{provider: {provider}, billing_account: "{ACCOUNT}", use: focus_aws}}'
    )
    aws_twice.land()
    assert aws_twice.land().refusals == []
    assert aws_twice.query(TOTAL) == [(4, Decimal("5.00"))]
    assert aws_twice.count() == 0


def test_other_accounts_and_months_land_side_by_side(house):
    bills.write_csv(house.folder / "cur" / "b.csv", bills.rows(payer=ACCOUNT))
    write_csv(house.folder / "focus" / "other.csv", rows(BillingAccountId="009999999999"))
    write_csv(house.folder / "focus" / "june.csv", rows(period="2026-06"))
    house.export("cur", "aws_cur_2", "./cur").export("focus_aws", "focus", "./focus")
    assert house.land().refusals == []
    assert house.count() == 6
    assert house.query(TOTAL) == [(8, Decimal("10.00"))]


AZURE_ROW = {
    "Date": "05/02/2026",
    "BillingPeriodStartDate": "05/01/2026",
    "BillingAccountId": "7654321",
    "SubscriptionId": "64e355d7-997c-491d-b0c1-8414dccfcf42",
    "CostInBillingCurrency": "1.5",
    "BillingCurrency": "USD",
    "ChargeType": "Usage",
    "PricingModel": "OnDemand",
    "MeterCategory": "Virtual Machines",
    "MeterId": "m-1",
    "MeterName": "ND96isr H100 v5",
    "Quantity": "1",
    "UnitPrice": "1.5",
    "UnitOfMeasure": "1 Hour",
    "ConsumedService": "Microsoft.Compute",
    "ResourceId": "/subscriptions/64e355d7/vm-1",
}


def test_an_azure_bill_and_its_focus_export_are_the_same_account(house):
    """The native file names an enrollment and a GUID, the FOCUS export the paths to them."""
    write_csv(house.folder / "details" / "actual.csv", [AZURE_ROW])
    write_csv(
        house.folder / "focus" / "b.csv",
        rows(
            "1.0",
            BillingAccountId="/providers/Microsoft.Billing/billingAccounts/7654321",
            SubAccountId="/subscriptions/64E355D7-997C-491D-B0C1-8414DCCFCF42",
        ),
    )
    house.export("details", "azure_cost_details", "./details").export("f", "focus", "./focus")
    (refusal,) = house.land().refusals
    assert str(refusal).startswith("f") and "is in details too" in str(refusal)
    house.prefer.append('{provider: azure, billing_account: "7654321", use: f}')
    house.land()
    assert [str(refusal) for refusal in house.land().refusals] == []
    assert house.query(TOTAL) == [(4, Decimal("5.00"))]
