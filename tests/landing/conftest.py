"""A data folder to land into, and what landing shows afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.exports.config import ExportsConfig, load_exports
from orchestration.exports.landing import LandingReport, land, pending_deliveries
from orchestration.exports.raw_views import mark_built, queue_rebuilds, refresh_raw_views

TYPED = "* exclude (_source_file, _source_row, _source_kind, _source_name)"


@dataclass
class House:
    """exports.yml, deliveries and the data folder of one test."""

    folder: Path
    entries: list[str] = field(default_factory=list)
    prefer: list[str] = field(default_factory=list)
    inventories: list[str] = field(default_factory=list)
    others: dict[str, list[str]] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def export(self, name: str, kind: str, location: Any) -> House:
        self.entries.append(f'  - {{name: {name}, kind: {kind}, location: "{location}"}}')
        return self

    def inventory(self, name: str, kind: str, location: Any, **options: str) -> House:
        return self.listed("inventories", name, kind, location, **options)

    def listed(self, section: str, name: str, kind: str, location: Any, **options: str) -> House:
        """An entry of a section other than the bills."""
        given = ", ".join(f"{key}: {value}" for key, value in options.items())
        rest = f", options: {{{given}}}" if given else ""
        entry = f'  - {{name: {name}, kind: {kind}, location: "{location}"{rest}}}'
        entries = self.inventories if section == "inventories" else None
        (self.others.setdefault(section, []) if entries is None else entries).append(entry)
        return self

    def config(self) -> ExportsConfig:
        path = self.folder / "exports.yml"
        lines = ["exports:", *self.entries]
        for section, entries in {"inventories": self.inventories, **self.others}.items():
            if entries:
                lines += [f"{section}:", *entries]
        if self.prefer:
            lines += ["prefer:", *(f"  - {entry}" for entry in self.prefer)]
        path.write_text("\n".join(lines))
        return load_exports(path)

    def land(self, **options: Any) -> LandingReport:
        return land(self.config(), self.home, **options)

    def pending(self) -> list[Any]:
        return pending_deliveries(self.config(), self.home)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Refresh the raw tables and ask them."""
        self.home.mkdir(exist_ok=True)
        with duckdb.connect(str(self.home / "warehouse.duckdb")) as connection:
            refresh_raw_views(connection, self.home)
            return connection.execute(sql).fetchall()

    def queue(self, full: bool = False, built: bool = False) -> list[str]:
        with duckdb.connect(str(self.home / "warehouse.duckdb")) as connection:
            refresh_raw_views(connection, self.home)
            queued = queue_rebuilds(connection, self.home, full=full)
            if built:
                mark_built(connection)
            return [str(entry) for entry in queued]

    def typed_rows(self) -> list[tuple[Any, ...]]:
        """All rows in a stable order, without where they came from."""
        return self.query(f"select {TYPED} from raw_aws.line_items order by identity_line_item_id")

    def total(self) -> Decimal:
        return self.query(
            "select coalesce(sum(line_item_unblended_cost), 0) from raw_aws.line_items"
        )[0][0]

    def count(self) -> int:
        return self.query("select count(*) from raw_aws.line_items")[0][0]

    def refused(self) -> str:
        """Land, expect one refusal, and give its text."""
        report = self.land()
        assert len(report.refusals) == 1, report.refusals
        return str(report.refusals[0])


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def inbox(house: House) -> Path:
    """The folder of an export of loose CUR 2.0 files."""
    house.export("bill", "aws_cur_2", "./in")
    return house.folder / "in"
