"""Files that only add rows to a month may expire in the bucket: what they brought stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.landing.test_companions import costs


@pytest.fixture
def landed(house):
    """May in two files, landed."""
    folder = house.folder / "in"
    costs(folder / "first.json", "2026-05-01")
    costs(folder / "second.json", "2026-05-02")
    house.entries.append(
        f'  - {{name: costs, kind: openai_costs, location: "{folder}/", account: org-1}}'
    )
    assert not house.land().refusals
    assert days(house) == 2
    return house


def days(house) -> int:
    return house.query("select count(*) from raw_openai.costs")[0][0]


def inbox(house) -> Path:
    return house.folder / "in"


def test_rows_of_an_expired_file_stay(landed):
    (inbox(landed) / "first.json").unlink()
    assert not landed.land().refusals
    assert days(landed) == 2


def test_a_month_is_not_landed_anew_without_an_expired_file(landed):
    (inbox(landed) / "first.json").unlink()
    costs(inbox(landed) / "third.json", "2026-05-03")
    refusals = landed.land().refusals
    assert refusals
    assert all("first.json too, which is gone" in refusal.reason for refusal in refusals)
    assert days(landed) == 2


def test_the_file_put_back_lets_the_month_land(landed):
    first = (inbox(landed) / "first.json").read_bytes()
    (inbox(landed) / "first.json").unlink()
    costs(inbox(landed) / "third.json", "2026-05-03")
    landed.land()
    (inbox(landed) / "first.json").write_bytes(first)
    assert not landed.land().refusals
    assert days(landed) == 3


def test_a_month_given_up_is_landed_from_what_is_there(landed):
    (inbox(landed) / "first.json").unlink()
    costs(inbox(landed) / "third.json", "2026-05-03")
    landed.land()
    (landed.home / "raw" / "costs" / "costs" / "billing_period=2026-05" / "current.json").unlink()
    assert not landed.land().refusals
    assert days(landed) == 2
