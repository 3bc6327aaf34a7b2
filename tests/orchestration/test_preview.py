"""A dry run tells in money what a build with the edited policies shows, and changes nothing."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration import pipeline
from orchestration.closing.closing import close
from orchestration.exports.errors import ConfigError
from orchestration.preview import NothingToCompare, preview
from orchestration.project import ROOT, private_file, public_build_file
from tests.warehouse.warehouse import Warehouse

PROJECT = ("models", "macros", "seeds", "tests/dbt", "orchestration")
OWNERS = """
    select
        charges.x_billing_period, billing_currency, {owner},
        sum(billed_cost), sum(effective_cost), cast(count(*) as bigint)
    from ai_finops.ownership.cost_and_usage as charges
    group by all
"""
OWNER = ("team", "project", "workload_phase", "owner_class")


@pytest.fixture(scope="module")
def home(whole_home, tmp_path_factory) -> Path:
    """A built data folder of this module's own."""
    copied = tmp_path_factory.mktemp("preview") / "home"
    Warehouse(whole_home.home).copy_to(copied)
    return copied


@pytest.fixture(scope="module")
def edited(tmp_path_factory) -> Path:
    """A rule that says something else, a new one that claims what others have, one that is gone."""
    folder = tmp_path_factory.mktemp("policies")
    rules = (ROOT / "seeds" / "policy" / "virtual_tags.csv").read_text()
    lines = [line for line in rules.splitlines() if not line.startswith("role-of-corpus-build")]
    changed = "\n".join(lines).replace("project,assistant-eval", "project,lab-proteins")
    changed += (
        "\ncalls-of-models,900,service_name,contains,Bedrock,project,search-embed,,,a trial\n"
    )
    (folder / "virtual_tags.csv").write_text(changed)
    return folder


@pytest.fixture(scope="module")
def found(home, edited):
    return preview(home, edited)


def _digests(home: Path) -> dict[Path, str]:
    files = (private_file(home), public_build_file(home), *(home / "published").rglob("*"))
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}


def _owned(home: Path) -> dict[tuple, tuple]:
    """Money by month, currency and owner as the last build has it."""
    query = OWNERS.format(owner=", ".join(f"x_{name}" for name in OWNER))
    return {row[:6]: row[6:] for row in Warehouse(home).rows(query)}


def test_money_that_moves_is_what_a_build_then_shows(
    home, edited, found, monkeypatch, tmp_path, dbt_paths
):
    assert found.failures == []
    assert {str(change) for change in found.changes} == {
        "virtual_tags: changed role-of-assistant-eval; new calls-of-models; "
        "gone role-of-corpus-build"
    }
    expected = _owned(home)
    for move in found.moves:
        amounts = (move["billed_cost"], move["effective_cost"], move["charges"])
        for side, sign in (("from", -1), ("to", 1)):
            month = (move["billing_period"], move["billing_currency"])
            place = (*month, *(move[f"{side}_{name}"] for name in OWNER))
            before = expected.get(place, (0, 0, 0))
            expected[place] = tuple(b + sign * a for b, a in zip(before, amounts, strict=True))
    assert sum(abs(move["effective_cost"]) for move in found.moves) > 100

    project = tmp_path / "project"
    for part in PROJECT:
        shutil.copytree(ROOT / part, project / part)
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copyfile(ROOT / file, project / file)
    shutil.copy(edited / "virtual_tags.csv", project / "seeds" / "policy")
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setattr(pipeline, "ROOT", project)
    overlaps_before = _overlaps(home)
    report = pipeline.build_step(home)
    assert report.ok, report.failures
    assert not report.full and not report.rebuilt

    assert {place: amounts for place, amounts in expected.items() if amounts[2]} == _owned(home)
    arisen = {tuple(row.values()) for row in found.overlaps}
    assert arisen == _overlaps(home) - overlaps_before
    assert {row["other_rule"] for row in found.overlaps} == {"calls-of-models"}


def _overlaps(home: Path) -> set[tuple]:
    return set(Warehouse(home).rows("from ai_finops.ownership.rule_overlaps"))


def test_each_move_names_the_rule_that_decides(found):
    by = {(move["to_project"], move["decided_by"]) for move in found.moves}
    assert ("lab-proteins", "rule role-of-assistant-eval (project lab-proteins)") in by
    assert any(project == "search-embed" and "calls-of-models" in rule for project, rule in by)


def test_moves_are_written_beside_and_nothing_else_is_touched(whole_home, edited, tmp_path):
    home = tmp_path / "home"
    Warehouse(whole_home.home).copy_to(home)
    before = _digests(home)
    found = preview(home, edited)
    assert _digests(home) == before
    assert {file.name for file in found.files} == {
        f"{table}.{form}"
        for table in ("moves", "changed_fields", "new_overlaps")
        for form in ("csv", "parquet")
    }
    for form, reader in (("csv", "read_csv"), ("parquet", "read_parquet")):
        file = next(f for f in found.files if f.name == f"moves.{form}")
        assert duckdb.sql(f"from {reader}('{file}')").fetchall().__len__() == len(found.moves)
    assert sorted(path.name for path in (home / "preview").iterdir()) == [
        found.files[0].parent.name
    ]


def test_other_fields_are_told_apart(whole_home, tmp_path):
    """A spelling of an environment moves no owner, and is told all the same."""
    values = (ROOT / "seeds" / "policy" / "tag_values.csv").read_text()
    assert "environment" in values
    folder = tmp_path / "policies"
    folder.mkdir()
    kept = [
        line for line in values.splitlines() if not line.startswith("environment,production,prod,")
    ]
    (folder / "tag_values.csv").write_text("\n".join(kept) + "\n")
    home = tmp_path / "home"
    Warehouse(whole_home.home).copy_to(home)
    found = preview(home, folder)
    assert found.failures == []
    assert found.moves == []
    assert {row["field"] for row in found.fields} == {"environment"}


def test_the_same_policies_move_nothing(home, whole_home):
    assert preview(whole_home.home, ROOT / "seeds" / "policy").changes == []


def test_a_rule_that_no_build_would_take_is_told_with_its_row(whole_home, tmp_path):
    rules = (ROOT / "seeds" / "policy" / "virtual_tags.csv").read_text()
    (tmp_path / "virtual_tags.csv").write_text(
        rules + "typo,900,service_name,resembles,Bedrock,project,search-embed,,,a trial\n"
    )
    found = preview(whole_home.home, tmp_path)
    assert [failure.rows for failure in found.failures if failure.rows]
    assert found.moves == [] and found.files == []


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("virtual_tags.csv", "rule,position\nx,1\n", "column assigned_key is missing"),
        ("virtual_tag.csv", "rule\nx\n", "it is no policy of the project"),
        ("notes.txt", "", "it holds no policy"),
    ],
)
def test_what_is_no_policy_is_refused(whole_home, tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match="column|policy") as refused:
        preview(whole_home.home, tmp_path)
    assert words.split()[-1] in str(refused.value)


def test_closed_months_stay_and_are_told_apart(whole_home, edited, tmp_path, dbt_paths):
    home = tmp_path / "home"
    Warehouse(whole_home.home).copy_to(home)
    close(home, "2026-05", None, "a trial")
    assert pipeline.build_step(home).ok
    found = preview(home, edited)
    assert found.failures == []
    assert {move["billing_period"] for move in found.moves} == {"2026-06", "2026-07"}
    assert {move["billing_period"] for move in found.held} == {"2026-05"}
    assert {move["period_status"] for move in found.held} == {"closed"}
    assert "held_by_closing.csv" in {file.name for file in found.files}


def test_nothing_built_is_refused(tmp_path, edited):
    with pytest.raises(NothingToCompare, match="nothing is built yet"):
        preview(tmp_path / "empty", edited)
