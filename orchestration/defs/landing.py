"""One asset per export of exports.yml (deliveries landed as Parquet, by billing month), and the
raw tables over them that dbt reads as sources."""

import json

import dagster as dg

from orchestration.defs.inventories import collected_key
from orchestration.defs.resources import WRITER_POOL, Workspace
from orchestration.exports.config import Export, load_exports
from orchestration.exports.landing import land
from orchestration.pipeline import queue_step, require_manifest
from orchestration.project import exports_file

# The unit of landing and rebuilding is (export, billing month): an asset and its partition.
BILLING_MONTHS = dg.MonthlyPartitionsDefinition(start_date="2020-01-01", end_offset=1)


def asked_months(context: dg.AssetExecutionContext) -> list[str] | None:
    """The billing months a run was asked for as YYYY-MM, or None for whatever is new."""
    if context.has_partition_key or context.has_partition_key_range:
        return [key[:7] for key in context.partition_keys]
    return None


def landing_asset(export: Export) -> dg.AssetsDefinition:
    """The asset that lands one export, with a check that no delivery was refused."""
    key = dg.AssetKey(["landing", export.name])
    check = dg.AssetCheckSpec("deliveries_accepted", asset=key)

    @dg.asset(
        key=key,
        group_name="landing",
        kinds={"parquet"},
        pool=WRITER_POOL,
        partitions_def=BILLING_MONTHS,
        deps=[collected_key(export.name)] if export.collect else [],
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=[check],
        description=f"Deliveries of {export.name} ({export.kind}), landed per billing month.",
    )
    def landed(context: dg.AssetExecutionContext, workspace: Workspace):
        report = land(
            workspace.config(),
            workspace.data(),
            only=[export.name],
            periods=asked_months(context),
        )
        yield dg.MaterializeResult(metadata=report.metadata())
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=check.name,
            passed=not report.refusals,
            metadata={"refusals": dg.MetadataValue.md("\n".join(map(str, report.refusals)))},
        )

    return landed


def dbt_sources() -> list[dg.AssetKey]:
    """The keys under which dbt's lineage knows the tables that landing makes."""
    sources = json.loads(require_manifest().read_text())["sources"].values()
    return [dg.AssetKey([source["source_name"], source["name"]]) for source in sources]


def raw_tables(exports: list[Export]) -> dg.AssetsDefinition:
    """The raw tables: views over the current version of every landed month, and the ledger."""
    keys = dbt_sources()

    @dg.multi_asset(
        name="raw_tables",
        specs=[
            dg.AssetSpec(
                key,
                group_name="landing",
                kinds={"duckdb"},
                deps=[dg.AssetKey(["landing", export.name]) for export in exports],
            )
            for key in keys
        ],
        pool=WRITER_POOL,
    )
    def refreshed(context: dg.AssetExecutionContext, workspace: Workspace):
        queue = queue_step(workspace.data())
        for key in keys:
            yield dg.MaterializeResult(
                asset_key=key, metadata={"periods_to_rebuild": [str(entry) for entry in queue]}
            )

    return refreshed


@dg.definitions
def landing() -> dg.Definitions:
    """Assets for the exports named now; without an exports file only the raw tables."""
    path = exports_file()
    exports = load_exports(path).exports if path.exists() else []
    return dg.Definitions(
        assets=[*(landing_asset(export) for export in exports), raw_tables(exports)]
    )
