"""What a refresh remembers: nothing half built is published, and one writer works at a time."""

from __future__ import annotations

import fcntl
import subprocess
import sys

import duckdb
import pytest

from orchestration import pipeline
from orchestration.exclusive import DataFolderInUse
from orchestration.exports.config import ConfigError, load_exports
from orchestration.exports.landing import land
from orchestration.project import prepare_environment, public_build_file, published_file
from orchestration.publishing.publish import NothingGoodToPublish, publish
from tests.landing.bills import rows, write_csv

ENTRIES = {name: f"  - {{name: {name}, kind: aws_cur_2, location: ./{name}}}" for name in "ab"}


class Site:
    """Two exports of one month each, and a stand-in for dbt that writes one public table."""

    def __init__(self, folder):
        self.folder = folder
        self.home = folder / "it's a [home]"
        for number, name in enumerate(ENTRIES):
            bill = rows(seed=name, payer=f"00000000000{number}")
            write_csv(folder / name / "may.csv", bill)
        self.name_exports("a", "b")

    def name_exports(self, *names):
        lines = "\n".join(["exports:", *(ENTRIES[name] for name in names)])
        (self.folder / "exports.yml").write_text(lines)

    def refresh(self):
        return pipeline.run_pipeline(load_exports(self.folder / "exports.yml"), self.home)

    def published_rows(self):
        with duckdb.connect(str(published_file(self.home)), read_only=True) as connection:
            return connection.execute("select count(*) from focus.bill").fetchone()[0]


@pytest.fixture
def outcome():
    """What the stand-in for dbt does after it has changed the tables: nothing, fail or die."""
    return {"fails": False, "dies": False}


@pytest.fixture
def site(tmp_path, monkeypatch, outcome):
    def stand_in(arguments, data, report, progress=None):
        with pipeline.private_database(data) as connection:
            connection.execute("create schema if not exists ai_finops.focus")
            connection.execute(
                "create or replace table ai_finops.focus.bill as "
                "select _source_name from raw_aws.line_items"
            )
        if outcome["dies"]:
            raise KeyboardInterrupt
        if outcome["fails"]:
            report.failures.append(pipeline.Failure("assert_law", "1 row"))

    monkeypatch.setattr(pipeline, "run_dbt", stand_in)
    monkeypatch.setenv("AI_FINOPS_HOME", "")
    return Site(tmp_path)


def queued(report):
    return [str(period) for period in report.build.rebuilt]


def test_what_an_interrupted_build_touched_is_built_again_whatever_happens_since(site, outcome):
    """The deliveries are again what the last good build saw, but its tables are not."""
    site.refresh()
    site.name_exports("a")
    outcome["dies"] = True
    with pytest.raises(KeyboardInterrupt):
        site.refresh()
    assert site.published_rows() == 12
    with pytest.raises(NothingGoodToPublish, match="failed or was interrupted"):
        publish(site.home)
    outcome["dies"] = False
    site.name_exports("a", "b")
    assert queued(site.refresh()) == ["b 2026-05 (build not finished)"]
    assert site.published_rows() == 12
    assert site.refresh().build.skipped


def test_a_failed_check_keeps_what_is_published_until_a_build_is_good(site, outcome):
    site.refresh()
    site.name_exports("b")
    outcome["fails"] = True
    for _ in range(2):
        report = site.refresh()
        assert report.published is None
        assert queued(report) == ["a 2026-05 (no longer landed)"]
        assert site.published_rows() == 12
    outcome["fails"] = False
    assert site.refresh().published
    assert site.published_rows() == 6


def test_a_removed_build_file_is_built_again_and_never_published_empty(site):
    site.refresh()
    public_build_file(site.home).unlink()
    report = site.refresh()
    assert report.build.full and not report.build.skipped
    assert site.published_rows() == 12


def test_an_interrupted_full_rebuild_is_full_again_although_the_code_is_the_old_one(
    site, outcome, monkeypatch
):
    site.refresh()
    outcome["dies"] = True
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "_fingerprint", lambda patterns: "edited")
        with pytest.raises(KeyboardInterrupt):
            site.refresh()
    outcome["dies"] = False
    assert site.refresh().build.full


def test_a_second_refresh_at_the_same_time_is_told_so(site):
    site.refresh()
    with (site.home / "run.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write("4711")
        lock.flush()
        for step in (site.refresh, lambda: publish(site.home)):
            with pytest.raises(DataFolderInUse, match="refreshed by process 4711"):
                step()
    assert site.refresh().build.skipped


@pytest.mark.parametrize("name", ["warehouse.duckdb", "build/ai_finops.duckdb"])
def test_a_file_open_elsewhere_is_named(site, name):
    site.refresh()
    held = str(site.home / name)
    code = f"import duckdb; c = duckdb.connect({held!r}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        with pytest.raises(
            DataFolderInUse, match=rf"{name} is open in .*PID {other.pid}.*Close it"
        ):
            site.refresh()
        other.communicate(b"\n")
    assert site.refresh().build.skipped


def test_a_log_left_beside_the_published_file_is_not_applied_to_the_next_one(site):
    site.refresh()
    log = published_file(site.home).with_name("ai_finops.duckdb.wal")
    log.write_bytes(b"left by a reader that was killed")
    site.refresh()
    assert site.published_rows() == 12


def test_nothing_is_published_where_nothing_was_built(site):
    with pytest.raises(NothingGoodToPublish, match="run a build first"):
        publish(site.home)
    land(load_exports(site.folder / "exports.yml"), prepare_environment(site.home))
    pipeline.queue_step(site.home)
    with pytest.raises(NothingGoodToPublish, match="failed or was interrupted"):
        publish(site.home)


def test_a_data_folder_that_dbt_cannot_open_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="AI_FINOPS_HOME.* has # in its path"):
        prepare_environment(tmp_path / "home#1")
