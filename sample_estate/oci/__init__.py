"""OCI cost reports of the company: training that bursts out of its own cluster.

Files as Oracle writes them: numbered csv.gz that add up, tag columns that come and go, late lines
in the next month's first file, corrections as further lines, overage once the credits are spent.
"""

from sample_estate.context import DeliveredExport, EstateContext, PlantedTotal
from sample_estate.engine import load_rows, read_facts
from sample_estate.oci.reports import write_reports
from sample_estate.oci.streams import STREAM_COLUMNS, STREAMS, SUBSCRIPTION, TENANCY

EXPORT = "oci_burst"


def deliver(estate: EstateContext) -> list[DeliveredExport]:
    """Write the cost reports of all months; returns what they hold."""
    con = estate.con
    load_rows(
        con,
        "oci_skus",
        {
            "sku": "varchar",
            "service": "varchar",
            "description": "varchar",
            "unit_price": "decimal(18,8)",
            "billing_unit": "varchar",
            "sku_unit": "varchar",
        },
        read_facts("oci_skus.csv"),
    )
    load_rows(con, "oci_streams", STREAM_COLUMNS, [stream.row() for stream in STREAMS])
    _plan_hours(estate)
    _create_lines(estate)
    rows = write_reports(estate, EXPORT)
    totals = con.execute(
        """
        select month, charge_kind, sum(my_cost) from oci_lines group by all order by all
        """
    ).fetchall()
    return [
        DeliveredExport(
            name=EXPORT,
            kind="oci_cost_report",
            location=f"exports/{EXPORT}/reports/cost-csv/",
            rows=rows,
            totals=[
                PlantedTotal(month, SUBSCRIPTION, "USD", kind, cost, cost)
                for month, kind, cost in totals
            ],
        )
    ]


def _plan_hours(estate: EstateContext) -> None:
    """Each stream's hours: a window in every month, so long that the rows come to the budget.

    A bill larger than all hours of all streams gets more machines of each kind.
    """
    con = estate.con
    hours = sum(month.last_hour - month.first_hour for month in estate.months)
    machines = max(1, -(-estate.rows // (len(STREAMS) * hours)))
    open_month = len(estate.months) - 1 if estate.last_month_open else -1
    most = len(STREAMS) * hours * machines
    con.execute(
        f"""
        create or replace table oci_runs as
        with covered as (
            -- The month that is open has not brought its last days yet.
            select
                *,
                case
                    when month_index = {open_month} and last_hour - first_hour > 240
                        then last_hour - 96
                    else last_hour
                end as until_hour
            from months
        ),
        windows as (
            select
                oci_streams.*, machines.machine, months.month, months.month_index,
                months.first_hour, months.until_hour as last_hour,
                least(
                    greatest((months.last_hour - months.first_hour) * {estate.rows} // {most}, 2),
                    months.until_hour - months.first_hour
                ) as hours
            from
                oci_streams, covered as months,
                (select unnest(range({machines})) as machine) as machines
        )
        select
            *,
            -- One runs to the month's end, so that the month can be told complete.
            case
                when resource = 'console' then last_hour - hours
                -- Another works on when the prepaid credits run out.
                when resource = 'burst-node' and month_index = {_overage_month(estate)}
                    then (first_hour + last_hour - hours) // 2
                else first_hour + draw(
                    concat(resource, machine, month), greatest(last_hour - first_hour - hours, 1)
                )
            end as from_hour,
            lower(base32_id(concat('oci', resource, machine), 56)) as unique_id
        from windows
        """
    )


def _create_lines(estate: EstateContext) -> None:
    """`oci_lines`: every line of the reports with its figures, corrections included.

    From the middle of the second month on the month's prepaid credits are spent: the line that
    crosses the limit is half overage, those after it are whole.
    """
    con = estate.con
    con.execute(
        f"""
        create or replace table oci_lines as
        with used as (
            select
                runs.* exclude (hours, from_hour, first_hour, last_hour),
                hours.hour_start, hours.hour_end, hours.hour_index,
                hours.hour_index >= (runs.first_hour + runs.last_hour) // 2
                and runs.month_index = {_overage_month(estate)} as is_beyond,
                hours.hour_index = (runs.first_hour + runs.last_hour) // 2 as is_crossing,
                skus.service, skus.description, skus.billing_unit, skus.sku_unit,
                skus.unit_price,
                cast(
                    case
                        when steady then quantity
                        else quantity * (40 + draw(concat(stream, machine, hours.hour_index), 120))
                            / 100
                    end as decimal(18,8)
                ) as quantity_used
            from oci_runs as runs
            inner join hours
                on hours.hour_index >= runs.from_hour
                and hours.hour_index < runs.from_hour + runs.hours
            inner join oci_skus as skus on skus.sku = runs.sku
        ),
        priced as (
            select
                *,
                -- The first gigabytes out are free: the price stays, the cost does not.
                case
                    when free_share > draw(concat('free', stream, hour_index), 100) then 0
                    else cast(unit_price * quantity_used as decimal(38,16))
                end as my_cost,
                case when is_beyond then 'usage_overage' else 'usage' end as charge_kind
            from used
        ),
        lines as (
            select
                *, false as is_correction, cast(null as varchar) as corrected,
                hex_id(concat('oci', stream, machine, hour_index), 32) as reference_no,
                case
                    when not is_beyond then null
                    when is_crossing then cast(my_cost / 2 as decimal(38,16))
                    else my_cost
                end as my_cost_overage,
                case
                    when not is_beyond then null
                    when is_crossing then cast(quantity_used / 2 as decimal(18,8))
                    else quantity_used
                end as quantity_overage,
                -- The last hours of a closed month arrive with the first file of the next.
                draw(concat('late', stream, machine, hour_index), 60) = 0 as is_late
            from priced
        )
        select * from lines
        union all by name
        -- One hour in forty of the first month's GPU machines was metered twice: taken back later.
        select
            * replace (
                true as is_correction,
                reference_no as corrected,
                'correction' as charge_kind,
                hex_id(concat('correction', reference_no), 32) as reference_no,
                cast(-my_cost / 2 as decimal(38,16)) as my_cost,
                cast(-quantity_used / 2 as decimal(18,8)) as quantity_used,
                cast(null as decimal(38,16)) as my_cost_overage,
                cast(null as decimal(18,8)) as quantity_overage,
                true as is_late
            )
        from lines
        where
            month_index = 0
            and steady
            and service = 'COMPUTE'
            and draw(concat('corrected', reference_no), 40) = 0
        """
    )


def _overage_month(estate: EstateContext) -> int:
    """Index of the month whose prepaid credits do not last: the second, if there is one."""
    return min(1, len(estate.months) - 1)


__all__ = ["EXPORT", "SUBSCRIPTION", "TENANCY", "deliver"]
