"""The README is run: its commands, its SQL with the answers it shows, its paths and variables."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from orchestration.cli import COMMANDS
from orchestration.exports.kinds import KINDS
from orchestration.project import ROOT

README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

# Exports of the sample estate that hold billed or effective cost.
BILLS = {
    *("aws_main", "aws_research", "azure_main", "azure_europe", "azure_lab", "gcp_main", "gcp_lab"),
    *("oci_burst", "corvid_focus", "openai_costs", "anthropic_cost", "on_prem"),
}


def questions() -> list[tuple[str, str, str]]:
    """(heading, SQL, answer as a Markdown table) of every question in the README."""
    pattern = r"### ([^\n]+)\n.*?```sql\n(.+?)```\n\n((?:\|[^\n]*\n)+)"
    return re.findall(pattern, README, re.DOTALL)


def markdown(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    lines = [names, ["---"] * len(names), *([str(v) for v in row] for row in cursor.fetchall())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> tuple[Path, str]:
    """`make demo`, as the README says it, in a data folder of its own: (folder, output)."""
    data = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "AI_FINOPS_HOME": str(data), "COLUMNS": "120"}
    done = subprocess.run(
        ["make", "demo"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return data, done.stdout


def test_demo_prints_the_figures_and_a_zero_gap(demo):
    _, output = demo
    _, _, after = output.partition("Does it add up to the bill?")
    table, _, _ = after.partition("Billing periods")
    # Source, months, currency, rows, files, quarantined, FOCUS, gap, gap of effective cost.
    row = r"^│ (\w+) +│[^│]+│ +[A-Z]{3} │.*│ +(\S+) │ +(\S+) │$"
    gaps = {name: (gap, effective) for name, gap, effective in re.findall(row, table, re.M)}
    assert set(gaps) == BILLS, output
    assert {gap for gap, _ in gaps.values()} == {"0.00"}, output
    assert {gap for _, gap in gaps.values()} == {"0.00", "-"}, output
    for expected in ("Effective cost by service category", "FOCUS 1.4 conformance", "make ui"):
        assert expected in output


def test_the_page_answers_questions():
    assert len(questions()) >= 5


@pytest.mark.parametrize(("heading", "sql", "answer"), questions(), ids=lambda value: value[:40])
def test_the_answer_shown_is_the_answer_given(demo, heading, sql, answer):
    data, _ = demo
    path = str(data / "published" / "ai_finops.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        given = markdown(connection, sql)
    assert given == answer, f"{heading}: the README should show\n{given}"


def test_make_targets_named_in_documents_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"`?make ([a-z]+)`", document.read_text()))
        named |= set(re.findall(r"^make ([a-z]+)$", document.read_text(), re.MULTILINE))
        assert named <= targets, f"{document.name} names {named - targets}"


def test_commands_named_in_documents_exist():
    for document in DOCUMENTS:
        text = document.read_text()
        assert set(re.findall(r"python -m orchestration ([\w-]+)", text)) <= set(COMMANDS)
        for module in re.findall(r"python -m (\w+)", text):
            assert (ROOT / module).is_dir() or module in ("pytest", "pip", "venv"), module


def test_relative_links_and_named_folders_exist():
    for document in DOCUMENTS:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (document.parent / link).exists(), f"{document.name} links to {link}"
    for path in re.findall(r"^\| `([\w./]+/)`", README, re.MULTILINE):
        assert (ROOT / path).is_dir(), f"the README's map names {path}"


def test_environment_variables_named_are_read_somewhere():
    named = set(re.findall(r"AI_FINOPS_[A-Z]+", README))
    source = (
        "".join(
            path.read_text()
            for folder in ("orchestration", "tests", "benchmarks")
            for path in (ROOT / folder).rglob("*.py")
        )
        + (ROOT / "profiles.yml").read_text()
    )
    assert {name for name in named if name not in source} == set()


def test_example_configuration_is_valid(tmp_path):
    from orchestration.exports.config import load_exports

    copy = tmp_path / "exports.yml"
    shutil.copyfile(ROOT / "exports.example.yml", copy)
    listed = sorted(export.kind for export in load_exports(copy).exports)
    assert listed == sorted(kind.name for kind in KINDS.values() if kind.section == "exports")
    block = re.search(r"```yaml\n(exports:.+?)```", README, re.DOTALL)[1]
    copy.write_text(block)
    assert load_exports(copy).exports
