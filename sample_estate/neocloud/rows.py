"""The vendor's charges as one typed table, ``corvid_rows``: what is billed, used and left idle."""

from __future__ import annotations

from sample_estate.clock import Month
from sample_estate.context import EstateContext
from sample_estate.engine import literal, load_rows, read_facts

ACCOUNT = "CC-204417"
COMMITMENT = "crn:corvid:commitment/h100-8-2026-01"
#: What is sold, to which project, in which environment: one stream of daily rows each.
SLOTS = (
    ("h100-8", "atlas-pretrain", "research"),
    ("h100-8", "atlas-pretrain", "research"),
    ("h100-8", "atlas-finetune", "research"),
    ("h100-8", "lumen-vision", "development"),
    ("h200-8", "search-ranker", "research"),
    ("h200-8", "assistant-prod", "production"),
    ("l40s-1-spot", "assistant-eval", "staging"),
    ("l40s-1-spot", "lumen-vision", "development"),
    ("block", "corpus-build", "production"),
    ("object", "corpus-build", "production"),
    ("egress", "assistant-prod", "production"),
    ("tokens-in", "search-ranker", "production"),
    ("tokens-cached", "search-ranker", "production"),
    ("tokens-out", "search-ranker", "production"),
)
PRICE_COLUMNS = {
    "sku": "varchar",
    "service_name": "varchar",
    "service_category": "varchar",
    "service_subcategory": "varchar",
    "sku_meter": "varchar",
    "resource_type": "varchar",
    "instance_type": "varchar",
    "sku_price_details": "varchar",
    "pricing_unit": "varchar",
    "consumed_unit": "varchar",
    "block_size": "integer",
    "list_price": "decimal(18,4)",
    "contracted_price": "decimal(18,4)",
    "committed_price": "decimal(18,4)",
}
MONEY = "decimal(28,10)"


def create_streams(estate: EstateContext) -> None:
    """Create the price list, the streams, and an empty ``corvid_rows``.

    An estate of fewer rows than streams times days has rows of several days each.
    """
    con = estate.con
    prices = [
        {column: value or None for column, value in row.items()}
        for row in read_facts("neocloud_prices.csv")
    ]
    load_rows(con, "corvid_prices", PRICE_COLUMNS, prices)
    days = sum((month.end - month.start).days for month in estate.months)
    streams = max(len(SLOTS), estate.rows // days - 1)
    stride = max(1, -(-streams * days // max(estate.rows, 1)))
    slots = [
        {"slot": number, "sku": sku, "project": project, "environment": environment}
        for number, (sku, project, environment) in enumerate(SLOTS)
    ]
    columns = {"slot": "int", "sku": "varchar", "project": "varchar", "environment": "varchar"}
    load_rows(con, "corvid_slots", columns, slots)
    con.execute(
        f"""
        create or replace table corvid_streams as
        select
            number, corvid_slots.*, projects.team,
            sku || '-' || hex_id('corvid ' || number, 8) as resource_name,
            pick('corvid team ' || number, teams.aliases) as team_text,
            pick('corvid team key ' || number, team_keys.aliases) as team_key,
            pick('corvid env ' || number, environments.aliases) as environment_text
        from range({streams}) as numbers (number)
        inner join corvid_slots on number % {len(SLOTS)} = slot
        inner join projects using (project)
        inner join teams using (team)
        inner join environments using (environment)
        inner join tag_keys as team_keys on team_keys.tag = 'team'
        """
    )
    con.execute("create or replace table corvid_plan as select ? as stride", [stride])
    con.execute(
        f"""
        create or replace table corvid_rows (
            month varchar, charge_kind varchar, number bigint, period_start timestamp,
            period_end timestamp, charge_category varchar, charge_class varchar,
            charge_frequency varchar, description varchar, sku varchar, pricing_category varchar,
            quantity decimal(18,6), list_price decimal(18,4), contracted_price decimal(18,4),
            billed_cost {MONEY}, effective_cost {MONEY}, list_cost {MONEY}, contracted_cost {MONEY},
            commitment_status varchar, resource_id varchar, project varchar, tags varchar,
            billing_account_id varchar default '{ACCOUNT}'
        )
        """
    )


def create_rows(estate: EstateContext, month: Month) -> None:
    """Append one month's charges."""
    statements = [_USAGE, _UNUSED, _FEES]
    if month.index == 1:
        statements.append(_CORRECTION)
    if estate.is_closed(month):
        statements.append(_TAX)
    for statement in statements:
        for name, value in (("month", month.name), ("first", month.start), ("next", month.end)):
            statement = statement.replace(f"${name}", literal(value))
        estate.con.execute(statement)


# Nodes under the commitment run 18 to 24 hours a day; what they leave is idle and paid for.
_USAGE = f"""
    insert into corvid_rows by name
    with blocks as (
        select
            day as period_start,
            least(day + to_days(stride), cast($next as timestamp)) as period_end
        from corvid_plan,
            unnest(generate_series(
                cast($first as timestamp), cast($next as timestamp) - interval 1 day,
                to_days(stride)
            )) as days (day)
    ),
    drawn as (
        select
            corvid_streams.*, corvid_prices.* exclude (sku), period_start, period_end,
            date_diff('day', period_start, period_end) as days,
            'corvid ' || number || ' ' || period_start as key
        from corvid_streams
        inner join corvid_prices using (sku)
        cross join blocks
    ),
    measured as (
        select
            *,
            cast(case
                when sku = 'h100-8' then days * (18 + draw(key, 7))
                when sku = 'h200-8' then days * (6 + draw(key, 19))
                when sku = 'l40s-1-spot' then days * (4 + draw(key, 21))
                when sku = 'block' then days * (4096 + 512 * (number % 5)) / 30.0
                when sku = 'object'
                    then days * (180000 + draw('corvid size ' || number, 9000)) / 30.0
                when sku = 'egress' then days * (350 + draw(key, 900))
                else days * (40 + draw(key, 260)) + draw(key || ' m', 1000) / 1000.0
            end as decimal(18,6)) as quantity,
            -- The spot price moves by the day.
            case
                when sku = 'l40s-1-spot'
                    then cast(0.46 + draw(key || ' spot', 17) / 100.0 as decimal(18,4))
                else contracted_price
            end as paid_price,
            sku = 'h100-8' as is_covered
        from drawn
    )
    select
        $month as month,
        case when is_covered then 'usage_used' else 'usage' end as charge_kind,
        number,
        period_start,
        period_end,
        'Usage' as charge_category,
        'Usage-Based' as charge_frequency,
        service_name || ': ' || sku_meter as description,
        sku,
        case
            when is_covered then 'Committed' when sku like '%spot' then 'Dynamic' else 'Standard'
        end as pricing_category,
        quantity,
        list_price,
        paid_price as contracted_price,
        case when is_covered then 0 else cast(paid_price * quantity as {MONEY}) end as billed_cost,
        cast((case when is_covered then committed_price else paid_price end) * quantity as {MONEY})
            as effective_cost,
        cast(list_price * quantity as {MONEY}) as list_cost,
        cast(paid_price * quantity as {MONEY}) as contracted_cost,
        case when is_covered then 'Used' end as commitment_status,
        'crn:corvid:eu-de-1:' || project || '/' || resource_name as resource_id,
        project,
        '{{' || concat_ws(
            ',',
            '"' || team_key || '":"' || team_text || '"',
            '"project":"' || project || '"',
            '"env":"' || environment_text || '"'
        ) || '}}' as tags
    from measured
    order by number, period_start
"""
_UNUSED = f"""
    insert into corvid_rows by name
    with used as (
        select period_start, period_end, count(*) as nodes, sum(quantity) as hours
        from corvid_rows
        where month = $month and charge_kind = 'usage_used'
        group by all
    )
    select
        $month as month,
        'usage_unused' as charge_kind,
        -1 as number,
        period_start,
        period_end,
        'Usage' as charge_category,
        'Usage-Based' as charge_frequency,
        'Reserved H100 node hours not used' as description,
        sku,
        'Committed' as pricing_category,
        cast(nodes * date_diff('hour', period_start, period_end) - hours as decimal(18,6))
            as quantity,
        committed_price as list_price,
        committed_price as contracted_price,
        0 as billed_cost,
        cast(committed_price * quantity as {MONEY}) as effective_cost,
        effective_cost as list_cost,
        effective_cost as contracted_cost,
        'Unused' as commitment_status,
        '{COMMITMENT}' as resource_id
    from used
    inner join corvid_prices on sku = 'h100-8'
    where nodes * date_diff('hour', period_start, period_end) > hours
    order by period_start
"""
_FEES = f"""
    insert into corvid_rows by name
    with fees as (
        select
            'purchase_commitment' as charge_kind, sku, committed_price as price,
            date_diff('hour', cast($first as timestamp), cast($next as timestamp)) * nodes
                as quantity,
            'Reserved H100 nodes, monthly fee' as description, '{COMMITMENT}' as resource_id
        from corvid_prices
        cross join (
            select count(distinct number) as nodes from corvid_rows where charge_kind = 'usage_used'
        )
        where sku = 'h100-8'
        union all
        select 'purchase', sku, list_price, 1, 'Support plan, monthly fee', null
        from corvid_prices where sku = 'support'
    )
    select
        $month as month,
        charge_kind,
        -1 as number,
        cast($first as timestamp) as period_start,
        cast($next as timestamp) as period_end,
        'Purchase' as charge_category,
        'Recurring' as charge_frequency,
        description,
        sku,
        'Standard' as pricing_category,
        quantity,
        price as list_price,
        price as contracted_price,
        cast(price * quantity as {MONEY}) as billed_cost,
        case when resource_id is null then billed_cost else 0 end as effective_cost,
        billed_cost as list_cost,
        billed_cost as contracted_cost,
        resource_id
    from fees
    union all by name
    select
        $month as month,
        'credit' as charge_kind,
        -1 as number,
        cast($first as timestamp) as period_start,
        cast($next as timestamp) as period_end,
        'Credit' as charge_category,
        'One-Time' as charge_frequency,
        'Start-up credit' as description,
        -1250.00 as billed_cost,
        -1250.00 as effective_cost,
        -1250.00 as list_cost,
        -1250.00 as contracted_cost
"""
# A node of the month before that had not worked: found after its invoice.
_CORRECTION = """
    insert into corvid_rows by name
    select
        $month as month,
        'correction_usage' as charge_kind,
        number,
        period_start,
        period_end,
        charge_category,
        'Correction' as charge_class,
        charge_frequency,
        'Node was unreachable: refund for the month before' as description,
        sku,
        pricing_category,
        -billed_cost as billed_cost,
        -effective_cost as effective_cost,
        -list_cost as list_cost,
        -contracted_cost as contracted_cost,
        resource_id,
        project,
        tags
    from corvid_rows
    where sku = 'h200-8' and charge_kind = 'usage' and period_start < cast($first as timestamp)
    order by number, period_start
    limit 2
"""
_TAX = f"""
    insert into corvid_rows by name
    select
        $month as month,
        'tax' as charge_kind,
        -1 as number,
        cast($first as timestamp) as period_start,
        cast($next as timestamp) as period_end,
        'Tax' as charge_category,
        'Recurring' as charge_frequency,
        'VAT 19 %' as description,
        tax as billed_cost,
        tax as effective_cost,
        tax as list_cost,
        tax as contracted_cost
    from (
        select cast(round(sum(billed_cost) * 0.19, 2) as {MONEY}) as tax
        from corvid_rows
        where month = $month
    )
"""
