"""The Dagster code location: what it holds, how lineage joins, what the sensor does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.resources import Workspace
from orchestration.pipeline import plan_build, private_database
from orchestration.project import ROOT, prepare_environment
from orchestration.publishing.publish import NothingGoodToPublish, publish


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """The data folder of the runs below."""
    return tmp_path_factory.mktemp("dagster") / "home"


@pytest.fixture(scope="module")
def location(estate: Path, home: Path, dbt_paths: Path) -> Iterator[dg.RepositoryDefinition]:
    """The code location over the small sample estate, with a data folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AI_FINOPS_EXPORTS", str(estate / "exports.yml"))
        patch.setenv("AI_FINOPS_HOME", str(home))
        folder = ROOT / "orchestration" / "defs"
        yield dg.load_from_defs_folder(path_within_project=folder).get_repository_def()


def sensor_context(instance: dg.DagsterInstance) -> dg.SensorEvaluationContext:
    return dg.build_sensor_context(instance=instance, resources={"workspace": Workspace()})


def test_landing_joins_the_lineage_of_dbt(location):
    graph = location.asset_graph
    raw = dg.AssetKey(["raw_aws", "line_items"])
    assert dg.AssetKey(["landing", "aws_main"]) in graph.get(raw).parent_keys
    assert dg.AssetKey(["landing", "aws_research"]) in graph.get(raw).parent_keys
    downstream = {raw}
    for key in graph.toposorted_asset_keys:
        if graph.get(key).parent_keys & downstream:
            downstream.add(key)
    names = {key.path[-1] for key in downstream}
    assert {"stg_aws__line_items", "cost_and_usage", "reconciliation", "ai_finops"} <= names


def test_no_dbt_source_is_left_without_the_asset_that_makes_it(location):
    graph = location.asset_graph
    raw = [key for key in graph.get_all_asset_keys() if key.path[0].startswith("raw_")]
    assert raw
    assert [key for key in raw if not graph.get(key).is_materializable] == []


def test_laws_are_asset_checks(location):
    checks = {key.name for key in location.asset_graph.asset_check_keys}
    assert "deliveries_accepted" in checks
    assert any(name.startswith("assert_") for name in checks), checks


def test_every_law_in_tests_dbt_is_an_asset_check(location):
    found = {path.stem for path in (ROOT / "tests" / "dbt" / "singular").glob("assert_*.sql")}
    # The siblings that feed VALUES to a generic test are about no table of ours.
    laws = {name for name in found if "_flags_" not in name}
    assert laws
    checks = {key.name for key in location.asset_graph.asset_check_keys}
    assert laws - checks == set()


def test_landing_is_partitioned_by_billing_month(location):
    node = location.asset_graph.get(dg.AssetKey(["landing", "aws_main"]))
    assert node.partitions_def.get_partition_keys()[0] == "2020-01-01"


def test_writers_share_one_pool(location):
    for asset in location.assets_defs_by_key.values():
        assert asset.op.pool == "duckdb_writer", asset.key


def test_daily_schedule_and_job(location):
    assert location.get_schedule_def("daily_refresh").cron_schedule == "0 6 * * *"
    assert location.has_job("refresh")


def test_the_job_runs_headless_and_the_sensor_rests_afterwards(location, home):
    sensor = location.get_sensor_def("new_deliveries")
    with dg.DagsterInstance.ephemeral() as instance:
        asked = sensor.evaluate_tick(sensor_context(instance))
        assert len(asked.run_requests) == 1
        tags = asked.run_requests[0].tags
        assert tags["dagster/asset_partition_range_start"].endswith("-01")

        run = location.get_job("refresh").execute_in_process(instance=instance, tags=tags)
        assert run.success
        landed = {
            (event.asset_key.path[-1], event.partition)
            for event in run.all_events
            if event.event_type_value == "ASSET_MATERIALIZATION"
            and event.asset_key.path[0] == "landing"
        }
        assert ("aws_main", tags["dagster/asset_partition_range_start"]) in landed
        checks = [e for e in run.all_events if e.event_type_value == "ASSET_CHECK_EVALUATION"]
        assert checks
        # Policies of the sample company warn; what stops publication is an error.
        errors = [
            event.event_specific_data.check_name
            for event in checks
            if not event.event_specific_data.passed
            and event.event_specific_data.severity is dg.AssetCheckSeverity.ERROR
        ]
        assert errors == []
        assert any(event.event_specific_data.check_name == "policy_team_of_aws" for event in checks)
        assert (home / "published" / "ai_finops.duckdb").exists()

        rested = sensor.evaluate_tick(sensor_context(instance))
        assert not rested.run_requests
        assert "landed" in rested.skip_message


def test_a_run_of_some_models_leaves_the_queue_and_what_is_published(location, home):
    """The models that did not run have not seen the queued months."""
    plan_build(prepare_environment(home))
    with private_database(home) as connection:
        connection.execute("delete from raw_ops.built_periods where billing_period = '2026-05'")
    ledger = [key for key in location.asset_graph.get_all_asset_keys() if key.path[-1] == "ledger"]
    with dg.DagsterInstance.ephemeral() as instance:
        job = location.get_job("refresh")
        assert job.execute_in_process(instance=instance, asset_selection=ledger).success
    assert plan_build(home).needed
    with pytest.raises(NothingGoodToPublish):
        publish(home)


def test_a_location_without_exports_file_loads(tmp_path, dbt_paths, monkeypatch):
    monkeypatch.setenv("AI_FINOPS_EXPORTS", str(tmp_path / "none.yml"))
    folder = ROOT / "orchestration" / "defs"
    loaded = dg.load_from_defs_folder(path_within_project=folder).get_repository_def()
    assert not [k for k in loaded.asset_graph.get_all_asset_keys() if k.path[0] == "landing"]
