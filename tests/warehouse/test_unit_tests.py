"""dbt's own unit tests: each rule of a mapping, named as a sentence, on rows written for it."""

from __future__ import annotations

from tests.warehouse.warehouse import Warehouse


def test_every_dbt_unit_test_passes(built_home, tmp_path):
    warehouse = Warehouse(built_home.home).copy_to(tmp_path / "home")
    outcome = warehouse.dbt("test", "--select", "test_type:unit")
    assert len(outcome) > 40
    assert {name: status for name, status in outcome.items() if status != "pass"} == {}
