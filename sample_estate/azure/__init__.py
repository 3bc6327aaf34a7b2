"""Azure bills of the company: an MCA profile in dollars, one in euros, and the lab's card.

Actual and amortized exports with reservations and a savings plan, a price sheet for what the bill
leaves out, and a legacy pay-as-you-go file without any of that.
"""

from __future__ import annotations

from datetime import timedelta

from sample_estate.azure.charges import create_charges
from sample_estate.azure.exports import (
    LEGACY_COLUMNS,
    Run,
    define_formats,
    write_manifest,
    write_run,
    write_table,
)
from sample_estate.azure.streams import ACCOUNT_ID, ACCOUNT_NAME, EUROPE, LAB, MAIN, Bill
from sample_estate.clock import Month
from sample_estate.company import ENVIRONMENTS, TAG_KEY_ALIASES, TEAMS
from sample_estate.context import DeliveredExport, EstateContext, PlantedTotal
from sample_estate.engine import literal, seeded_uuid

# The first run of the restated month lacks its last days, as late usage does.
LATE_DAYS = 2
PRICES_EXPORT = "azure_prices"
_SHEET_COLUMNS = (
    ("basePrice", "az_number(price_usd)"),
    ("billingAccountId", f"'{ACCOUNT_ID}'"),
    ("billingAccountName", f"'{ACCOUNT_NAME}'"),
    ("billingCurrency", "'USD'"),
    ("billingProfileId", f"'{MAIN.profile_id}'"),
    ("billingProfileName", f"'{MAIN.profile_name}'"),
    ("currency", "'USD'"),
    ("discount", "null"),
    ("effectiveEndDate", "last_day"),
    ("effectiveStartDate", "first_day"),
    ("includedQuantity", "'0'"),
    ("marketPrice", "az_number(price_usd)"),
    ("meterId", "meter_id"),
    ("meterCategory", "category"),
    ("meterName", "meter_name"),
    ("meterSubCategory", "sub_category"),
    ("meterType", "meter_name"),
    ("meterRegion", "'US East'"),
    ("priceType", "'Consumption'"),
    ("product", "product_name"),
    ("productId", "left(product_id, 12)"),
    ("productOrderName", "'Azure plan'"),
    ("serviceFamily", "service_family"),
    ("skuId", "right(product_id, 4)"),
    ("term", "null"),
    ("tierMinimumUnits", "'0'"),
    ("unitOfMeasure", "unit"),
    ("unitPrice", "az_number(price_usd * 0.95)"),
)


def deliver(estate: EstateContext) -> list[DeliveredExport]:
    """Write all Azure exports; returns what they hold."""
    create_charges(estate)
    _describe(estate)
    for bill, us_dates, suffix in ((MAIN, False, ".snappy.parquet"), (EUROPE, True, ".csv.gz")):
        define_formats(estate, us_dates=us_dates, as_text=suffix != ".snappy.parquet")
        _write_bill(estate, bill, suffix)
    define_formats(estate, us_dates=False, as_text=True)
    _write_lab(estate)
    sheet_rows = _write_price_sheets(estate)
    delivered = [
        DeliveredExport(
            name=bill.export,
            kind="azure_cost_details",
            location=f"exports/{bill.export}/",
            rows=_bill_rows(estate, bill),
            totals=_totals(estate, bill),
        )
        for bill in (MAIN, EUROPE, LAB)
    ]
    delivered.append(
        DeliveredExport(
            name=PRICES_EXPORT,
            kind="azure_price_sheet",
            location=f"exports/{PRICES_EXPORT}/",
            rows=sheet_rows,
        )
    )
    return delivered


def _write_bill(estate: EstateContext, bill: Bill, suffix: str) -> None:
    """Actual and amortized export of every month; of the second month an older run too."""
    folder = estate.export_folder(bill.export)
    for month in estate.months:
        # A closed month is exported again when its invoice is out.
        asked = month.end + timedelta(days=5 if estate.is_closed(month) else 0)
        runs = [(asked, month.end)]
        if month.index == 1:
            late = month.end - timedelta(days=LATE_DAYS)
            runs.insert(0, (late, late))
        for dataset in ("actual", "amortized"):
            for asked, until in runs:
                submitted = f"{asked}T04:{10 + month.index}:27.6387241Z"
                write_run(estate, Run(bill, month, dataset, folder, submitted, until), suffix)


def _write_lab(estate: EstateContext) -> None:
    """The lab's classic files: one per month folder, with a byte order mark, no manifest."""
    for month in estate.months:
        folder = estate.export_folder(LAB.export) / "labcosts" / _span(month)
        folder.mkdir(parents=True)
        guid = seeded_uuid(estate.con, f"lab{month.name}")
        rows = f"""
            select *, actual_cost as cost, actual_usd as cost_usd, charge_id as place
            from azure_described
            where export = '{LAB.export}' and month_index = {month.index}
        """
        write_table(estate, LEGACY_COLUMNS, rows, folder / f"labcosts_{guid}.csv")


def _write_price_sheets(estate: EstateContext) -> int:
    """One price sheet a month for the dollar profile; returns the rows of all."""
    written = 0
    for month in estate.months:
        run_id = seeded_uuid(estate.con, f"prices{month.name}")
        place = f"halden-prices/{_span(month)}/{run_id}"
        folder = estate.export_folder(PRICES_EXPORT) / place
        folder.mkdir(parents=True)
        last = month.end - timedelta(days=1)
        rows = f"""
            select *, row_number() over (order by meter) as place,
                '{month.start:%m/%d/%Y}' as first_day, '{last:%m/%d/%Y}' as last_day
            from azure_sold where product_name like '%US East'
        """
        path = folder / "part_0_0001.csv"
        count = write_table(estate, _SHEET_COLUMNS, rows, path)
        submitted = f"{month.start}T05:02:11.1234567Z"
        run = Run(MAIN, month, "prices", folder, submitted, month.end)
        blob = {
            "blobName": f"cost/{place}/{path.name}",
            "byteCount": path.stat().st_size,
            "dataRowCount": count,
        }
        write_manifest(folder, run, "halden-prices", run_id, [blob], ".csv")
        written += count
    return written


def _span(month: Month) -> str:
    return f"{month.start:%Y%m%d}-{month.end - timedelta(days=1):%Y%m%d}"


def _describe(estate: EstateContext) -> None:
    """``azure_sold`` (meters with their ids) and ``azure_described`` (charges with all texts)."""
    team_spellings = ", ".join(f"{literal(team.key)}: {[*team.aliases]}" for team in TEAMS)
    centres = ", ".join(f"{literal(team.key)}: {literal(team.cost_centre)}" for team in TEAMS)
    environments = ", ".join(
        f"{literal(key)}: {[*spellings]}" for key, spellings in ENVIRONMENTS.items()
    )
    keys = {key: [*spellings] for key, spellings in TAG_KEY_ALIASES.items()}
    closed = " or ".join(
        f"charges.month_index = {month.index}" for month in estate.months if estate.is_closed(month)
    )
    estate.con.execute(
        f"""
        create or replace table azure_sold as
        select
            *, uuid_id(concat('azure meter', meter)) as meter_id,
            concat('DZH318Z0', upper(base32_id(concat('azure product', meter), 4)),
                lpad(cast(draw(meter, 10000) as varchar), 4, '0')) as product_id
        from azure_meters;
        create or replace table azure_described as
        with tagged as (
            select
                charges.*,
                -- A tenth of the charges carry no tag, as some resources were made by hand.
                case when team is not null and draw(concat('tagged', stream), 10) > 0 then [
                    concat('"', pick(concat('k1', stream), {keys["team"]}), '": "',
                        pick(concat('v1', stream), map {{{team_spellings}}}[team]), '"'),
                    concat('"', pick(concat('k2', stream), {keys["environment"]}), '": "',
                        pick(concat('v2', stream), map {{{environments}}}[environment]), '"'),
                    concat('"', pick(concat('k3', stream), {keys["project"]}), '": "', project, '"')
                ] end as tag_list,
                map {{{centres}}}[team] as cost_centre
            from azure_charges as charges
        )
        select
            charges.* exclude (resource),
            bills.* exclude (export),
            sold.category, sold.sub_category, sold.meter_id, sold.service_family, sold.block,
            sold.product_id,
            coalesce(sold.meter_name, case charge_kind when 'purchase' then 'Team plan' end)
                as meter_name,
            coalesce(sold.unit, '1 /Month') as unit,
            case charge_kind
                when 'commitment_purchase' then 'Microsoft.Capacity'
                when 'commitment_refund' then 'Microsoft.Capacity'
                when 'purchase' then 'Microsoft.SaaS'
                else sold.consumed_service
            end as consumed_service,
            case charge_kind
                when 'purchase' then 'Corvid Annotate - Team plan'
                when 'refund' then 'Service credit for an outage'
                when 'adjustment' then 'Rounding adjustment'
                else sold.product_name
            end as product_name,
            charge_kind = 'purchase' or sold.consumed_service = 'Microsoft.SaaS' as is_marketplace,
            case when project is not null then concat('rg-', project) end as resource_group,
            case when resource is not null then concat(
                '/subscriptions/', bills.subscription_id, '/resourceGroups/',
                if(draw(stream, 4) = 0, upper(concat('rg-', project)), concat('rg-', project)),
                '/providers/', resource_type, '/', resource) end as resource_id,
            commitments."order" as order_id, commitments.commitment,
            commitments.name as commitment_name, commitments.benefit_id,
            case
                when commitments."order" is null then 'Azure plan'
                when charges.variant = 'savings' then 'Compute_Savings_Plan, 1 Year'
                else concat('Reserved VM Instance, ', sold.service_type, ', US East, 1 Year')
            end as order_name,
            case
                when resource is null then null
                when sold.service_type is not null then concat(
                    '{{"UsageType":"', sold.usage_type, '","ImageType":"Canonical","ServiceType":"',
                    sold.service_type, '","VMName":"', resource, '","VCPUs":', sold.vcpus,
                    if(charges.variant in ('reserved', 'prepaid'), concat(
                        ',"ReservationOrderId":"', commitments."order", '","ReservationId":"',
                        commitments.commitment, '","RINormalizationRatio":1.0'), ''), '}}')
                when sold.usage_type is not null then concat(
                    '{{"UsageType":"', sold.usage_type, '"',
                    if(sold.consumed_service like '%MachineLearning%', concat(
                        ',"AmlWorkspaceId":"', uuid_id(resource), '"'), ''), '}}')
            end as additional_info,
            case when tag_list is null then null
                when charges.export = 'azure_main'
                    then concat('{{', array_to_string(tag_list, ','), '}}')
                else array_to_string(tag_list, ',') end as tags,
            cast(case when charge_type = 'Usage' and charges.payg_price > 0
                then charges.quantity * charges.payg_price / sold.block end as decimal(24, 10))
                as payg_usd,
            date_trunc('month', day) as period_first_day,
            last_day(day) as period_last_day,
            case when {closed or "false"} then concat('G', lpad(cast(draw(
                concat(charges.export, charges.month), 99999999) as varchar), 9, '0')) end
                as invoice_id,
            case when charge_type = 'Refund' then concat('G', lpad(cast(draw(
                concat(charges.export, 'first'), 99999999) as varchar), 9, '0')) end
                as previous_invoice_id
        from tagged as charges
        inner join azure_bills as bills on bills.export = charges.export
        left join azure_sold as sold on sold.meter = charges.meter
        left join azure_commitments as commitments on commitments.variant = charges.variant
        """
    )


def _bill_rows(estate: EstateContext, bill: Bill) -> int:
    return estate.con.execute(
        f"""
        select count(actual_cost) from azure_charges where export = '{bill.export}'
        """
    ).fetchone()[0]


def _totals(estate: EstateContext, bill: Bill) -> list[PlantedTotal]:
    """Billed is what the actual files hold, effective what the amortized ones do."""
    effective = "actual_cost" if bill is LAB else "amortized_cost"
    found = estate.con.execute(
        f"""
        select month, charge_kind, coalesce(sum(actual_cost), 0), coalesce(sum({effective}), 0)
        from azure_charges where export = '{bill.export}'
        group by all order by all
        """
    ).fetchall()
    return [
        PlantedTotal(month, bill.profile_id, bill.currency, kind, billed, effective_cost)
        for month, kind, billed, effective_cost in found
    ]


__all__ = ["PRICES_EXPORT", "deliver"]
