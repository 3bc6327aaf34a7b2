"""Writes the lines as cost report files: numbers as Oracle writes them, tag columns per file."""

import gzip
from pathlib import Path

from sample_estate.context import EstateContext
from sample_estate.oci.streams import REGION, SUBSCRIPTION, TENANCY

FILES_PER_MONTH = 4

_COLUMNS = f"""
    reference_no as "lineItem/referenceNo",
    '{TENANCY}' as "lineItem/tenantId",
    -- The two ends are spelled differently in real reports too.
    strftime(hour_start, '%Y-%m-%dT%H:%MZ') as "lineItem/intervalUsageStart",
    strftime(hour_end, '%Y-%m-%dT%H:%M:%SZ') as "lineItem/intervalUsageEnd",
    service as "product/service",
    'ocid1.compartment.oc1..aaaaaaaa' || hex_id(concat('oci', compartment), 52)
        as "product/compartmentId",
    compartment as "product/compartmentName",
    '{REGION}' as "product/region",
    case when resource_type in ('instance', 'bootvolume') then 'eu-frankfurt-1-ad-1' end
        as "product/availabilityDomain",
    case resource_type
        when 'none' then resource
        when 'bucket' then 'halden/' || resource || if(machine = 0, '', '-' || machine)
        else concat('ocid1.', resource_type, '.oc1.{REGION}.', unique_id)
    end as "product/resourceId",
    oci_number(quantity_used) as "usage/billedQuantity",
    oci_number(quantity_overage) as "usage/billedQuantityOverage",
    '{SUBSCRIPTION}' as "cost/subscriptionId",
    sku as "cost/productSku",
    description as "product/Description",
    oci_number(unit_price) as "cost/unitPrice",
    case when my_cost_overage is not null then oci_number(unit_price) end
        as "cost/unitPriceOverage",
    oci_number(my_cost) as "cost/myCost",
    oci_number(my_cost_overage) as "cost/myCostOverage",
    'USD' as "cost/currencyCode",
    billing_unit as "cost/billingUnitReadable",
    sku_unit as "cost/skuUnitDescription",
    if(charge_kind = 'usage_overage', 'true', 'false') as "cost/overageFlag",
    if(is_correction, 'true', 'false') as "lineItem/isCorrection",
    coalesce(corrected, cast(17000 + draw(reference_no, 60) as varchar))
        as "lineItem/backreferenceNo",
    if(team is not null, 'default/terraform@halden.example', null) as "tags/Oracle-Tags.CreatedBy",
    team as "tags/Halden.Team",
    environment as "tags/Halden.Environment"
"""
# A tag key that is defined later shows as a further column from then on.
_LATER_COLUMNS = ', project as "tags/Halden.Project"'


def write_reports(estate: EstateContext, export: str) -> int:
    """Write all files below `reports/cost-csv/`; returns the lines written."""
    con = estate.con
    folder = estate.export_folder(export) / "reports" / "cost-csv"
    folder.mkdir(parents=True)
    # Plain decimals with 18 digits, powers of ten where the number is tiny: both are in real files.
    con.execute(
        """
        create or replace macro oci_number(amount) as
            case
                when amount = 0 or abs(amount) >= 0.000001
                    then cast(cast(amount as decimal(38,18)) as varchar)
                else cast(cast(amount * 1000000000 as decimal(38,9)) as varchar) || 'E-9'
            end
        """
    )
    con.execute(
        f"""
        create or replace table oci_filed as
        select
            *,
            -- Late lines come with the next month's first file, if there is one.
            if(is_late and month_index < {len(estate.months) - 1}, month_index + 1, month_index)
                * {FILES_PER_MONTH}
            + if(
                is_late and month_index < {len(estate.months) - 1}, 0,
                (extract(day from hour_start) - 1) * {FILES_PER_MONTH} // 31
            ) as file_number
        from oci_lines
        """
    )
    numbers = con.execute("select distinct file_number from oci_filed order by 1").fetchall()
    written = 0
    for (number,) in numbers:
        written += _write(estate, folder, number)
    return written


def _write(estate: EstateContext, folder: Path, number: int) -> int:
    later = _LATER_COLUMNS if number >= FILES_PER_MONTH else ""
    plain = folder / "report.csv"
    rows = estate.con.execute(
        f"""
        copy (
            select {_COLUMNS}{later} from oci_filed where file_number = {number}
            order by hour_index, reference_no
        ) to '{plain}' (format csv, header true)
        """
    ).fetchone()
    packed = folder / f"{1000000000000 + 725 * (number + 1):016d}-00001.csv.gz"
    # No name and no time in the gzip header: the same estate gives the same bytes.
    with packed.open("wb") as target, gzip.GzipFile("", "wb", 6, target, 0) as stream:
        stream.write(plain.read_bytes())
    plain.unlink()
    return rows[0]
