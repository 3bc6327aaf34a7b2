"""One asset per live inventory of exports.yml, asked for once a day before what it tells lands."""

import dagster as dg

from orchestration.defs.resources import Workspace
from orchestration.exports.collecting import collect
from orchestration.exports.config import Export, load_exports
from orchestration.project import exports_file


def collected_key(name: str) -> dg.AssetKey:
    """The asset of a live inventory's dumps; its landing depends on it."""
    return dg.AssetKey(["collected", name])


def collected_asset(export: Export) -> dg.AssetsDefinition:
    """The asset that asks a cloud, with a check that it answered everything.

    A cloud that does not answer fails the check and not the run: the last snapshot stays, and what
    is built on it goes on.
    """
    key = collected_key(export.name)
    check = dg.AssetCheckSpec("everything_answered", asset=key)

    @dg.asset(
        key=key,
        group_name="inventories",
        kinds={"aws"},
        check_specs=[check],
        description=f"Today's snapshot of {export.name} ({export.kind}), from the cloud itself.",
    )
    def collected(workspace: Workspace):
        config = workspace.config()
        (report,) = collect(config, workspace.data(), only=[export.name], again=False)
        yield dg.MaterializeResult(
            metadata={
                "dagster/row_count": report.records,
                "dumps": len(report.folders),
                "already_collected": report.already or "no",
                "seconds": round(report.seconds, 2),
            }
        )
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=check.name,
            passed=not report.refused,
            metadata={"refusals": dg.MetadataValue.md("\n".join(report.refusals()))},
        )

    return collected


@dg.definitions
def inventories() -> dg.Definitions:
    """Assets, job and schedule of the live inventories named now; nothing where there are none."""
    path = exports_file()
    exports = [e for e in load_exports(path).exports if e.collect] if path.exists() else []
    if not exports:
        return dg.Definitions()
    assets = [collected_asset(export) for export in exports]
    job = dg.define_asset_job(
        "collect_inventories",
        selection=dg.AssetSelection.assets(*assets),
        executor_def=dg.in_process_executor,
        description="Ask clouds for today's snapshot of each live inventory.",
    )
    # Before the daily refresh, which lands it; a day without a snapshot cannot be made up for.
    daily = dg.ScheduleDefinition(
        name="daily_collection", job=job, cron_schedule="30 5 * * *", execution_timezone="UTC"
    )
    return dg.Definitions(assets=assets, jobs=[job], schedules=[daily])
