"""The job that does it all, the daily schedule, and the sensor for new deliveries."""

import hashlib

import dagster as dg
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)

from orchestration.defs.resources import Workspace
from orchestration.exports.landing import pending_deliveries

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Land what is new, rebuild the billing periods it concerns, check, publish.",
)

# After the clouds' nightly deliveries; exports are rewritten several times a day, mostly at night.
daily = dg.ScheduleDefinition(
    name="daily_refresh", job=refresh, cron_schedule="0 6 * * *", execution_timezone="UTC"
)


@dg.sensor(job=refresh, minimum_interval_seconds=300)
def new_deliveries(workspace: Workspace):
    """Start a refresh when an export holds a delivery that has not been landed."""
    pending = pending_deliveries(workspace.config(), workspace.data())
    if not pending:
        return dg.SkipReason("every delivery is landed")
    # One run per state of the exports: the same pending deliveries never start a second run.
    state = hashlib.sha256("\n".join(sorted(str(entry) for entry in pending)).encode())
    months = sorted({entry.billing_period for entry in pending if entry.billing_period})
    tags = {}
    # Deliveries that name no month are landed whatever months a run is asked for.
    if months:
        tags = {
            ASSET_PARTITION_RANGE_START_TAG: f"{months[0]}-01",
            ASSET_PARTITION_RANGE_END_TAG: f"{months[-1]}-01",
        }
    return dg.RunRequest(run_key=state.hexdigest(), tags=tags)


@dg.definitions
def automation() -> dg.Definitions:
    """Register the job, the schedule and the sensor."""
    return dg.Definitions(jobs=[refresh], schedules=[daily], sensors=[new_deliveries])
