"""The official validator's report is read and judged; its run is skipped where it cannot be."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from orchestration.project import published_file
from orchestration.validation import __main__ as command
from orchestration.validation.environment import REQUIREMENTS
from orchestration.validation.results import (
    UnreadableReport,
    expected_failures,
    judge,
    read_report,
)

# What focus-validator 2.2.1 wrote about the sample estate, cut down to seven columns.
REPORT = Path(__file__).with_name("focus_validator_report.xml")


def test_a_report_is_read() -> None:
    outcomes = read_report(REPORT)
    by_status = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("passed", "failed", "skipped", "errored")
    }
    root = ElementTree.parse(REPORT).getroot()
    assert sum(by_status.values()) == len(list(root.iter("testcase")))
    assert by_status["failed"] == 17
    assert by_status["skipped"] == len(list(root.iter("skipped"))) > 0
    (billed,) = (found for found in outcomes if found.rule_id == "BilledCost-C-003-M")
    assert (billed.kind, billed.status) == ("Nullability", "passed")


def test_failures_that_are_the_validators_own_are_expected() -> None:
    verdict = judge(read_report(REPORT), expected_failures())
    assert verdict.is_good
    assert len(verdict.known) == 7
    assert {outcome.rule_id for outcome in verdict.known} < set(expected_failures())
    assert verdict.passed_after_all == []


def test_any_other_failure_is_not(tmp_path: Path) -> None:
    tree = ElementTree.parse(REPORT)
    for case in tree.getroot().iter("testcase"):
        if case.get("name") == "BilledCost-C-003-M :: Nullability":
            ElementTree.SubElement(case, "failure", message="Nullability check for BilledCost")
        if case.get("name", "").startswith("InvoiceId-C-005-C"):
            case.remove(case.find("failure"))
    tree.write(tmp_path / "report.xml")
    verdict = judge(read_report(tmp_path / "report.xml"), expected_failures())
    assert [outcome.rule_id for outcome in verdict.unexpected] == ["BilledCost-C-003-M"]
    assert verdict.passed_after_all == ["InvoiceId-C-005-C"]


def test_a_rule_that_could_not_run_is_not_good(tmp_path: Path) -> None:
    tree = ElementTree.parse(REPORT)
    case = next(tree.getroot().iter("testcase"))
    ElementTree.SubElement(case, "error", message="missing columns")
    tree.write(tmp_path / "report.xml")
    assert not judge(read_report(tmp_path / "report.xml"), expected_failures()).is_good


@pytest.mark.parametrize("text", [None, "not XML", "<testsuites></testsuites>"])
def test_a_report_without_rules_is_no_result(text: str | None, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    if text is not None:
        report.write_text(text)
    with pytest.raises(UnreadableReport, match=r"report\.xml"):
        read_report(report)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A published file whose 1.2 view has 30 rows."""
    monkeypatch.setenv("AI_FINOPS_HOME", str(tmp_path))
    path = published_file(tmp_path)
    path.parent.mkdir()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as ai_finops")
        connection.execute("use ai_finops")
        connection.execute("create schema focus_export")
        connection.execute(
            "create view focus_export.cost_and_usage_1_2 as select "
            "'012345678901' as BillingAccountId, 1.50::decimal(38, 16) as BilledCost, "
            """'{"team": "vision"}'::json as Tags from range(30)"""
        )
    return path


def test_rows_are_handed_over_typed_and_no_more_than_asked(published: Path, tmp_path: Path) -> None:
    target = tmp_path / "rows.parquet"
    assert command.export_rows(published, target, 20) == 20
    with duckdb.connect() as connection:
        types = connection.execute(f"describe from '{target}'").fetchall()
    assert [(name, kind) for name, kind, *_ in types] == [
        ("BillingAccountId", "VARCHAR"),
        ("BilledCost", "DECIMAL(38,16)"),
        ("Tags", "VARCHAR"),
    ]


def test_without_python_it_is_skipped_and_says_so(
    published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find_python", lambda: None)
    assert command.main([]) == 0
    assert "Skipped" in capsys.readouterr().out


def test_without_a_published_file_there_is_nothing_to_validate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AI_FINOPS_HOME", str(tmp_path))
    assert command.main([]) == 2
    assert "Nothing is published" in capsys.readouterr().out


@pytest.mark.parametrize(("status", "expected"), [("failure", 1), (None, 0)])
def test_the_exit_status_is_ours(
    status: str | None,
    expected: int,
    published: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The validator's own is 0 whatever it finds."""
    tree = ElementTree.parse(REPORT)
    for case in tree.getroot().iter("testcase"):
        if status and case.get("name", "").startswith("BilledCost-C-003-M"):
            ElementTree.SubElement(case, status, message="NULL")
    tree.write(tmp_path / "report.xml")
    monkeypatch.setattr(command, "find_python", lambda: "python3.12")
    monkeypatch.setattr(command, "make_environment", lambda python, folder: Path(python))
    monkeypatch.setattr(command, "run_validator", lambda *_: tmp_path / "report.xml")
    assert command.main([]) == expected


def test_requirements_are_pinned() -> None:
    pins = [line for line in REQUIREMENTS.read_text().splitlines() if not line.startswith("#")]
    assert all("==" in pin for pin in pins)
    assert {"focus-validator==2.2.1", "pyarrow==23.0.1"} <= set(pins)
