"""Questions for analysts: SQL over the published file with the answer on the sample estate beside.

`docs/questions/<schema>/<name>.sql` opens with the question as a comment, `<name>.csv` is what it
returns for the estate that most tests read. After a change that alters answers on purpose,

    AI_FINOPS_REWRITE_ANSWERS=1 pytest tests/project/test_questions.py

writes them anew; the difference in version control is what has to be looked at. The questions of
the FOCUS use-case library have a test of their own.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.project import ROOT, published_file
from tests.warehouse.warehouse import published

FOLDER = ROOT / "docs" / "questions"
QUESTIONS = sorted(path for path in FOLDER.glob("*/*.sql") if path.parent.name != "focus")
REWRITE = "AI_FINOPS_REWRITE_ANSWERS" in os.environ
LONGEST_ANSWER = 60


def name_of(question: Path) -> str:
    return str(question.relative_to(FOLDER))


def answer_to(connection: duckdb.DuckDBPyConnection, question: Path) -> str:
    """What the SQL of a question returns, as CSV; nothing stands for NULL."""
    cursor = connection.execute(question.read_text())
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(column[0] for column in cursor.description)
    lines.writerows(cursor.fetchall())
    return text.getvalue()


@pytest.fixture(scope="module")
def connection(whole_home) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(published_file(whole_home.home)) as opened:
        yield opened


@pytest.mark.parametrize("question", QUESTIONS, ids=name_of)
def test_the_answer_beside_a_question_is_the_answer_given(connection, question):
    text = question.read_text()
    assert re.match(r"-- .*\?\n", text), "the first line is the question, as a comment"
    assert re.search(r"\border by\b", text), "an answer needs an order, or it changes by itself"
    given = answer_to(connection, question)
    rows = given.count("\n") - 1
    assert 0 < rows <= LONGEST_ANSWER, f"{rows} rows; an answer is read by people"
    beside = question.with_suffix(".csv")
    if REWRITE:
        beside.write_text(given)
    assert beside.exists(), f"no {beside.name}: run with AI_FINOPS_REWRITE_ANSWERS=1"
    assert given == beside.read_text()


def test_every_answer_has_its_question():
    answers = {path.with_suffix(".sql") for path in FOLDER.glob("*/*.csv")}
    assert answers <= set(QUESTIONS)


def test_every_mart_is_asked_something():
    """Schemas with a folder of questions have none that is left out."""
    asked = "".join(question.read_text() for question in QUESTIONS)
    schemas = {question.parent.name for question in QUESTIONS}
    marts = {
        # A mart whose name another model has bears its schema in front, and an alias.
        f"{schema}.{path.stem.removeprefix(schema + '_')}"
        for schema in schemas
        for path in (ROOT / "models" / "marts" / schema).glob("*.sql")
    }
    assert {mart for mart in marts if mart not in asked} == set()
