"""exports.yml: each mistake is named with its line and what to do."""

from __future__ import annotations

import pytest

from orchestration.exports.config import ConfigError, load_exports

GOOD = "exports:\n  - {name: main, kind: aws_cur_2, location: ./in/}\n"
SECOND = "  - {name: other, kind: aws_cur_legacy, location: s3://bucket/x}\n"


def load(tmp_path, text):
    path = tmp_path / "exports.yml"
    path.write_text(text)
    return load_exports(path)


def test_locations_are_relative_to_the_file_and_variables_are_filled(tmp_path, monkeypatch):
    monkeypatch.setenv("BUCKET", "my-bills")
    text = GOOD + "  - {name: b, kind: aws_cur_legacy, location: 's3://${BUCKET}/cur'}\n"
    config = load(tmp_path, text)
    assert config.exports[0].location == f"{tmp_path}/in/"
    assert config.exports[1].location == "s3://my-bills/cur"


def test_preferences_keep_account_ids_as_text(tmp_path):
    text = (
        GOOD
        + SECOND
        + (
            "prefer:\n  - {provider: aws, billing_account: 001234567890, use: other, "
            "from: 2026-05, to: 2026-07}\n"
        )
    )
    preference = load(tmp_path, text).prefer[0]
    assert preference.covers("aws", "001234567890", "2026-07")
    assert not preference.covers("aws", "001234567890", "2026-08")


@pytest.mark.parametrize(
    ("text", "line", "problem", "remedy"),
    [
        ("", None, "is empty", "Start it with"),
        ("exports: [", 1, "not YAML", "Correct"),
        ("exports: []\n", 1, "no export is listed", "Add"),
        ("exports: hello\n", 1, "must be a list", "- "),
        ("sources: []\n", 1, "no field 'sources'", "Known: exports, prefer"),
        (GOOD + "usage:\n  - {name: u, kind: aws_cur_2, location: here}\n", 4,
         "not listed under usage", "exports"),
        (GOOD + SECOND.replace("  - ", "telemetry:\n  - "), 4, "not listed under telemetry",
         "exports:"),
        (GOOD.replace("aws_cur_2", "aws_cur2"), 2, "kind 'aws_cur2' is unknown", "mean aws_cur_2"),
        (GOOD + GOOD.split("\n")[1], 3, "used twice (first on line 2)", "name of its own"),
        ("exports:\n  - {name: main, kind: aws_cur_2}\n", 2, "no 'location'", "Add"),
        (GOOD.replace("name: main", "name: Main-1"), 2, "not usable", "lower-case"),
        (GOOD.replace("./in/", "''"), 2, "location must be text", "value"),
        (GOOD.replace("./in/", "'${NO_SUCH}'"), 2, "is not set", "export NO_SUCH"),
        (GOOD.replace("{name", "{nome: x, name"), 2, "no field 'nome'", "mean name"),
        (GOOD + "prefer:\n  - {provider: aws, billing_account: 1, use: man}\n", 4, "named 'man'",
         "mean main"),
        (GOOD + "prefer:\n  - {provider: aws, billing_account: 1, use: main, from: May}\n", 4,
         "no month", "YYYY-MM"),
        (GOOD + "prefer:\n  - {provider: ibm, billing_account: 1, use: main}\n", 4,
         "provider 'ibm' is unknown", "aws"),
    ],
)  # fmt: skip
def test_mistakes_name_line_and_remedy(tmp_path, text, line, problem, remedy):
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text)
    assert raised.value.line == line
    assert problem in raised.value.problem and remedy in raised.value.remedy
    assert str(tmp_path / "exports.yml") in str(raised.value)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        load_exports(tmp_path / "exports.yml")
