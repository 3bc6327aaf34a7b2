"""Writes the charges as Cost Management exports: partitioned runs with manifests, classic files."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sample_estate.azure.streams import ACCOUNT_ID, ACCOUNT_NAME, Bill
from sample_estate.clock import Month
from sample_estate.context import EstateContext
from sample_estate.engine import seeded_uuid

ROWS_PER_PART = 400_000

# The 65 columns of MCA cost details, version 2025-03-01, and where each comes from. Dates and
# numbers are written by az_day and az_number.
MCA_COLUMNS: tuple[tuple[str, str], ...] = (
    ("invoiceId", "invoice_id"),
    ("previousInvoiceId", "previous_invoice_id"),
    ("billingAccountId", f"'{ACCOUNT_ID}'"),
    ("billingAccountName", f"'{ACCOUNT_NAME}'"),
    ("billingProfileId", "profile_id"),
    ("billingProfileName", "profile_name"),
    ("invoiceSectionId", "concat('HLDN-', upper(hex_id(section, 4)), '-PJA-PGB')"),
    ("invoiceSectionName", "section"),
    ("resellerName", "null"),
    ("resellerMpnId", "null"),
    ("costCenter", "cost_centre"),
    ("billingPeriodEndDate", "az_day(period_last_day)"),
    ("billingPeriodStartDate", "az_day(period_first_day)"),
    ("servicePeriodEndDate", "az_day(day)"),
    ("servicePeriodStartDate", "az_day(day)"),
    ("date", "az_day(day)"),
    ("serviceFamily", "service_family"),
    ("productOrderId", "order_id"),
    ("productOrderName", "order_name"),
    ("consumedService", "consumed_service"),
    ("meterId", "meter_id"),
    ("meterName", "meter_name"),
    ("meterCategory", "category"),
    ("meterSubCategory", "sub_category"),
    ("meterRegion", "region_name"),
    ("ProductId", "product_id"),
    ("ProductName", "product_name"),
    ("SubscriptionId", "subscription_id"),
    ("subscriptionName", "subscription_name"),
    ("publisherType", "if(is_marketplace, 'Marketplace', 'Microsoft')"),
    ("publisherId", "if(is_marketplace, 'corvidlabs', null)"),
    ("publisherName", "if(is_marketplace, 'Corvid Labs', 'Microsoft')"),
    ("resourceGroupName", "resource_group"),
    ("ResourceId", "resource_id"),
    ("resourceLocation", "region"),
    ("location", "region_name"),
    ("effectivePrice", "az_number(cost_usd / nullif(quantity, 0))"),
    ("quantity", "az_number(quantity)"),
    ("unitOfMeasure", "unit"),
    ("chargeType", "charge_type"),
    ("billingCurrency", "currency"),
    ("pricingCurrency", "'USD'"),
    ("costInBillingCurrency", "az_number(cost)"),
    ("costInPricingCurrency", "az_number(cost_usd)"),
    ("costInUsd", "az_number(cost_usd)"),
    ("paygCostInBillingCurrency", "az_number(payg_usd * rate)"),
    ("paygCostInUsd", "az_number(payg_usd)"),
    ("exchangeRatePricingToBilling", "az_number(rate)"),
    ("exchangeRateDate", "az_day(period_first_day)"),
    ("isAzureCreditEligible", "if(is_marketplace, 'false', 'true')"),
    ("serviceInfo1", "null"),
    ("serviceInfo2", "null"),
    ("additionalInfo", "additional_info"),
    ("tags", "tags"),
    ("PayGPrice", "az_number(payg_price)"),
    ("unitPrice", "az_number(unit_price)"),
    ("frequency", "frequency"),
    ("term", "if(order_id is null, null, '12')"),
    ("reservationId", "if(variant in ('reserved', 'prepaid'), commitment, null)"),
    ("reservationName", "if(variant in ('reserved', 'prepaid'), commitment_name, null)"),
    ("pricingModel", "pricing_model"),
    ("costAllocationRuleName", "null"),
    ("benefitId", "benefit_id"),
    ("benefitName", "commitment_name"),
    ("provider", "'Microsoft'"),
)
# A subscription that is paid by card still gets the columns of 2019, and no charge types.
LEGACY_COLUMNS: tuple[tuple[str, str], ...] = (
    ("SubscriptionGuid", "subscription_id"),
    ("ResourceGroup", "upper(resource_group)"),
    ("ResourceLocation", "region_name"),
    ("UsageDateTime", "strftime(day, '%Y-%m-%d')"),
    ("MeterCategory", "category"),
    ("MeterSubcategory", "sub_category"),
    ("MeterId", "meter_id"),
    ("MeterName", "meter_name"),
    ("MeterRegion", "region_name"),
    ("UsageQuantity", "az_number(quantity)"),
    ("ResourceRate", "az_number(cost_usd / nullif(quantity, 0))"),
    ("PreTaxCost", "az_number(cost)"),
    ("ConsumedService", "consumed_service"),
    ("ResourceType", "resource_type"),
    ("InstanceId", "resource_id"),
    ("Tags", "tags"),
    ("OfferId", "'MS-AZR-0003P'"),
    ("AdditionalInfo", "additional_info"),
    ("ServiceInfo1", "null"),
    ("ServiceInfo2", "null"),
    ("ServiceName", "category"),
    ("ServiceTier", "sub_category"),
    ("Currency", "currency"),
    ("UnitOfMeasure", "unit"),
)


@dataclass(frozen=True)
class Run:
    """One run of one export: its month, what it holds, and when it was asked for."""

    bill: Bill
    month: Month
    dataset: str
    folder: Path
    submitted: str
    until: date

    @property
    def type(self) -> str:
        """exportConfig.type of the manifest."""
        return "ActualCost" if self.dataset == "actual" else "AmortizedCost"

    @property
    def span(self) -> str:
        """Name of the month folder."""
        return f"{self.month.start:%Y%m%d}-{self.month.end - timedelta(days=1):%Y%m%d}"


def define_formats(estate: EstateContext, *, us_dates: bool, as_text: bool) -> None:
    """How days and numbers are written: text in CSV files, timestamps and doubles in Parquet."""
    day = "strftime(day, '%m/%d/%Y')" if us_dates else "cast(day as timestamp)"
    number = (
        "rtrim(rtrim(cast(cast(amount as decimal(38, 12)) as varchar), '0'), '.')"
        if as_text
        else "cast(cast(amount as decimal(38, 12)) as double)"
    )
    estate.con.execute(
        f"create or replace macro az_day(day) as {day};"
        f"create or replace macro az_number(amount) as {number};"
    )


def write_run(estate: EstateContext, run: Run, suffix: str) -> None:
    """Write one run: parts below a folder of the run's id, and the manifest beside them."""
    con = estate.con
    run_id = seeded_uuid(con, f"{run.bill.export}{run.dataset}{run.month.name}{run.submitted}")
    export = f"{run.bill.export.replace('_', '-')}-{run.dataset}"
    place = f"{export}/{run.span}/{run.submitted[:16].translate(_STAMP)}/{run_id}"
    folder = run.folder / place
    folder.mkdir(parents=True)
    _select_rows(estate, run)
    rows = con.execute("select count(*) from azure_rows").fetchone()[0]
    blobs = []
    for number, first in enumerate(range(0, max(rows, 1), ROWS_PER_PART), start=1):
        name = f"part_0_{number:04d}{suffix}"
        written = write_table(
            estate,
            MCA_COLUMNS,
            f"select * from azure_rows where place > {first} and place <= {first + ROWS_PER_PART}",
            folder / name,
        )
        blobs.append(
            {
                "blobName": f"cost/{place}/{name}",
                "byteCount": (folder / name).stat().st_size,
                "dataRowCount": written,
            }
        )
    write_manifest(folder, run, export, run_id, blobs, suffix)


_STAMP = str.maketrans("", "", "-T:")


def write_manifest(
    folder: Path, run: Run, export: str, run_id: str, blobs: list[dict[str, object]], suffix: str
) -> None:
    """manifest.json of a run, in the shape of manifest version 2024-04-01."""
    body = {
        "manifestVersion": "2024-04-01",
        "byteCount": sum(int(str(blob["byteCount"])) for blob in blobs),
        "blobCount": len(blobs),
        "dataRowCount": sum(int(str(blob["dataRowCount"])) for blob in blobs),
        "exportConfig": {
            "exportName": export,
            "dataVersion": "2025-03-01",
            "apiVersion": "2023-07-01-preview",
            "type": run.type if run.dataset != "prices" else "PriceSheet",
            "timeFrame": "MonthToDate",
            "granularity": "Daily",
        },
        "deliveryConfig": {
            "partitionData": True,
            "dataOverwriteBehavior": "CreateNewReport",
            "fileFormat": "Parquet" if suffix.endswith("parquet") else "Csv",
            "compressionMode": {".csv.gz": "GZip", ".csv": "None"}.get(suffix, "Snappy"),
            "rootFolderPath": "cost",
        },
        "runInfo": {
            "executionType": "Scheduled",
            "submittedTime": run.submitted,
            "runId": run_id,
            "startDate": f"{run.month.start}T00:00:00",
            "endDate": f"{run.month.end - timedelta(days=1)}T00:00:00",
        },
        "blobs": blobs,
    }
    (folder / "manifest.json").write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")


def write_table(
    estate: EstateContext, columns: tuple[tuple[str, str], ...], rows: str, path: Path
) -> int:
    """Write rows as Parquet, CSV or csv.gz by the path's name; returns how many."""
    listed = ", ".join(f'{sql} as "{name}"' for name, sql in columns)
    query = f"select {listed} from ({rows}) as charges order by place"
    if path.name.endswith(".parquet"):
        options = "format parquet, compression snappy"
        return estate.con.execute(f"copy ({query}) to '{path}' ({options})").fetchone()[0]
    plain = path.with_name("plain.csv")
    written = estate.con.execute(
        f"copy ({query}) to '{plain}' (format csv, header true)"
    ).fetchone()[0]
    data = plain.read_bytes()
    plain.unlink()
    if path.name.endswith(".gz"):
        # No name and no time in the gzip header: the same estate gives the same bytes.
        with path.open("wb") as target, gzip.GzipFile("", "wb", 6, target, 0) as stream:
            stream.write(data)
    else:
        path.write_bytes(b"\xef\xbb\xbf" + data)
    return written


def _select_rows(estate: EstateContext, run: Run) -> None:
    """``azure_rows``: what the run holds, each row with its texts."""
    cost = f"{run.dataset}_cost"
    estate.con.execute(
        f"""
        create or replace table azure_rows as
        select
            *, {cost} as cost, {run.dataset}_usd as cost_usd,
            row_number() over (order by charge_id) as place
        from azure_described
        where export = '{run.bill.export}' and month_index = {run.month.index}
            and {cost} is not null and day < date '{run.until}'
        """
    )
