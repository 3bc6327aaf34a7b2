"""What the command line says to mistakes of a user: where, what, remedy, status, no traceback."""

from __future__ import annotations

import os
import signal

import pytest

from orchestration import cli

EXPORTS = "exports:\n  - {name: bills, kind: aws_cur_legacy, location: ./bills/}\n"


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    exports = tmp_path / "exports.yml"
    exports.write_text(EXPORTS)
    monkeypatch.setenv("AI_FINOPS_EXPORTS", str(exports))
    monkeypatch.setenv("AI_FINOPS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AI_FINOPS_MEMORY", raising=False)
    return tmp_path


def test_a_missing_exports_file_is_named_with_the_remedy(workplace, capsys):
    (workplace / "exports.yml").unlink()
    assert cli.main(["run"]) == 2
    said = capsys.readouterr().out
    assert f"{workplace / 'exports.yml'}: the file does not exist" in said
    assert "exports.example.yml" in said
    assert not (workplace / "home").exists()


def test_a_data_folder_that_is_a_file_is_named(workplace, capsys):
    (workplace / "home").write_text("")
    assert cli.main(["run"]) == 2
    assert f"{workplace / 'home'}: cannot be the data folder" in capsys.readouterr().out


def test_an_amount_of_memory_that_is_none_is_named(workplace, monkeypatch, capsys):
    monkeypatch.setenv("AI_FINOPS_MEMORY", "lots")
    assert cli.main(["run"]) == 2
    assert "AI_FINOPS_MEMORY: 'lots' is no amount of memory. Write it as 3GB." in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize("swallowed", [False, True], ids=["raised", "swallowed"])
def test_an_interrupt_is_one_sentence_whatever_a_library_makes_of_it(
    swallowed, monkeypatch, capsys
):
    """DuckDB raises RuntimeError('Query interrupted'), dbt reports a failure and returns."""

    def command(options, console):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            if swallowed:
                return 1
            raise RuntimeError("Query interrupted") from None

    usual = signal.getsignal(signal.SIGINT)
    monkeypatch.setitem(cli.COMMANDS, "show", command)
    assert cli.main(["show"]) == 130
    assert capsys.readouterr().out.startswith("Interrupted. What was published before stays")
    assert signal.getsignal(signal.SIGINT) is usual
