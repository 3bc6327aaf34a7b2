"""What is kept no longer is deleted once a month, after the refresh of that day."""

import dagster as dg

from orchestration.defs.resources import WRITER_POOL, Workspace
from orchestration.retention import prune


@dg.op(pool=WRITER_POOL)
def let_go(context: dg.OpExecutionContext, workspace: Workspace):
    """Delete what retention_rules no longer keeps; the log tells what went and what had to stay."""
    outcomes = prune(workspace.data())
    for outcome in outcomes:
        context.log.info(str(outcome))
    gone = [outcome for outcome in outcomes if not outcome.kept_because]
    context.add_output_metadata({"deleted": len(gone), "bytes": sum(o.bytes for o in gone)})


@dg.job(executor_def=dg.in_process_executor)
def retention():
    """Landed files of settled months, rows held back, files of dry runs: gone when their time is
    over. What was built stays."""
    let_go()


monthly = dg.ScheduleDefinition(
    name="monthly_retention", job=retention, cron_schedule="0 12 5 * *", execution_timezone="UTC"
)


@dg.definitions
def keeping():
    """Register the job and its schedule."""
    return dg.Definitions(jobs=[retention], schedules=[monthly])
