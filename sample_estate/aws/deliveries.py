"""Assemblies: which rows AWS delivers for a month, when, and in which files.

Content (lines, fees) is made once per assembly and range of hours; the two writers only choose
columns, names and formats. Superseded assemblies are made first, so that the accumulated totals
end as those of the current one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sample_estate.aws import fees, lines
from sample_estate.clock import Month, delivered_on
from sample_estate.engine import seeded_uuid

ROWS_PER_FILE = 500_000
# The first delivery of the restated month lacks its last hours, as late usage does.
LATE_HOURS = 6


@dataclass(frozen=True)
class Assembly:
    """One complete delivery of one month of one export."""

    source: str
    month: Month
    assembly_id: str
    delivered_at: str
    is_current: bool
    is_closed: bool


@dataclass(frozen=True)
class Part:
    """One file of an assembly; the last one also carries the fees."""

    assembly: Assembly
    number: int
    with_fees: bool


Writer = Callable[[duckdb.DuckDBPyConnection, Part], Path]


def create_accumulators(con: duckdb.DuckDBPyConnection) -> None:
    """Create the running totals that fees and truth are computed from."""
    con.execute(
        """
        create or replace table month_streams (
            month_index bigint, stream_id integer, rows bigint, amount decimal(28, 10),
            cost decimal(28, 10), list_cost decimal(28, 10), effective decimal(28, 12),
            bundled decimal(28, 10), private decimal(28, 10), edp decimal(28, 10),
            split_cost decimal(28, 12), unused_cost decimal(28, 12)
        );
        create or replace table day_streams (
            month_index bigint, usage_date date, stream_id integer, amount decimal(28, 10),
            cost decimal(28, 10), discount decimal(28, 10)
        );
        create or replace table plan_hours (
            month_index bigint, sp varchar, hour_index integer, used decimal(24, 12)
        );
        create or replace table node_hours (
            month_index bigint, node varchar, hours bigint, node_cost decimal(28, 12),
            split_cost decimal(28, 12), unused_cost decimal(28, 12)
        );
        create or replace table assemblies (
            source varchar, month varchar, assembly_id varchar, delivered_at varchar,
            is_current boolean, is_closed boolean, files integer, rows bigint,
            unblended_cost decimal(28, 10)
        );
        create or replace table fees_kept as
        select 0::bigint as month_index, * from (select null) where false;
        """
    )


def deliver_month(
    con: duckdb.DuckDBPyConnection,
    month: Month,
    writers: dict[str, Writer],
    *,
    is_closed: bool,
    stale: bool,
    expected_rows: int,
) -> None:
    """Generate one month once and let every writer deliver it."""
    for table in ("month_streams", "day_streams", "plan_hours", "node_hours"):
        con.execute(f"delete from {table} where month_index = {month.index}")
    day = 2 if stale else (13 if is_closed else 0)
    assemblies = [
        Assembly(
            source,
            month,
            seeded_uuid(con, f"{source}{month.name}{stale}"),
            delivered_on(month, day, 13 if source == "aws_main" else 9),
            not stale,
            is_closed,
        )
        for source in writers
    ]
    last_hour = month.last_hour - (LATE_HOURS if stale else 0)
    count = max(2, math.ceil(expected_rows / ROWS_PER_FILE))
    hours = last_hour - month.first_hour
    edges = [month.first_hour + hours * i // count for i in range(count + 1)]
    files: dict[str, list[Path]] = {source: [] for source in writers}
    for assembly in assemblies:
        name_line_ids(con, assembly)
    for number in range(count):
        lines.create_lines(con, edges[number], edges[number + 1], stale=stale)
        _accumulate(con, month)
        is_last = number == count - 1
        if is_last:
            fees.create_fees(con, month.index)
        for assembly in assemblies:
            part = Part(assembly, number + 1, is_last)
            files[assembly.source].append(writers[assembly.source](con, part))
    for assembly in assemblies:
        _record(con, assembly, len(files[assembly.source]))
    if not stale:
        con.execute(
            f"{'create or replace table fees_kept as' if month.index == 0 else 'insert into'}"
            f"{'' if month.index == 0 else ' fees_kept'}"
            f" select {month.index}::bigint as month_index, * from fee_lines"
        )


def _accumulate(con: duckdb.DuckDBPyConnection, month: Month) -> None:
    """Add the current lines to the running totals."""
    con.execute(
        f"""
        insert into month_streams
        select
            {month.index}, stream_id, count(*), sum(amount), sum(cost), sum(list_cost),
            sum(effective), sum(bundled), sum(private), sum(edp), 0, 0
        from lines
        group by stream_id
        union all
        select
            {month.index}, stream_id, count(*), sum(amount), 0, 0, 0, 0, 0, 0,
            sum(split_cost), sum(unused_cost)
        from split_lines
        group by stream_id;
        insert into day_streams
        select
            {month.index}, cast(hours.hour_start as date), stream_id, sum(lines.amount),
            sum(cost), sum(bundled + private + edp)
        from lines
        inner join hours using (hour_index)
        inner join streams using (stream_id)
        where streams.path_class is not null or streams.token_model is not null
        group by all;
        insert into plan_hours
        select {month.index}, streams.sp, lines.hour_index, sum(lines.effective)
        from lines
        inner join streams using (stream_id)
        where streams.variant = 'sp_covered'
        group by streams.sp, lines.hour_index;
        insert into node_hours
        with parents as (
            select
                streams.resource_id as node, lines.hour_index,
                sum(case streams.variant when 'sp_covered' then lines.effective
                    when 'usage' then lines.cost else 0 end) as node_cost
            from lines
            inner join streams using (stream_id)
            where streams.eks_cluster is not null and streams.resource_id is not null
            group by streams.resource_id, lines.hour_index
        ),
        pods as (
            select
                streams.parent_resource_id as node, split_lines.hour_index,
                sum(split_lines.split_cost) as split_cost,
                sum(split_lines.unused_cost) as unused_cost
            from split_lines
            inner join streams using (stream_id)
            group by streams.parent_resource_id, split_lines.hour_index
        )
        select
            {month.index}, node, count(*), sum(node_cost), sum(split_cost), sum(unused_cost)
        from parents
        inner join pods using (node, hour_index)
        group by node;
        """
    )


def name_line_ids(con: duckdb.DuckDBPyConnection, assembly: Assembly) -> None:
    """Create ``assembly_streams_<source>``: texts plus this delivery's row ids.

    A line item id is one per stream, so it repeats over the hours as in real reports.
    """
    # AWS bills each payer from one legal entity; the invoice comes when the month is closed.
    invoice = (
        f"case when {str(assembly.is_closed).lower()} then cast(2100000000 + draw("
        f"'{assembly.source}{assembly.month.name}' || coalesce(billing_entity, 'AWS'),"
        " 800000000) as varchar) end"
    )
    entity = {
        "aws_main": "Amazon Web Services, Inc.",
        "aws_research": "Amazon Web Services EMEA SARL",
    }[assembly.source]
    con.execute(
        f"""
        create or replace table assembly_streams_{assembly.source} as
        select
            streams.*, '{entity}' as invoicing_entity,
            base32_id(stream_key || '{assembly.assembly_id}', 52) as line_item_id,
            {invoice} as invoice_id,
            case
                when streams.instance_type is null then null
                when map_contains(product, 'gpu') then 'GPU instance'
                else 'General purpose'
            end as instance_family,
            cast(rate as varchar) as rate_text,
            case when variant not in ('sp_negation', 'split') then cast(list_rate as varchar) end
                as list_rate_text,
            reservations.payment_option as ri_payment_option,
            map_from_entries(
                list_transform(map_entries(resource_tags),
                    lambda tag: {{key: 'resourceTags/' || tag.key, value: tag.value}})
                || list_transform(map_entries(cost_category),
                    lambda tag: {{key: 'costCategory/' || tag.key, value: tag.value}})
                || case when tag_team is null then [] else [
                    {{key: 'accountTags/team', value: tag_team}}] end
            ) as tags
        from streams
        left join reservations
            on reservations.ri = streams.ri and streams.variant = 'ri_covered'
        where streams.source = '{assembly.source}'
        order by stream_id
        """
    )


def create_assembly_fees(con: duckdb.DuckDBPyConnection, assembly: Assembly) -> None:
    """Create ``assembly_fees`` from ``fee_lines`` for one export."""
    entity = {
        "aws_main": "Amazon Web Services, Inc.",
        "aws_research": "Amazon Web Services EMEA SARL",
    }[assembly.source]
    con.execute(
        f"""
        create or replace table assembly_fees as
        select
            fee_lines.*, accounts.account_id, accounts.name as account_name, accounts.payer_id,
            accounts.payer_name, '{entity}' as invoicing_entity,
            base32_id(fee_lines.source || fee_key || '{assembly.assembly_id}', 52)
                as line_item_id,
            strftime(usage_start, '%Y-%m-%dT%H:%M:%SZ') || '/'
            || strftime(usage_end, '%Y-%m-%dT%H:%M:%SZ') as time_interval,
            -- Purchases and refunds are invoiced at once, usage when the month is closed.
            case when bill_type <> 'Anniversary' or {str(assembly.is_closed).lower()}
                then cast(2100000000 + draw(
                    '{assembly.source}{assembly.month.name}' || coalesce(billing_entity, 'AWS')
                    || case bill_type when 'Anniversary' then '' else bill_type end,
                    800000000) as varchar) end as invoice_id,
            sku_id(fee_lines.product_code || coalesce(fee_lines.usage_type, '')) as sku,
            map_from_entries(list_filter([
                {{key: 'Team', value: accounts.tag_team}},
                {{key: 'Organisation', value: case fee_lines.source when 'aws_main' then 'halden'
                    else 'halden-lab' end}}
            ], lambda entry: entry.value is not null)) as cost_category,
            savings_plans.sp_arn, savings_plans.term_start as sp_term_start,
            savings_plans.offering as sp_offering,
            savings_plans.payment_option as sp_payment_option,
            reservations.ri_arn, reservations.subscription_id as ri_subscription_id,
            reservations.term_start as ri_term_start, reservations.upfront_fee as upfront_value,
            case when fee_lines.charge_kind = 'ri_fee' then reservations.count end as ri_count,
            (select any_value(normalization_factor) from streams
                where streams.instance_type = fee_lines.instance_type and fee_lines.ri is not null)
                as normalization_factor
        from fee_lines
        inner join accounts on accounts.key = fee_lines.account
        left join savings_plans using (sp)
        left join reservations on reservations.ri = fee_lines.ri
        where fee_lines.source = '{assembly.source}'
        order by fee_lines.usage_start, fee_key
        """
    )


def _record(con: duckdb.DuckDBPyConnection, assembly: Assembly, files: int) -> None:
    """Note what this delivery holds, for the truth."""
    con.execute(
        f"""
        insert into assemblies
        select
            '{assembly.source}', '{assembly.month.name}', '{assembly.assembly_id}',
            '{assembly.delivered_at}', {assembly.is_current}, {assembly.is_closed}, {files},
            (select coalesce(sum(rows), 0) from month_streams inner join streams using (stream_id)
                where source = '{assembly.source}' and month_index = {assembly.month.index})
            + (select count(*) from fee_lines where source = '{assembly.source}'),
            (select coalesce(sum(cost), 0) from month_streams inner join streams
                using (stream_id)
                where source = '{assembly.source}' and month_index = {assembly.month.index})
            + (select coalesce(sum(cost), 0) from fee_lines where source = '{assembly.source}')
        """
    )
