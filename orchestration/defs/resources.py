"""What assets are given at run time: the exports file, the data folder and dbt."""

import sys
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject

from orchestration.exports.config import ExportsConfig, load_exports
from orchestration.project import ROOT, exports_file, prepare_environment, target_path

# Every step that writes a DuckDB file takes this pool; its limit of 1 stands in dagster.yaml.
WRITER_POOL = "duckdb_writer"

dbt_project = DbtProject(project_dir=ROOT, profiles_dir=ROOT, target_path=target_path())


class Workspace(dg.ConfigurableResource):
    """The exports file and the data folder, read from the environment when a run starts."""

    def data(self) -> Path:
        """Absolute data folder, made ready for dbt."""
        return prepare_environment()

    def config(self) -> ExportsConfig:
        """The exports as named now; raises ConfigError with file, line and remedy."""
        return load_exports(exports_file())


@dg.definitions
def resources() -> dg.Definitions:
    """Register the resources under the names that assets ask for."""
    return dg.Definitions(
        resources={
            "workspace": Workspace(),
            "dbt": DbtCliResource(
                project_dir=dbt_project,
                dbt_executable=str(Path(sys.executable).with_name("dbt")),
            ),
        }
    )
