"""What serves models is found as planted: requests, spikes, idleness, faults of a gateway; and real
requests cost what was worked out by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from tests.warehouse.warehouse import Warehouse

ENDPOINTS = "ai_finops.inference.endpoints_hourly"
UNITS = "ai_finops.inference.unit_costs_daily"
VARIANCE = "ai_finops.inference.gateway_variance_daily"
BUILD_OR_BUY = "ai_finops.inference.build_or_buy"

# What usage and bills might say that the sample estate does not: hour, machine, replicas, cost of
# the hour; requests, tokens in and out, use of provisioned throughput.
SERVED = [
    *[(hour, "ptu", 100, 100, 500, 1_000_000, 200_000, 0.42) for hour in range(8)],
    *[(24 * day, "fleet", 4, 40, 100, None, None, None) for day in range(6)],
    (24 * 6, "fleet", 4, 40, 400, None, None, None),
    (24 * 6 + 1, "fleet", 6, 60, 900, None, None, None),
    (0, "unknown", 1, 5, None, None, None, None),
]


@pytest.fixture(scope="module")
def warehouse(whole_home) -> Warehouse:
    return Warehouse(whole_home.home)


@pytest.fixture(scope="module")
def changed(warehouse, tmp_path_factory) -> Warehouse:
    return warehouse.copy_to(tmp_path_factory.mktemp("changed") / "home")


def test_every_planted_fault_of_the_gateway_is_found_by_its_cause(warehouse, whole_home):
    """By day and provider: what each fault moved, to a hundredth of a cent."""
    faults = f"read_parquet('{whole_home.estate}/truth/gateway_faults.parquet')"
    planted = warehouse.rows(
        f"""
        select usage_date, provider, fault, sum(stated_cost - right_cost)
        from {faults} where fault <> 'other_currency'
        group by all having abs(sum(stated_cost - right_cost)) > 0.001 order by all
        """
    )
    found = warehouse.rows(
        f"""
        select charge_date, provider, cause, sum(amount)
        from (unpivot (
            select charge_date, provider, missing_requests, cache_at_full_rate, stale_price
            from {VARIANCE}
        ) on missing_requests, cache_at_full_rate, stale_price into name cause value amount)
        group by all having abs(sum(amount)) > 0.001 order by all
        """
    )
    assert {fault for *_, fault, _ in planted} == {
        "missing_requests",
        "cache_at_full_rate",
        "stale_price",
    }
    assert [row[:3] for row in found] == [row[:3] for row in planted]
    assert [float(row[3]) for row in found] == pytest.approx(
        [float(row[3]) for row in planted], abs=0.0001
    )


def test_costs_of_a_gateway_in_another_currency_are_converted(warehouse, whole_home):
    """What the day's rate and the gateway's own differ in is a part of its own."""
    planted = f"""
        select sum(faults.stated_cost * eur.exchange_rate - faults.right_cost)
        from read_parquet('{whole_home.estate}/truth/gateway_faults.parquet') as faults
        inner join ai_finops.focus.daily_exchange_rates as eur
            on eur.billing_currency = faults.stated_currency and eur.charge_date = usage_date
        where fault = 'other_currency'
    """
    found = (
        f"select sum(difference), sum(unexplained) from {VARIANCE} where currency_conversion <> 0"
    )
    ((expected,),) = warehouse.rows(planted)
    ((difference, unexplained),) = warehouse.rows(found)
    assert float(difference) == pytest.approx(float(expected), abs=0.0001)
    # Written caches have no price in its log, so that what is left of them stays unexplained.
    assert abs(float(unexplained)) < 0.1 * abs(float(difference))
    rest = f"select max(abs(unexplained)) from {VARIANCE} where currency_conversion = 0"
    assert float(warehouse.rows(rest)[0][0]) < 0.0001


def test_requests_of_servers_and_endpoints_are_all_there(warehouse, whole_home):
    planted = f"""
        select resource_key, sum(requests), sum(input_tokens), sum(output_tokens)
        from read_parquet('{whole_home.estate}/truth/usage_hours.parquet')
        where evidence_kind in ('server_metrics', 'endpoint_metrics')
        group by all order by all
    """
    found = f"""
        select resource_key, sum(requests), sum(input_tokens), sum(output_tokens)
        from {ENDPOINTS} where requests is not null group by all order by all
    """
    assert len(warehouse.rows(planted)) == 6
    assert warehouse.rows(found) == warehouse.rows(planted)


def test_the_planted_spike_and_the_idle_endpoint_are_found(warehouse):
    """Requests of the last afternoon are six times the usual; one endpoint is never asked."""
    spikes = warehouse.rows(
        f"select resource_key, list(hour_start order by hour_start) from {ENDPOINTS} "
        "where is_request_spike group by all"
    )
    hours = [datetime(2026, 7, 3, hour) for hour in range(14, 18)]
    assert all(set(found) <= set(hours) for _, found in spikes)
    assert [found for key, found in spikes if key.startswith("i-")] == [hours, hours]
    assert len(spikes) == 5
    idle = warehouse.rows(
        f"select resource_key, sum(warm_idle_cost), sum(effective_cost) from {ENDPOINTS} "
        "where warm_idle_cost > 0 group by all"
    )
    assert [(key.split("/")[-1][:12], idle == cost) for key, idle, cost in idle] == [
        ("search-embed", True)
    ]
    # Whoever tells no requests is not idle.
    assert warehouse.rows(
        f"select count(*) from {ENDPOINTS} where requests is null and warm_idle_cost is not null"
    ) == [(0,)]


def test_unit_costs_come_back_to_their_cost(warehouse):
    wrong = f"""
        select * from {UNITS} where
            abs(cost_per_1000_requests * requests / 1000 - effective_cost) > 0.0001
            or abs(cost_per_million * tokens / 1e6 - effective_cost) > 0.0001
                and split_basis is distinct from 'bill'
            or split_basis = 'policy' and abs(
                input_cost_per_million * (tokens - coalesce(output_tokens, 0)) / 1e6
                + coalesce(output_cost_per_million * output_tokens / 1e6, 0) - effective_cost
            ) > 0.0001
            or used_cost > effective_cost + 0.0001
            or requests is null and cost_per_1000_requests is not null
    """
    assert warehouse.rows(wrong) == []
    # A written token weighs four that are read in full, one of a cache a tenth.
    ratio = f"""
        select distinct round(output_cost_per_million / 1e6 * output_tokens / effective_cost
            - 4.0 * 160 / (4.0 * 160 + 690 + 21), 9)
        from {UNITS} where model = 'atlas-7b' and output_tokens > 0
    """
    assert warehouse.rows(ratio) == [(0.0,)]


def test_breaking_even_is_where_both_cost_the_same(warehouse):
    wrong = f"""
        select * from {BUILD_OR_BUY} where
            abs(break_even_tokens_per_hour * hours_served * api_cost_per_million / 1e6
                - effective_cost) > 0.01
            or (cheaper = 'build') <> (load_to_break_even >= 1)
            or api_provider is null
    """
    assert warehouse.rows(f"select count(*) > 10 from {BUILD_OR_BUY}") == [(True,)]
    assert warehouse.rows(wrong) == []
    ((priced,),) = warehouse.rows(
        f"select api_cost_per_million from {BUILD_OR_BUY} where billing_period = '2026-07' "
        "and model = 'atlas-7b' and api_provider = 'openai' and api_model = 'gpt-4o-mini'"
    )
    # 690 tokens read, 210 of a cache and 160 written a request, at 0.15, 0.075 and 0.60.
    assert priced == pytest.approx((690 * 0.15 + 210 * 0.075 + 160 * 0.6) / 1060)


def serve(copy: Warehouse, rows: list[tuple], first_day: str, currency: str = "USD") -> None:
    """Replace what serves and what was asked of it, and build the marts again."""

    def literal(value) -> str:
        return "null" if value is None else f"'{value}'" if isinstance(value, str) else str(value)

    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    served = f"""(values {values}) as served (
        hours, machine, replicas, cost, requests, input_tokens, output_tokens, used)"""
    start = f"cast('{first_day}' as timestamp) + to_hours(cast(hours as bigint))"
    copy.execute(
        f"""
        create or replace table allocation.serving_costs as
        select kept.* replace (
            strftime({start}, '%Y-%m') as billing_period, machine as resource_key,
            {start} as hour_start, '{currency}' as billing_currency,
            case when machine = 'ptu' then 'provisioned' else 'self_hosted' end as serving_kind,
            null as tagged_model, cast(served.replicas as decimal(38, 12)) as replicas,
            cast(cost as decimal(38, 16)) as effective_cost,
            cast(cost as decimal(38, 16)) as billed_cost
        )
        from (select * from allocation.serving_costs order by all limit 1) as kept
        cross join {served}
        """,
        f"""
        insert into evidence.usage_hours by name
        select
            kept.provider, machine as resource_key, {start} as hour_start, 1 as covered_hours,
            'server_metrics' as evidence_kind, 'chat' as request_class, 'gpt-oss-20b' as model_name,
            requests, input_tokens, output_tokens, used as provisioned_utilisation_ratio
        from (select * from allocation.serving_costs order by all limit 1) as kept
        cross join {served}
        where requests is not null
        """,
        # Another deployment of the same account is paid by the token, and on another bill.
        """
        insert into evidence.usage_hours by name
        select * replace (
            'by token' as deployment_name, 7 as requests, null as provisioned_utilisation_ratio
        )
        from evidence.usage_hours where resource_key = 'ptu'
        """,
    )
    marts = ("serving_usage", "model_usage_daily", "endpoints_hourly", "unit_costs_daily")
    built = copy.dbt("run", "--select", *marts, "build_or_buy")
    assert set(built.values()) == {"success"}


def test_provisioned_capacity_and_superfluous_replicas(changed):
    serve(changed, SERVED, "2026-05-01")
    found = changed.rows(
        f"""
        select resource_key, utilisation_basis, round(avg(utilisation_ratio), 2),
            cast(max(superfluous_replicas) as integer), cast(sum(superfluous_cost) as integer),
            max(scaling_lag_hours), count(*) filter (is_request_spike)
        from {ENDPOINTS} group by all order by all
        """
    )
    # 42 of 100 units are busy, which 60 are to 70 %. A machine was seen to answer 150 requests.
    assert found == [
        ("fleet", "busiest_hour", 0.33, 3, 190, 1.0, 1),
        ("ptu", "provisioned", 0.42, 40, 320, None, 0),
        ("unknown", None, None, None, None, None, 0),
    ]
    units = changed.rows(
        f"select served_by, requests, cost_per_1000_requests, used_cost_per_1000_requests, "
        f"utilisation_ratio from {UNITS} where served_by in ('ptu', 'unknown') order by 1"
    )
    assert units == [("ptu", 4000, 200.0, 84.0, 0.42), ("unknown", None, None, None, None)]


def test_real_requests_are_priced_as_they_were_worked_out_by_hand(changed, samples):
    """GenTD26: GPU-hours of 143 pods at 1.00 for the requests of a day. Azure: an hour's
    conversations on eight GPUs at 1.00, of which written tokens bear four times the cost."""
    telemetry = samples / "telemetry"
    hours = changed.rows(
        f"""
        with pods as (
            select cast(floor(timestamp_anon / 3600) as bigint) as hour,
                count(*) * 57 / 3600 as gpu_hours
            from read_csv('{telemetry}/alibaba_gentd26/pod_gpu_duty_cycle_anon.csv.gz')
            group by all
        ),
        asked as (
            select cast(floor(timestamp_anon / 3600) as bigint) as hour, sum(value) * 57 as requests
            from read_csv('{telemetry}/alibaba_gentd26/qps.csv.gz')
            where request_type = 'Generative Requests'
            group by all
        )
        select hour - min(hour) over (), gpu_hours, requests
        from pods left join asked using (hour) order by all
        """
    )
    gentd26 = [
        (hour, "gentd26", 1, round(cost, 10), requests, None, None, None)
        for hour, cost, requests in hours
    ]
    azure = [
        (hour, "azure_llm", 1, 8, *counted, None)
        for hour, *counted in changed.rows(
            f"""
            select hour(timestamp) - 18, count(*), sum(ContextTokens), sum(GeneratedTokens)
            from read_csv('{telemetry}/azure_llm_2023/AzureLLMInferenceTrace_conv.csv.gz')
            group by all order by all
            """
        )
    ]
    serve(changed, gentd26 + azure, "2026-05-01")
    units = {
        name: figures
        for name, *figures in changed.rows(
            f"""
            select served_by, sum(requests), sum(tokens),
                round(1000 * sum(effective_cost) / sum(requests), 3),
                max(input_cost_per_million), max(output_cost_per_million)
            from {UNITS} where served_by in ('gentd26', 'azure_llm') group by all
            """
        )
    }
    assert round(units["gentd26"][0], 1) == Decimal("121772.5")
    assert units["gentd26"][2] == 20.468
    assert units["azure_llm"][:2] == [19_366, 22_361_870 + 4_088_665]
    read, written = units["azure_llm"][3:]
    assert written == pytest.approx(4 * read)
    assert read * 22.361870 + written * 4.088665 == pytest.approx(16, abs=0.0001)
