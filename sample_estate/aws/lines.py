"""The metered lines of a range of hours: presence, quantity, cover by commitments, discounts.

Creates narrow tables: ``lines`` (usage, covered usage, negation, unused capacity) and
``split_lines`` (pods). All money is exact decimal USD.
"""

import duckdb

from sample_estate.aws.commitments import EDP_PCT

# Hours of the older June assembly: storage of restated buckets was 15 % too high.
STALE_FACTOR = "1.15"


def create_lines(
    con: duckdb.DuckDBPyConnection, first_hour: int, last_hour: int, *, stale: bool = False
) -> None:
    """Create ``lines`` and ``split_lines`` for hours in [first_hour, last_hour).

    ``stale`` reproduces what AWS delivered before it restated the month.
    """
    stale_factor = STALE_FACTOR if stale else "1"
    con.execute(
        f"""
        create or replace table metered as
        with reach as (
            select
                routes.*,
                unnest(range(greatest(from_hour, {first_hour}), least(to_hour, {last_hour})))
                    as hour_index
            from routes
            where amount_kind <> 'derived'
                and from_hour < {last_hour} and to_hour > {first_hour}
        ),
        present as (
            select reach.*, hours.month_index, hours.calendar_hours, hours.diurnal
            from reach
            inner join hours using (hour_index)
            where (
                calendar = 'all'
                or (calendar = 'business' and hours.is_business)
                or (calendar = 'daily' and hours.is_midnight)
            )
            and (
                presence_pct = 100
                or draw_at(key_hash, 1, hour_index, 100) < presence_pct
                -- Whatever is rare shows at least once, in the first hour of its interval.
                or hour_index = from_hour
            )
        ),
        measured as (
            select
                *,
                -- Spread of +- amount_spread_pct around the mean, drawn per hour.
                1 + amount_spread_pct / 100.0
                    * (draw_at(key_hash, 2, hour_index, 2001) - 1000) / 1000.0 as jitter
            from present
        ),
        sized as (
            select
                *,
                case amount_kind
                    when 'hours' then case
                        -- A job ends within its last hour.
                        when is_run and hour_index = to_hour - 1 and not is_node
                            then round(0.05 + draw_at(key_hash, 3, 0, 9000) / 10000.0, 4)
                        else 1.0
                    end
                    when 'fixed' then amount
                    when 'metered' then case amount_digits
                        when 0 then floor(amount * jitter * if(follows_day, diurnal, 1))
                        when 7 then round(amount * jitter * if(follows_day, diurnal, 1), 7)
                        else round(amount * jitter * if(follows_day, diurnal, 1), 10)
                    end
                    when 'share_of_month' then round(
                        amount * jitter * pow(1 + growth_pct / 100.0, month_index)
                        * if(calendar = 'daily', 24, 1) / calendar_hours, 10)
                end as quantity
            from measured
        )
        select
            stream_id, covered_stream_id, reserved_stream_id, negation_stream_id,
            cast(hour_index as integer) as hour_index,
            cast(quantity as decimal(20, 10)) as amount,
            cast(rate * if(restated, {stale_factor}, 1) as decimal(18, 10)) as rate, list_rate,
            sp, sp_rate, sp_priority, ri, cr, charge_kind, edp, private_pct, bundled_pct, is_node
        from sized
        where quantity > 0
        """
    )
    con.execute(
        """
        create or replace table routed as
        with drawn as (
            select
                metered.*,
                metered.hour_index >= reservations.from_hour as is_reserved,
                savings_plans.commitment,
                case when metered.hour_index >= savings_plans.from_hour
                    then sum(amount * metered.sp_rate) over (
                        partition by metered.sp, hour_index order by sp_priority, stream_id
                    )
                end as drawn_so_far
            from metered
            left join savings_plans using (sp)
            left join reservations using (ri)
        )
        select
            drawn.*,
            cast(case
                when drawn_so_far is null then 0
                when drawn_so_far <= commitment then amount
                -- What is left of the hour's commitment, in whole ten-thousandths of an hour.
                else greatest(0, floor((commitment - (drawn_so_far - amount * sp_rate))
                    / sp_rate * 10000 - 0.000001) / 10000.0)
            end as decimal(20, 10)) as covered
        from drawn
        """
    )
    con.execute(
        f"""
        create or replace table lines as
        with spread as (
            -- On demand, spot, storage, tokens, transfer; and what a plan left uncovered.
            select
                stream_id, hour_index, amount - covered as amount,
                cast((amount - covered) * rate as decimal(20, 10)) as cost,
                cast((amount - covered) * list_rate as decimal(20, 10)) as list_cost,
                cast(0 as decimal(24, 12)) as effective, edp, private_pct, bundled_pct
            from routed
            where amount > covered and not coalesce(is_reserved, false)
            union all
            select
                covered_stream_id, hour_index, covered,
                cast(covered * rate as decimal(20, 10)),
                cast(covered * list_rate as decimal(20, 10)),
                cast(covered * sp_rate as decimal(24, 12)), false, 0, 0
            from routed
            where covered > 0
            union all
            select
                negation_stream_id, hour_index, sum(covered),
                -sum(cast(covered * rate as decimal(20, 10))), 0, 0, false, 0, 0
            from routed
            where covered > 0
            group by negation_stream_id, hour_index
            union all
            select
                reserved_stream_id, hour_index, amount, 0,
                cast(amount * list_rate as decimal(20, 10)),
                cast(amount * (recurring_rate + amortised_rate) as decimal(24, 12)), false, 0, 0
            from routed
            inner join reservations using (ri)
            where is_reserved
            union all
            select
                unused.stream_id, held.hour_index, held.amount - coalesce(taken.amount, 0),
                cast((held.amount - coalesce(taken.amount, 0)) * unused.rate as decimal(20, 10)),
                cast((held.amount - coalesce(taken.amount, 0)) * unused.rate as decimal(20, 10)),
                0, unused.edp, 0, 0
            from routed as held
            inner join routes as unused
                on unused.cr = held.cr and unused.charge_kind = 'capacity_unused'
            left join (
                select cr, hour_index, sum(amount) as amount
                from routed
                where cr is not null and charge_kind <> 'capacity_reserved'
                group by cr, hour_index
            ) as taken on taken.cr = held.cr and taken.hour_index = held.hour_index
            where held.charge_kind = 'capacity_reserved'
                and held.amount > coalesce(taken.amount, 0)
        ),
        bundled as (
            select *, cast(cost * bundled_pct / 100 as decimal(20, 10)) as bundled from spread
        ),
        private as (
            select
                *,
                cast((cost - bundled) * cast(private_pct / 100.0 as decimal(4, 2))
                    as decimal(20, 10)) as private
            from bundled
        )
        select
            cast(stream_id as integer) as stream_id, hour_index,
            cast(amount as decimal(20, 10)) as amount, cast(cost as decimal(20, 10)) as cost,
            list_cost, effective, bundled, private,
            case when edp
                then cast((cost - bundled - private) * cast(0.{EDP_PCT:02d} as decimal(4, 2))
                    as decimal(20, 10))
                else 0 end as edp
        from private
        order by hour_index, stream_id
        """
    )
    con.execute(
        """
        create or replace table split_lines as
        with node_hours as (
            -- A node is covered whole or not at all; its amortised cost has at most six decimals.
            select
                node_routes.node_stream_id, node_routes.key_hash, lines.hour_index,
                sum(if(is_covered, lines.effective, lines.cost)) as node_cost,
                sum(lines.list_cost) as node_list_cost
            from lines
            inner join node_routes using (stream_id)
            group by node_routes.node_stream_id, node_routes.key_hash, lines.hour_index
        )
        select
            pod_routes.stream_id, node_hours.hour_index, reserved, used,
            greatest(reserved, used) as amount, split_ratio,
            cast(node_cost * split_ratio as decimal(24, 12)) as split_cost,
            cast(node_cost * unused_ratio as decimal(24, 12)) as unused_cost,
            cast(node_list_cost * split_ratio as decimal(24, 12)) as list_split_cost,
            cast(node_list_cost * unused_ratio as decimal(24, 12)) as list_unused_cost
        from node_hours
        inner join pod_routes using (node_stream_id)
        -- In one hour of twelve memory metrics are missing: that share stays with nobody.
        where not is_memory or draw_at(node_hours.key_hash, 4, node_hours.hour_index, 12) > 0
        order by node_hours.hour_index, pod_routes.stream_id
        """
    )
