"""Whatever interrupts a landing, readers see the old month or the new one, never a part."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.exports import assembling, ledger
from orchestration.exports.errors import LandingError
from tests.landing.bills import DataExport, rows, write_csv, write_parquet

OLD, NEW = "2026-06-01T00:00:00.000Z-a", "2026-06-02T00:00:00.000Z-b"
LAND = """
import sys, logging
from pathlib import Path
from orchestration.exports.config import load_exports
from orchestration.exports.landing import land
report = land(load_exports(sys.argv[1]), Path(sys.argv[2]))
for refusal in report.refusals:
    print("REFUSED", refusal)
print("LANDED", len(report.landed))
"""


def start(house, before: str = "", **options) -> subprocess.Popen[str]:
    house.config()
    return subprocess.Popen(
        [sys.executable, "-c", before + LAND, str(house.folder / "exports.yml"), str(house.home)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.fixture
def month(house):
    """A landed month, and its export."""
    export = DataExport(house.folder / "in")
    export.deliver("2026-05", OLD, rows(cost="1"))
    house.export("bill", "aws_cur_2", "./in")
    house.land()
    return export


@pytest.mark.parametrize("suffix", ["csv", "snappy.parquet"])
def test_full_disk_keeps_the_last_good_month_and_leaves_nothing_behind(house, month, suffix):
    """The process may write no file beyond 96 KiB: writes really fail, in copy and in DuckDB."""
    bill = [
        row | {"line_item_resource_id": os.urandom(40).hex()} for row in rows(cost="2", count=6000)
    ]
    month.deliver("2026-05", NEW, bill, suffix=suffix)
    limit = 96 * 1024
    process = start(
        house, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    output, errors = process.communicate(timeout=60)
    assert "the disk is full" in output and "Free space" in output, output + errors
    assert "LANDED 0" in output
    assert not list((house.home / "raw" / ".landing").glob("*"))
    assert house.total() == Decimal(21)
    assert not house.land().refusals
    assert house.count() == 6000


def test_full_filesystem_keeps_the_last_good_month(house):
    """The data folder on a real filesystem of 1 MB."""
    house.home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(house.home)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small filesystem needs root: the size limit above stands for it")
    try:
        export = DataExport(house.folder / "in")
        export.deliver("2026-05", OLD, rows(cost="1"))
        house.export("bill", "aws_cur_2", "./in")
        house.land()
        bill = [row | {"line_item_resource_id": os.urandom(300).hex()} for row in rows(count=6000)]
        for suffix in ("csv", "snappy.parquet"):
            export.deliver("2026-05", NEW, bill, suffix=suffix)
            assert "the disk is full" in house.refused()
            assert not list((house.home / "raw" / ".landing").glob("*"))
        assert len(list((house.home / "raw/bill/line_items").rglob("*.parquet"))) == 1
    finally:
        subprocess.run(["umount", str(house.home)], check=True)


def test_a_killed_landing_leaves_the_old_month_and_the_next_one_cleans_up(house, month):
    """Killed at four points: in conversion, before the rename, the sidecar and the pointer."""
    month.deliver("2026-05", NEW, rows(cost="2"))
    stops = {
        "orchestration.exports.assembling": "build_version",
        "orchestration.exports.splitting": "pieces",
        "orchestration.exports.ledger": "sync_tree",
    }
    for module, function in stops.items():
        before = (
            "import os, signal, orchestration.exports.landing\n"
            f"import {module} as m\n"
            f"import orchestration.exports.assembling as a\n"
            f"def die(*args, **named): os.kill(os.getpid(), signal.SIGKILL)\n"
            f"m.{function} = die\n"
            f"if hasattr(a, {function!r}): a.{function} = die\n"
        )
        process = start(house, before)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, function
        assert house.total() == Decimal(21), function
    before = (
        "import os, signal, orchestration.exports.ledger as ledger\n"
        "ledger.Ledger.point_to = lambda *args: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = start(house, before)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert house.total() == Decimal(21)
    assert house.query("select count(*) from raw_ops.deliveries") == [(1,)]
    report = house.land()
    assert [version.rows for version in report.landed] == [6]
    assert house.total() == Decimal(42)
    assert not list((house.home / "raw" / ".landing").glob("*"))
    assert house.query("select count(*) from raw_ops.deliveries") == [(2,)]


def test_a_failure_between_data_and_pointer_is_landed_by_the_next_run(house, month, monkeypatch):
    month.deliver("2026-05", NEW, rows(cost="2"))

    def fails(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(ledger.Ledger, "point_to", fails)
        assert "the disk is full" in house.refused()
    assert house.total() == Decimal(21)
    assert not house.land().refusals
    assert house.total() == Decimal(42)


@pytest.mark.parametrize("how", ["rewritten", "replaced by another part", "removed", "manifest"])
def test_a_delivery_that_changes_while_being_read_is_refused(house, month, monkeypatch, how):
    """A month half written while we read: parts of two runs must never be landed together."""
    parts = month.deliver("2026-05", NEW, rows(cost="2"), parts=2)
    check_stated = assembling._check_stated

    def interfere(delivery, found):
        check_stated(delivery, found)
        if how == "rewritten":
            write_parquet(parts[0], rows(cost="3", count=9))
        elif how == "replaced by another part":
            os.utime(parts[0], ns=(1, 1))
        elif how == "removed":
            parts[0].unlink(missing_ok=True)
        else:
            month.manifest("2026-05", NEW, parts[:1])

    with monkeypatch.context() as patched:
        patched.setattr(assembling, "_check_stated", interfere)
        assert "the delivery changed while being read" in house.refused()
    assert house.total() == Decimal(21)
    month.deliver("2026-05", NEW, rows(cost="2"), parts=2)
    assert not house.land().refusals, "the next run reads it again"
    assert house.total() == Decimal(42)


def test_two_landings_do_not_interleave(house, month):
    with (house.home / "landing.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write("4711")
        lock.flush()
        with pytest.raises(LandingError, match="process 4711"):
            house.land()
    assert not house.land().refusals


def test_a_reader_during_a_landing_sees_whole_months_only(house, month):
    """Readers that open the pointer again and again while another process lands new versions."""
    process = start(house)
    process.communicate(timeout=60)
    seen = set()
    for number in range(1, 4):
        month.deliver("2026-05", f"2026-06-1{number}T00:00:00.000Z-x", rows(cost=str(number + 1)))
        process = start(house)
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            seen.add(house.total())
        process.communicate()
    assert seen <= {Decimal(21 * factor) for factor in (1, 2, 3, 4)}
    assert house.total() == Decimal(84)


def test_little_memory_spills_instead_of_failing(house, monkeypatch):
    monkeypatch.setenv("AI_FINOPS_MEMORY", "200MB")
    write_csv(house.folder / "in" / "b.csv.gz", rows(count=20_000))
    house.export("bill", "aws_cur_2", "./in")
    assert not house.land().refusals
    assert house.count() == 20_000
