"""dbt models as assets, dbt tests as asset checks; then the published file."""

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from orchestration.defs.resources import WRITER_POOL, Workspace, dbt_project
from orchestration.exclusive import exclusive
from orchestration.pipeline import (
    BuildReport,
    begin_build,
    convert_again,
    finish_build,
    plan_build,
    require_manifest,
)
from orchestration.publishing.publish import publish


@dbt_assets(manifest=require_manifest(), project=dbt_project, pool=WRITER_POOL)
def dbt_models(context: dg.AssetExecutionContext, dbt: DbtCliResource, workspace: Workspace):
    """Seeds, models and tests; the billing periods that landing queued are replaced whole.

    A run of some models only leaves the queue as it is, since the others have not seen it.
    """
    data = workspace.data()
    with exclusive(data):
        plan = plan_build(data)
        begin_build(data, plan)
        if plan.keeps_rows:
            report = BuildReport(plan.queue)
            convert_again(data, plan, report)
            if not report.ok:
                raise dg.Failure(report.failures[0].message)
        yield from dbt.cli(plan.dbt_arguments, context=context).stream()
        if not context.is_subset or not plan.needed:
            finish_build(data, plan)


@dg.asset(
    key=["published", "ai_finops"],
    deps=list(dbt_models.keys),
    group_name="published",
    kinds={"duckdb"},
    pool=WRITER_POOL,
)
def published(workspace: Workspace) -> dg.MaterializeResult:
    """The file that analysts and BI tools open, swapped in after every check has passed."""
    result = publish(workspace.data())
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(result.path),
            "bytes": result.bytes,
            "relations": result.relations,
        }
    )


@dg.definitions
def transform() -> dg.Definitions:
    """Register the dbt models and the published file."""
    return dg.Definitions(assets=[dbt_models, published])
