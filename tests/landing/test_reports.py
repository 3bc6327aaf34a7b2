"""What a landing tells: on a terminal, in logs, and to an orchestrator."""

from __future__ import annotations

import io
import logging

import pytest
from rich.console import Console

from orchestration.exports.config import ConfigError
from orchestration.exports.progress import TerminalProgress, landing_progress
from tests.landing.bills import rows, write_csv


@pytest.fixture
def bill(house):
    write_csv(house.folder / "in" / "may.csv", rows())
    write_csv(house.folder / "in" / "june.csv", rows("2026-06", seed="j"))
    return house.export("bill", "aws_cur_2", "./in")


def test_summary_and_metadata_are_plain_figures(bill):
    report = bill.land()
    assert report.summary_lines()[0].startswith(
        "bill (aws_cur_2): 2 month(s) landed from 2 files, 12 rows, 0.0 MB, 4.20 USD ["
    )
    metadata = report.metadata()
    assert metadata["dagster/row_count"] == 12
    assert metadata["billed_cost_usd"] == "4.20"
    assert metadata["billing_periods"] == "2026-05, 2026-06"
    assert all(isinstance(value, (int, float, str)) for value in metadata.values())
    assert "nothing new, 2 deliveries unchanged" in bill.land().summary_lines()[0]


def test_without_a_terminal_each_delivery_is_one_log_line(bill, caplog):
    with caplog.at_level(logging.INFO, logger="orchestration.landing"):
        bill.land()
    assert [record.getMessage().split(" (")[0] for record in caplog.records] == [
        "bill, june.csv: read",
        "bill, may.csv: read",
    ]


def test_on_a_terminal_a_bar_shows_files_rows_and_bytes(bill):
    console = Console(file=io.StringIO(), force_terminal=True, width=160)
    with landing_progress(console) as progress:
        assert isinstance(progress, TerminalProgress)
        bill.land(progress=progress)
    shown = console.file.getvalue()
    assert "1/1 files, 6 rows" in shown and "bill may.csv" in shown


def test_an_unknown_export_name_lists_the_known_ones(bill):
    with pytest.raises(ConfigError, match="Known: bill"):
        bill.land(only=["bil"])


def test_pending_deliveries_tell_what_a_landing_would_read(bill):
    pending = bill.pending()
    assert [(entry.source_name, entry.label, entry.billing_period) for entry in pending] == [
        ("bill", "june.csv", None),
        ("bill", "may.csv", None),
    ]
    assert str(pending[0]) == str(bill.pending()[0])
    bill.land()
    assert bill.pending() == []


def test_a_refused_delivery_is_not_pending_until_it_changes(bill):
    path = write_csv(bill.folder / "in" / "july.csv", rows("2026-07", seed="k"), delimiter=";")
    bill.land()
    assert bill.pending() == []
    assert len(bill.land().refusals) == 1, "it is told again at every landing"
    write_csv(path, rows("2026-07", seed="k"))
    assert [entry.label for entry in bill.pending()] == ["july.csv"]
