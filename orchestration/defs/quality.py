"""Coverage policies as asset checks: one per row of the seed, and what fails holds publication."""

import csv

import dagster as dg

from orchestration.defs.resources import WRITER_POOL, Workspace
from orchestration.project import ROOT
from orchestration.quality.gate import check_policies
from orchestration.quality.messages import explanation, summary
from orchestration.quality.policies import FAIL, NO_DATA, WARN, Judged

COVERAGE = dg.AssetKey(["ownership", "tag_coverage_daily"])
SEED = ROOT / "seeds" / "policy" / "coverage_policies.csv"


def policy_checks() -> list[dg.AssetCheckSpec]:
    """One check per policy of the seed as it is when the code location loads."""
    with SEED.open(newline="", encoding="utf-8") as rows:
        return [
            dg.AssetCheckSpec(
                f"policy_{row['policy'].replace('-', '_')}",
                asset=COVERAGE,
                # All models that the policies read, and those that are written while they are.
                additional_deps=[dg.AssetKey(["ownership", "coverage_by_policy"])],
                blocking=True,
                description=row["reason"],
                metadata={"policy": row["policy"]},
            )
            for row in csv.DictReader(rows)
        ]


@dg.multi_asset_check(
    name="coverage_policies", specs=policy_checks(), pool=WRITER_POOL, can_subset=False
)
def coverage_policies(context: dg.AssetCheckExecutionContext, workspace: Workspace):
    """Judge all policies; those that miss a floor say what to tag first."""
    report = check_policies(workspace.data(), force=True)
    context.log.info(summary(report))
    by_name: dict[str, list[Judged]] = {}
    for judged in report.policies:
        by_name.setdefault(judged.policy, []).append(judged)
    for spec in policy_checks():
        name = spec.metadata["policy"]
        found = by_name.get(name, [])
        missed = [one for one in found if one.verdict in (FAIL, WARN)]
        failed = any(one.verdict == FAIL for one in found)
        told = [line for one in missed for line in explanation(one, report.untagged.get(name, []))]
        yield dg.AssetCheckResult(
            asset_key=COVERAGE,
            check_name=spec.name,
            passed=not missed,
            severity=dg.AssetCheckSeverity.ERROR if failed else dg.AssetCheckSeverity.WARN,
            description="\n".join(told) or _verdicts(found),
            metadata={
                "verdict": ", ".join(sorted({one.verdict for one in found})) or "not in force",
                "page": dg.MetadataValue.path(str(report.page)),
            },
        )


def _verdicts(found: list[Judged]) -> str:
    if not found:
        return "Holds on other days."
    if all(one.verdict == NO_DATA for one in found):
        return "Nothing in its scope has landed."
    return "Kept."


@dg.definitions
def quality() -> dg.Definitions:
    """Register the checks."""
    return dg.Definitions(asset_checks=[coverage_policies])
