"""What the official validator said, and whether it was to be expected.

The validator ends with exit status 0 whatever it finds, so its JUnit report is read here. Composite
rules only repeat what their parts say: they are counted and not judged.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

EXPECTED_FAILURES = Path(__file__).with_name("expected_failures.csv")
COMPOSITE = "Composite"


class UnreadableReport(Exception):
    """The validator left no report that can be read."""


@dataclass(frozen=True)
class Outcome:
    """One rule of the validator: its id, what kind of rule it is, and how it ended."""

    rule_id: str
    kind: str
    status: str  # passed, failed, skipped or errored
    message: str = ""


@dataclass
class Verdict:
    """Outcomes compared with what is expected to fail."""

    outcomes: list[Outcome]
    expected: dict[str, str]
    unexpected: list[Outcome] = field(default_factory=list)
    known: list[Outcome] = field(default_factory=list)
    passed_after_all: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing failed that was not expected to."""
        return not self.unexpected

    def count(self, status: str) -> int:
        """Rules that ended so, composite ones included."""
        return sum(outcome.status == status for outcome in self.outcomes)


def read_report(path: Path) -> list[Outcome]:
    """The outcomes in a JUnit report of the validator; UnreadableReport where there are none."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise UnreadableReport(f"{path}: {error}") from error
    outcomes = []
    for case in root.iter("testcase"):
        rule_id, _, kind = case.get("name", "").partition(" :: ")
        status, message = "passed", ""
        for tag, name in (("failure", "failed"), ("skipped", "skipped"), ("error", "errored")):
            if (found := case.find(tag)) is not None:
                status, message = name, found.get("message") or ""
        outcomes.append(Outcome(rule_id, kind, status, message))
    if not outcomes:
        raise UnreadableReport(f"{path}: no rule was run")
    return outcomes


def expected_failures(path: Path = EXPECTED_FAILURES) -> dict[str, str]:
    """Rules that fail on sound data, with the reason."""
    with path.open(newline="", encoding="utf-8") as rows:
        return {row["rule_id"]: row["why"] for row in csv.DictReader(rows)}


def judge(outcomes: list[Outcome], expected: dict[str, str]) -> Verdict:
    """Tell failures that are the validator's own from those that are ours."""
    verdict = Verdict(outcomes, expected)
    for outcome in outcomes:
        if outcome.status == "errored":
            verdict.unexpected.append(outcome)
        elif outcome.status == "failed" and outcome.kind != COMPOSITE:
            known = outcome.rule_id in expected
            (verdict.known if known else verdict.unexpected).append(outcome)
    passed = {outcome.rule_id for outcome in outcomes if outcome.status == "passed"}
    verdict.passed_after_all = sorted(passed & expected.keys())
    return verdict
