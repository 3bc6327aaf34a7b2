"""Every charge of the Azure bills by the day, with its cost in both files."""

from __future__ import annotations

from datetime import timedelta

from sample_estate.azure.commitments import COMMITMENT_COLUMNS, COMMITMENTS
from sample_estate.azure.streams import BILLS, STREAM_COLUMNS, STREAMS
from sample_estate.context import EstateContext
from sample_estate.engine import load_rows, read_facts

# Share of the on-demand price under a savings plan, and after the company's own discount.
SAVINGS_SHARE = "0.66"
NEGOTIATED_SHARE = "0.95"
# Euros per dollar by month, as Azure fixes them for a month: invented near the rates of 2026.
EURO_RATES = ("0.9215", "0.9188", "0.9241", "0.9302", "0.9176", "0.9233")

# What the assistant sends out of Google Cloud in a day (stream `egress` there) arrives here, in GB
# where Google counts GiB, less what headers took. Both bills draw it from the same hash.
COPY_FROM_GOOGLE = """
    11.5 * 24 * (80 + draw('egress' || hour_index, 41)) / 100 * 1.073741824 * 0.985
"""

_CHARGE_COLUMNS = """
    export, month, month_index, day, stream, meter, resource, resource_type, project, team,
    environment, charge_type, pricing_model, frequency, charge_kind, quantity, unit_price,
    payg_price, actual_usd, amortized_usd, variant
"""


def create_charges(estate: EstateContext) -> None:
    """Create ``azure_charges``: usage, idle commitments, fees, purchases, refunds."""
    _load(estate)
    _create_usage(estate)
    _create_idle(estate)
    _create_purchases(estate)
    # Eight digits, like a double's safe share of them; the euro bill is converted by the month.
    estate.con.execute(
        f"""
        create or replace table azure_charges as
        with charges as (
            select {_CHARGE_COLUMNS} from azure_usage
            union all
            select {_CHARGE_COLUMNS} from azure_idle
            union all
            select {_CHARGE_COLUMNS} from azure_purchases
        )
        select
            charges.*,
            if(bills.currency = 'EUR', rates.rate, 1) as rate,
            cast(round(actual_usd * if(bills.currency = 'EUR', rates.rate, 1), 8)
                as decimal(24, 8)) as actual_cost,
            cast(round(amortized_usd * if(bills.currency = 'EUR', rates.rate, 1), 8)
                as decimal(24, 8)) as amortized_cost,
            row_number() over (order by charges.export, day, stream, charge_type) as charge_id
        from charges
        inner join azure_bills as bills on bills.export = charges.export
        inner join azure_rates as rates on rates.month_index = charges.month_index
        """
    )


def _load(estate: EstateContext) -> None:
    con = estate.con
    load_rows(con, "azure_streams", STREAM_COLUMNS, [stream.row() for stream in STREAMS])
    load_rows(
        con,
        "azure_commitments",
        COMMITMENT_COLUMNS,
        [vars(commitment) | {"benefit_id": commitment.benefit_id} for commitment in COMMITMENTS],
    )
    load_rows(
        con, "azure_bills", dict.fromkeys(vars(BILLS[0]), "varchar"), [vars(b) for b in BILLS]
    )
    numbers = {"block": "bigint", "price_usd": "decimal(18, 8)", "vcpus": "integer"}
    facts = read_facts("azure_meters.csv")
    load_rows(
        con,
        "azure_meters",
        {name: numbers.get(name, "varchar") for name in facts[0]},
        [{name: value or None for name, value in row.items()} for row in facts],
    )
    load_rows(
        con,
        "azure_rates",
        {"month_index": "integer", "rate": "decimal(12, 6)"},
        [
            {"month_index": month.index, "rate": EURO_RATES[month.index % len(EURO_RATES)]}
            for month in estate.months
        ],
    )
    load_rows(
        con,
        "azure_days",
        {
            "day": "date",
            "month": "varchar",
            "month_index": "integer",
            "weekday": "integer",
            "hour_index": "integer",
        },
        [
            {
                "day": str(day),
                "month": month.name,
                "month_index": month.index,
                "weekday": day.isoweekday(),
                "hour_index": hour,
            }
            for month in estate.months
            for hour in range(month.first_hour, month.last_hour - 23, 24)
            for day in (month.start + timedelta(hours=hour - month.first_hour),)
        ],
    )


def _create_usage(estate: EstateContext) -> None:
    """One row per stream and day; streams that grow are repeated or thinned to the rows asked."""
    con = estate.con
    days = con.execute("select count(*) from azure_days").fetchone()[0]
    fixed, growing = con.execute(
        "select count(*) filter (not grow), count(*) filter (grow) from azure_streams"
    ).fetchone()
    factor = max((estate.rows - fixed * days - 20) / (growing * days), 0.05)
    whole, share = divmod(factor, 1)
    con.execute(
        f"""
        create or replace table azure_usage as
        with repeated as (
            select
                streams.* replace (
                    if(replica = 0, stream, concat(stream, '-', replica)) as stream,
                    if(replica = 0, resource, concat(resource, '-', replica)) as resource
                ),
                case when replica < {int(whole)} or not grow then 1000 else {int(share * 1000)} end
                    as presence
            from azure_streams as streams
            inner join (select unnest(range({int(whole) + 1})) as replica) as replicas
                on replica = 0 or grow
        ),
        drawn as (
            select
                repeated.*, days.*,
                draw(concat('azure', stream, day), 1000) as chance,
                draw(concat('present', stream, day), 1000) < presence as is_present
            from repeated cross join azure_days as days
        ),
        used as (
            select
                drawn.*, meters.price_usd, meters.block, meters.category,
                cast(case
                    when stream = 'in' then {COPY_FROM_GOOGLE}
                    when steady then drawn.quantity
                    when not grow then drawn.quantity * (850 + chance // 5) / 1000
                    when meters.unit in ('1K', '1M', '10K')
                        then round(drawn.quantity * if(weekday > 5, 0.4, 1) * (600 + chance) / 1000)
                    else drawn.quantity * if(weekday > 5, 0.5, 1) * (600 + chance) / 1000
                end as decimal(24, 6)) as used_quantity
            from drawn inner join azure_meters as meters on meters.meter = drawn.meter
            where is_present
        ),
        priced as (
            select
                used.*,
                cast(case
                    when category = 'Virtual Machines' and variant = 'usage'
                        and export = 'azure_main' then price_usd * {NEGOTIATED_SHARE}
                    else price_usd
                end as decimal(18, 8)) as negotiated,
                paying.hourly
            from used
            left join (select variant as paid_by, hourly from azure_commitments) as paying
                on paid_by = variant
        )
        select
            export, month, month_index, day, stream, meter, resource, resource_type, project, team,
            environment, 'Usage' as charge_type,
            case variant
                when 'usage_spot' then 'Spot'
                when 'reserved' then 'Reservation'
                when 'prepaid' then 'Reservation'
                when 'savings' then 'SavingsPlan'
                else 'OnDemand'
            end as pricing_model,
            'UsageBased' as frequency,
            case
                when variant in ('reserved', 'prepaid', 'savings') then 'covered_usage'
                else variant
            end as charge_kind,
            used_quantity as quantity,
            -- Rows of reserved machines come without prices: those are in the price sheet.
            if(variant in ('reserved', 'prepaid'), 0, negotiated) as unit_price,
            if(variant in ('reserved', 'prepaid'), 0, price_usd) as payg_price,
            cast(case
                when hourly is null then round(used_quantity * negotiated / block, 8) else 0
            end as decimal(24, 8)) as actual_usd,
            cast(case
                when variant = 'savings' then round(used_quantity * price_usd * {SAVINGS_SHARE}, 8)
                when hourly is not null then round(used_quantity * hourly, 8)
                else round(used_quantity * negotiated / block, 8)
            end as decimal(24, 8)) as amortized_usd,
            variant
        from priced
        """
    )


def _create_idle(estate: EstateContext) -> None:
    """One row per commitment and day: what of it nobody used, in the amortized file only."""
    estate.con.execute(
        """
        create or replace table azure_idle as
        with used as (
            select variant, month, month_index, day, sum(quantity) as hours,
                sum(amortized_usd) as cost
            from azure_usage where charge_kind = 'covered_usage'
            group by all
        ),
        idle as (
            select
                commitments.*, used.month, used.month_index, used.day,
                cast(if(
                    commitments.variant = 'savings',
                    units * 24 * hourly - cost, units * 24 - hours
                ) as decimal(24, 6)) as idle
            from used inner join azure_commitments as commitments using (variant)
        )
        select
            export, month, month_index, day, name as stream, meter,
            cast(null as varchar) as resource, cast(null as varchar) as resource_type,
            cast(null as varchar) as project, cast(null as varchar) as team,
            cast(null as varchar) as environment,
            if(variant = 'savings', 'UnusedSavingsPlan', 'UnusedReservation') as charge_type,
            if(variant = 'savings', 'SavingsPlan', 'Reservation') as pricing_model,
            'UsageBased' as frequency, 'unused_commitment' as charge_kind,
            if(variant = 'savings', 24, idle) as quantity,
            cast(0 as decimal(18, 8)) as unit_price, cast(0 as decimal(18, 8)) as payg_price,
            cast(null as decimal(24, 8)) as actual_usd,
            cast(if(variant = 'savings', idle, round(idle * hourly, 8)) as decimal(24, 8))
                as amortized_usd,
            variant
        from idle
        where idle > 0
        """
    )


def _create_purchases(estate: EstateContext) -> None:
    """Fees of commitments (actual file only), marketplace plans, refunds, rounding of invoices.

    A reservation bills a twelfth of its year (730 hours), a savings plan the hours of the month.
    """
    refunded = min(1, len(estate.months) - 1)
    estate.con.execute(
        f"""
        create or replace table azure_purchases as
        with firsts as (
            select month, month_index, min(day) as day, count(*) as days
            from azure_days group by month, month_index
        ),
        fees as (
            select
                commitments.export, month, month_index, day, name as stream, meter,
                'Purchase' as charge_type,
                if(variant = 'savings', 'SavingsPlan', 'Reservation') as pricing_model,
                if(monthly, 'Recurring', 'OneTime') as frequency,
                'commitment_purchase' as charge_kind, units as quantity,
                cast(hourly * case
                    when variant = 'savings' then 24 * days when monthly then 730 else 8760
                end as decimal(18, 8)) as unit_price,
                variant
            from azure_commitments as commitments cross join firsts
            where monthly or month_index = 0
            union all
            select
                export, month, month_index, day + 9, concat(name, '-return'), meter, 'Refund',
                'Reservation', 'OneTime', 'commitment_refund', -units,
                cast(hourly * 876 as decimal(18, 8)), variant
            from azure_commitments cross join firsts
            where not monthly and month_index = {refunded}
            union all
            select
                export, month, month_index, day + extra.offset_days, stream, cast(null as varchar),
                charge_type, 'OnDemand', frequency, charge_kind, quantity,
                cast(price as decimal(18, 8)), 'usage'
            from firsts cross join (values
                ('azure_main', 'corvid-plan', 0, 'Purchase', 'Recurring', 'purchase', 1, '450', 99),
                ('azure_main', 'outage', 12, 'Refund', 'OneTime', 'refund', -1, '35.5', {refunded}),
                ('azure_europe', 'rounding', 1, 'RoundingAdjustment', 'OneTime', 'adjustment', 1,
                    '0.004', 99)
            ) as extra (
                export, stream, offset_days, charge_type, frequency, charge_kind, quantity, price,
                only_month
            )
            where only_month in (99, month_index)
        )
        select
            export, month, month_index, day, stream, meter, cast(null as varchar) as resource,
            cast(null as varchar) as resource_type, cast(null as varchar) as project,
            cast(null as varchar) as team, cast(null as varchar) as environment, charge_type,
            pricing_model, frequency, charge_kind, cast(quantity as decimal(24, 6)) as quantity,
            unit_price, unit_price as payg_price,
            cast(round(quantity * unit_price, 8) as decimal(24, 8)) as actual_usd,
            case
                when charge_kind not like 'commitment%'
                    then cast(round(quantity * unit_price, 8) as decimal(24, 8))
            end as amortized_usd,
            variant
        from fees
        """
    )
