"""Great Expectations suites made of policies: one suite per row, run over its small measures."""

from __future__ import annotations

import os
from typing import Any

from orchestration.quality.policies import FAIL, PASS, WARN, Judged

# Great Expectations' words for what a policy calls warn and fail.
SEVERITIES = {WARN: "warning", FAIL: "critical"}


def judge(policies: list[Judged]) -> None:
    """Run the suite of each policy and write verdict and result into it.

    Great Expectations is imported here because that costs 3 s, and only where there is something
    to judge.
    """
    waiting = []
    for policy in policies:
        reason = policy.judgeable()
        if reason is None:
            waiting.append(policy)
        else:
            policy.verdict = reason
    if not waiting:
        return
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    import pandas as pd
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
    )

    # Sites of its own would leave a temporary folder behind at each run; the page here is ours.
    settings = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars={"globally": False},
        analytics_enabled=False,
    )
    context = gx.get_context(mode="ephemeral", project_config=settings)
    asset = context.data_sources.add_pandas("coverage").add_dataframe_asset("measures")
    batches = asset.add_batch_definition_whole_dataframe("of one policy")
    for policy in waiting:
        frame = pd.DataFrame([_measures(policy)])
        batch = batches.get_batch(batch_parameters={"dataframe": frame})
        result = batch.validate(_suite(gx, policy)).to_json_dict()
        policy.gx_result = result
        policy.verdict = _verdict(result)


def _measures(policy: Judged) -> dict[str, Any]:
    """A row for pandas; money as double, since only the measure is judged here."""
    return {
        "measured": policy.measured,
        "judged_cost": None if policy.judged_cost is None else float(policy.judged_cost),
        "missing_cost": None if policy.missing_cost is None else float(policy.missing_cost),
        "charge_rows": policy.charge_rows,
    }


def _suite(gx: Any, policy: Judged) -> Any:
    """One expectation per floor, as severe as missing it is."""
    suite = gx.ExpectationSuite(name=policy.policy)
    for level, floor in ((WARN, policy.floor_to_warn), (FAIL, policy.floor_to_fail)):
        if floor is None:
            continue
        settings = {
            "column": "measured",
            "severity": SEVERITIES[level],
            "notes": f"{policy.scope}: {policy.reason or ''}",
            "meta": {"level": level, "policy": policy.policy},
        }
        if policy.is_age:
            made = gx.expectations.ExpectColumnMaxToBeBetween(max_value=float(floor), **settings)
        else:
            made = gx.expectations.ExpectColumnMinToBeBetween(min_value=float(floor), **settings)
        suite.add_expectation(made)
    return suite


def _verdict(result: dict[str, Any]) -> str:
    missed = {
        entry["expectation_config"]["meta"]["level"]
        for entry in result["results"]
        if not entry["success"]
    }
    return next((level for level in (FAIL, WARN) if level in missed), PASS)
