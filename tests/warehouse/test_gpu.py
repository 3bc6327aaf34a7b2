"""Accelerator-hours are those of the bill, in the states and at the cost that were planted."""

from __future__ import annotations

import pytest

from tests.warehouse.warehouse import Warehouse

HOURS = "ai_finops.gpu.accelerator_hours"
CHARGES = "ai_finops.focus.cost_and_usage"
STATES = ("used", "idle_held", "idle_free", "unallocated", "unknown")
LAWS = ("assert_accelerator_hours_are_the_bill", "assert_fleet_is_the_bill")

# What the bill counts and charges of a machine in an hour, straight from its charges.
MACHINE_HOURS = f"""
    select
        resource_id as machine, date_trunc('hour', charge_period_start) as hour_start,
        sum(consumed_quantity) as machine_hours, sum(effective_cost) as effective_cost
    from {CHARGES}
    where x_source_name = 'aws_main' and resource_id like 'i-%' and consumed_unit = 'Hours'
    group by all
"""


@pytest.fixture(scope="module")
def warehouse(whole_home) -> Warehouse:
    return Warehouse(whole_home.home)


@pytest.fixture(scope="module")
def damaged(warehouse, tmp_path_factory) -> Warehouse:
    """A copy whose tables may be changed."""
    return warehouse.copy_to(tmp_path_factory.mktemp("damaged") / "home")


def test_every_planted_hour_is_in_its_state_at_its_cost(warehouse, whole_home):
    """Each accelerator and MIG slice of machines of eight: hours exact, money to a millionth."""
    found = f"""
        select
            device_id, hour_start, state, sum(accelerator_hours) as accelerator_hours,
            sum(effective_cost) as effective_cost,
            sum({" + ".join(f"if(state = '{state}', {state}_hours, 0)" for state in STATES)})
                as hours_of_state
        from {HOURS} where device_id is not null
        group by all
    """
    planted = f"""
        with devices as (
            select
                *,
                case when mig_instance is null then 1 else 3 / 7 end as accelerators
            from read_parquet('{whole_home.estate}/truth/accelerator_hours.parquet')
            where state <> 'unknown'
        )
        select
            device_id, devices.hour_start, state,
            machine_hours * accelerators as accelerator_hours,
            effective_cost * accelerators / 8 as effective_cost
        from devices
        inner join ({MACHINE_HOURS}) as billed
            on devices.instance_id = billed.machine and devices.hour_start = billed.hour_start
    """
    ((both, planted_rows, found_rows, hours, money, states),) = warehouse.rows(
        f"""
        select
            count(*) filter (planted.device_id is not null and found.device_id is not null),
            count(planted.device_id), count(found.device_id),
            count(*) filter (
                abs(planted.accelerator_hours - found.accelerator_hours) < 1e-9
                and found.hours_of_state = found.accelerator_hours
            ),
            count(*) filter (abs(planted.effective_cost - found.effective_cost) < 1e-6),
            count(distinct planted.state)
        from ({planted}) as planted
        full join ({found}) as found using (device_id, hour_start, state)
        """
    )
    assert both == planted_rows == found_rows == hours == money > 5_000
    assert states == 4


def test_what_no_exporter_saw_is_unknown_and_never_idle(warehouse):
    """Machines without telemetry, and the accelerators of watched machines that gave no sample."""
    assert warehouse.rows(
        f"""
        select count(*), max(coverage_ratio) from {HOURS}
        where device_id is null and used_hours + idle_held_hours + idle_free_hours <> 0
        """
    ) == [(0, None)]
    # Every machine-hour of a watched machine has its eight accelerators, seen or not.
    assert warehouse.rows(
        f"""
        select distinct round(sum(accelerator_hours) / any_value(machine_hours), 6)
        from {HOURS} as hours
        inner join ({MACHINE_HOURS}) as billed
            on hours.resource_id = billed.machine and hours.hour_start = billed.hour_start
        where resource_id in (select resource_id from {HOURS} where device_id is not null)
        group by resource_id, hours.hour_start
        """
    ) == [(8.0,)]


def test_jobs_say_how_many_accelerators_nobody_held(warehouse, whole_home):
    """Slurm reserves; what it does not is unallocated, what it does is unknown without samples."""
    jobs = f"read_parquet('{whole_home.estate}/truth/slurm_jobs.parquet')"
    query = f"""
        with held as (
            select resource_id, hour_start, sum(
                accelerators * greatest(0, epoch(
                    least(ended_at, hour_start + interval 1 hour)
                    - greatest(started_at, hour_start)
                )) / 3600
            ) as accelerators
            from {jobs}
            inner join (
                select distinct resource_id, hour_start from {HOURS} where provider = 'on_prem'
            ) using (resource_id)
            group by all
        ),
        span as (
            select resource_id, min(started_at) as first_at, (select max(ended_at) from {jobs})
                as last_at
            from {jobs} group by all
        )
        select
            count(*), count(distinct unallocated_hours), count(*) filter (
                case
                    when hour_start between first_at and last_at - interval 1 hour
                        then abs(8 - held.accelerators - unallocated_hours) > 1e-6
                    else unallocated_hours <> 0
                end
                or unallocated_hours + unknown_hours <> 8
            )
        from {HOURS} left join held using (resource_id, hour_start)
        left join span using (resource_id)
        where provider = 'on_prem'
    """
    ((rows, kinds, wrong),) = warehouse.rows(query)
    assert rows > 1_000 and kinds >= 5
    assert wrong == 0


def test_an_empty_reservation_is_unallocated(warehouse):
    assert warehouse.rows(
        f"""
        select sum(unallocated_hours), sum(unallocated_cost) from {HOURS}
        where purchase_option = 'reserved' and resource_id like '%capacity-reservation%'
        """
    ) == warehouse.rows(
        f"""
        select sum(consumed_quantity) * 8, sum(effective_cost) from {CHARGES}
        where capacity_reservation_status = 'Unused' and x_instance_type = 'p5.48xlarge'
        """
    )


def test_layers_of_idleness_exclude_each_other(warehouse):
    """Layers are parts of the hours, and useless work is a part of work; streaks are whole."""
    layers = """
        select layer, sum(accelerator_hours), sum(effective_cost)
        from ai_finops.gpu.idle_daily group by all
    """
    parts = " union all ".join(
        f"select '{layer}', sum({layer}_hours), sum({layer}_cost) from {HOURS}"
        for layer in ("unallocated", "idle_held", "idle_free", "useless", "unknown")
    )
    assert warehouse.rows(f"({layers}) except all ({parts})") == []
    assert len(warehouse.rows(layers)) == 5
    assert warehouse.rows(
        f"""
        select count(*) filter (useless_hours > used_hours or useless_cost > used_cost),
            sum(useless_hours) > 0, count(*) filter (useless_hours > 0 and runs = 0)
        from {HOURS}
        """
    ) == [(0, True, 0)]
    # The longest streak of a device, found one hour after another.
    ((longest,),) = warehouse.rows(
        "select max(longest_streak_hours) from ai_finops.gpu.idle_daily where layer = 'idle_held'"
    )
    hours = warehouse.rows(
        f"""
        select distinct device_id, hour_start from {HOURS}
        where state = 'idle_held' order by all
        """
    )
    best = streak = 1
    for (device, hour), (next_device, next_hour) in zip(hours, hours[1:], strict=False):
        follows = device == next_device and (next_hour - hour).total_seconds() == 3600
        streak = streak + 1 if follows else 1
        best = max(best, streak)
    assert longest == best


def test_a_split_policy_moves_cost_and_leaves_the_bill(warehouse):
    """The accelerators of a p5.48xlarge are 16.0 %, 34.0 %, 95 % or all of it."""
    shares = warehouse.rows(
        """
        select distinct policy, round(accelerator_share, 3)
        from warehouse.allocation.node_cost_shares
        inner join warehouse.allocation.attribution_keys
            using (source_name, billing_period, attribution_key)
        where x_instance_type = 'p5.48xlarge' and share_basis <> 'size_unknown' order by all
        """
    )
    assert [(name, float(share)) for name, share in shares] == [
        ("aws_split_cost", 0.16),
        ("datadog", 0.95),
        ("opencost", 0.34),
        ("whole_node", 1.0),
    ]
    totals = warehouse.rows(
        """
        select billing_currency, count(distinct total), count(distinct idle) from (
            select billing_currency, node_cost_policy, sum(machine_effective_cost) as total,
                sum(idle_held_cost) as idle
            from ai_finops.gpu.cost_by_node_policy group by all
        ) group by all order by all
        """
    )
    assert {bills for _, bills, _ in totals} == {1}
    assert max(idle for _, _, idle in totals) == 4


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (f"update {HOURS} set used_hours = used_hours + 1e-12 where {{one}}", LAWS[0]),
        (f"update {HOURS} set idle_held_cost = idle_held_cost - 0.01 where {{one}}", LAWS[0]),
        (f"delete from {HOURS} where {{one}}", LAWS[0]),
        (
            "update ai_finops.gpu.cost_by_node_policy "
            "set node_effective_cost = node_effective_cost + 0.01 "
            "where node_cost_policy = 'datadog' and provider = 'azure'",
            LAWS[0],
        ),
        (
            "update ai_finops.gpu.fleet_daily set effective_cost = effective_cost + 0.01 "
            "where charge_kind = 'unused_commitment'",
            LAWS[1],
        ),
    ],
)
def test_a_planted_error_trips_its_law(warehouse, damaged, change, law):
    one = "rowid = (select min(rowid) from ai_finops.gpu.accelerator_hours where used_hours > 0)"
    damaged.execute(change.format(one=one))
    assert damaged.dbt("test", "--select", *LAWS) == {
        name: "fail" if name == law else "pass" for name in LAWS
    }
    damaged.restore_from(warehouse)
