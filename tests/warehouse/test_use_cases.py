"""The 66 questions of the FOCUS use-case library for 1.4 run on the published file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.project import ROOT, published_file
from tests.conftest import BuiltHome
from tests.warehouse.warehouse import published

FOLDER = ROOT / "docs" / "questions" / "focus"
QUESTIONS = sorted(FOLDER.glob("*.sql"))

# Nothing in the sample estate holds what these ask for; the index says what is lacking.
LACKING = {"06", "13", "14", "20", "31", "40", "41"}
# Need whole weeks of every account, which only a larger estate has.
NEEDS_WHOLE_WEEKS = {"27", "28", "29"}
COSTS = re.compile(r"\b(Billed|Effective|List|Contracted)Cost\b")


def number(question: Path) -> str:
    return question.name[:2]


@pytest.fixture(scope="module")
def answers(whole_home: BuiltHome) -> dict[str, list[tuple[Any, ...]]]:
    with published(published_file(whole_home.home)) as connection:
        return {
            number(question): connection.execute(question.read_text()).fetchall()
            for question in QUESTIONS
        }


def test_every_question_is_there_once() -> None:
    assert [number(question) for question in QUESTIONS] == [f"{n:02}" for n in range(1, 67)]


def test_every_question_is_answered(answers: dict[str, list[tuple[Any, ...]]]) -> None:
    empty = {key for key, rows in answers.items() if not rows}
    assert empty - NEEDS_WHOLE_WEEKS == LACKING


def test_shared_cost_adds_up_to_the_bill(whole_home: BuiltHome) -> None:
    """Question 01 spreads what is untagged: applications together cost what each bill bills."""
    with published(published_file(whole_home.home)) as connection:
        bills = connection.execute(
            f"""
            select any_value(billed), sum(TotalCost)
            from ({QUESTIONS[0].read_text()})
            inner join (
                select
                    BillingPeriodStart,
                    BillingAccountId,
                    BillingCurrency,
                    sum(BilledCost) as billed
                from focus_export.cost_and_usage
                group by all
            ) using (BillingPeriodStart, BillingAccountId, BillingCurrency)
            group by BillingPeriodStart, BillingAccountId, BillingCurrency
            """
        ).fetchall()
    assert bills
    assert [total for _, total in bills] == pytest.approx([float(billed) for billed, _ in bills])


@pytest.mark.parametrize("question", QUESTIONS, ids=number)
def test_a_question_says_what_it_asks_and_keeps_currencies_apart(question: Path) -> None:
    text = question.read_text()
    head, _, _ = text.partition("with params")
    asked = " ".join(line.removeprefix("-- ") for line in head.splitlines())
    assert re.fullmatch(r"[A-Z].*\? Expect: .*\.", asked), asked
    assert set(re.findall(r"focus_\w+\.\w+", text)) == {"focus_export.cost_and_usage"}
    assert max(map(len, text.splitlines())) <= 100
    if COSTS.search(text):
        assert "Currency" in text


def test_the_index_lists_every_question() -> None:
    index = (FOLDER / "README.md").read_text()
    listed = re.findall(r"^\| \[(\d\d)\]\(([^)]+)\) \| (.*?) \|", index, flags=re.MULTILINE)
    expected = []
    for question in QUESTIONS:
        head, _, _ = question.read_text().partition("-- Expect")
        asked = " ".join(line.removeprefix("-- ") for line in head.splitlines())
        expected.append((number(question), question.name, asked))
    assert listed == expected
    lacking = index.partition("cannot show")[2]
    assert set(re.findall(r"\b\d\d\b", lacking)) == LACKING
