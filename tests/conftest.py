"""What several test folders share: the third-party samples, and one small warehouse built once."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ESTATE_ROWS = 5_000
WHOLE_ESTATE_ROWS = 20_000


# Files that take long, longest first: they are started first, so that workers end together.
SLOW = (
    *("warehouse/test_growth.py", "warehouse/test_unit_tests.py"),
    "warehouse/test_planted_errors.py",
    *("orchestration/test_preview.py", "warehouse/test_focus_samples.py", "project/test_readme.py"),
    *("project/test_lint.py", "landing/test_retention.py", "warehouse/test_statements.py"),
    *("orchestration/test_code_location.py", "warehouse/test_inventories.py"),
    *("warehouse/test_refusals_show.py", "orchestration/test_privacy.py"),
    *("warehouse/test_use_cases.py", "warehouse/test_egress.py", "warehouse/test_coverage.py"),
    *("warehouse/test_currencies.py", "warehouse/test_invoices.py", "warehouse/test_azure.py"),
    *("warehouse/test_gcp.py", "warehouse/test_native.py", "warehouse/test_oci.py"),
    *("warehouse/test_openai_and_anthropic.py", "warehouse/test_on_prem.py"),
)


def pytest_configure(config: pytest.Config) -> None:
    """Hand files to workers in the order below, not by their number of tests."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first, then whatever else builds or reads a warehouse, then the quick ones."""
    folder = Path(__file__).parent
    order = {name: place for place, name in enumerate(SLOW)}

    def rank(item: pytest.Item) -> tuple[int, bool, str]:
        name = item.path.relative_to(folder).as_posix()
        return order.get(name, len(SLOW)), not name.startswith("warehouse/"), name

    items.sort(key=rank)


@dataclass(frozen=True)
class BuiltHome:
    """A data folder with the sample estate landed, built, checked and published."""

    home: Path
    estate: Path


@pytest.fixture(scope="session")
def samples() -> Path:
    """Folder of third-party sample bills. They are no part of the project, so it may be absent."""
    named = os.environ.get("AI_FINOPS_SAMPLES")
    if not named:
        pytest.skip("AI_FINOPS_SAMPLES is not set: point it at the folder of sample bills")
    folder = Path(named)
    assert folder.is_dir(), f"AI_FINOPS_SAMPLES names {folder}, which is not a folder"
    return folder


@pytest.fixture(scope="session")
def dbt_paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep dbt's parse cache and logs of tests out of the working tree, one folder per worker."""
    folder = tmp_path_factory.mktemp("dbt")
    settings = {
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    with _no_debug_events():
        yield folder
    for name, value in before.items():
        if value is None:
            os.environ.pop(name)
        else:
            os.environ[name] = value


@contextmanager
def _no_debug_events() -> Iterator[None]:
    """dbt tells of 14,000 things a build, nearly all of them for a log at level debug that nobody
    reads here: 7 % of its time."""
    from dbt_common.events import event_manager_client
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    class Quiet(EventManager):
        def fire_event(
            self, e: BaseEvent, level: EventLevel | None = None, *rest: Any, **named: Any
        ) -> None:
            if (level or e.level_tag()) != EventLevel.DEBUG:
                super().fire_event(e, level, *rest, **named)

    before = event_manager_client.get_event_manager()
    event_manager_client.ctx_set_event_manager(Quiet())
    yield
    event_manager_client.ctx_set_event_manager(before)


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AWS bills of about 5,000 rows, without inventories: exports.yml, exports/ and truth/."""
    from sample_estate import generate

    def make(folder: Path) -> None:
        generate(folder, rows=ESTATE_ROWS, providers=("aws",), inventories=False)

    return _made_once("estate", make, tmp_path_factory)


@pytest.fixture(scope="session")
def built_home(
    estate: Path, dbt_paths: Path, tmp_path_factory: pytest.TempPathFactory
) -> BuiltHome:
    """The AWS bills landed, built and published once. Copy the folder before changing anything."""
    return _built("home", estate, tmp_path_factory)


@pytest.fixture(scope="session")
def whole_home(dbt_paths: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltHome:
    """Bills, telemetry and runs of every provider landed, built and published once, about 20,000
    rows of bills."""
    from sample_estate import generate

    def make(folder: Path) -> None:
        generate(folder, rows=WHOLE_ESTATE_ROWS, telemetry=True)

    whole = _made_once("whole_estate", make, tmp_path_factory)
    return _built("whole_home", whole, tmp_path_factory)


def _built(name: str, estate: Path, factory: pytest.TempPathFactory) -> BuiltHome:
    """A data folder of the estate: built by one worker, a copy of it for each, because two
    processes cannot open one database."""
    from orchestration.exports.config import load_exports
    from orchestration.pipeline import run_pipeline
    from tests.warehouse.warehouse import Warehouse

    def make(home: Path) -> None:
        report = run_pipeline(load_exports(estate / "exports.yml"), home)
        assert not report.landing.refusals, report.landing.refusals
        assert report.build.ok, report.build.failures
        assert report.published is not None

    made = _made_once(name, make, factory)
    return BuiltHome(Warehouse(made).copy_to(factory.mktemp(name) / "home").home, estate)


def _made_once(name: str, make: Callable[[Path], None], factory: pytest.TempPathFactory) -> Path:
    """A folder that the first worker to ask makes and the others wait for."""
    base = factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made_once"
    shared.mkdir(exist_ok=True)
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder
