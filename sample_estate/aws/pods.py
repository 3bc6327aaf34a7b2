"""Pods on the EKS nodes and how AWS splits a node-hour over them.

AWS weighs an accelerator 9, a vCPU 0.9 and a GiB 0.1; a pod gets max(requested, used) of each and
its share of what nobody asked for. Ratios have four decimals and add up to exactly one per node.
"""

from dataclasses import dataclass
from decimal import Decimal

from sample_estate.aws.templates import INSTANCES

WEIGHTS = {"Accelerator": Decimal("9"), "vCPU": Decimal("0.9"), "GB": Decimal("0.1")}
STEP = Decimal("0.0001")

POD_COLUMNS = {
    "eks_cluster": "varchar",
    "pod": "integer",
    "namespace": "varchar",
    "workload": "varchar",
    "project": "varchar",
    "phase": "varchar",
    "model": "varchar",
    "resource": "varchar",
    "quantity": "decimal(18,4)",
    "used": "decimal(18,4)",
    "split_ratio": "decimal(10,4)",
    "unused_ratio": "decimal(10,4)",
}


@dataclass(frozen=True)
class Pod:
    """A pod's requests on its node, and the share of them it really uses."""

    namespace: str
    workload: str
    project: str
    phase: str
    model: str | None
    requests: dict[str, int]
    used_share: str


CLUSTERS: dict[str, tuple[str, tuple[Pod, ...]]] = {
    "serve-use1": (
        "g5.12xlarge",
        (
            Pod(
                "assistant",
                "chat-server",
                "assistant-prod",
                "inference",
                "atlas-7b",
                {"Accelerator": 2, "vCPU": 16, "GB": 64},
                "0.62",
            ),
            Pod(
                "search",
                "ranker",
                "search-ranker",
                "inference",
                "rank-xl",
                {"Accelerator": 1, "vCPU": 8, "GB": 48},
                "0.35",
            ),
        ),
    ),
    "train-usw2": (
        "g6e.12xlarge",
        (
            Pod(
                "ranking",
                "distill-job",
                "search-ranker",
                "training",
                "rank-xl",
                {"Accelerator": 3, "vCPU": 30, "GB": 240},
                "0.88",
            ),
            Pod(
                "evals",
                "nightly-eval",
                "assistant-eval",
                "validation",
                "atlas-7b",
                {"Accelerator": 1, "vCPU": 8, "GB": 64},
                "0.50",
            ),
        ),
    ),
}


def pod_rows() -> list[dict[str, object]]:
    """Return one row per cluster, pod and resource with its exact shares of a node-hour."""
    rows: list[dict[str, object]] = []
    for cluster, (instance_type, pods) in CLUSTERS.items():
        fact = INSTANCES[instance_type]
        capacity = {
            "Accelerator": Decimal(fact["accelerator_count"]),
            "vCPU": Decimal(fact["vcpu"]),
            "GB": Decimal(fact["memory_gib"]),
        }
        node_weight = sum(WEIGHTS[r] * capacity[r] for r in WEIGHTS)
        shares: list[dict[str, object]] = []
        for resource, weight in WEIGHTS.items():
            requested = sum(Decimal(pod.requests[resource]) for pod in pods)
            idle = capacity[resource] - requested
            for number, pod in enumerate(pods):
                asked = Decimal(pod.requests[resource])
                shares.append(
                    {
                        "eks_cluster": cluster,
                        "pod": number,
                        "namespace": pod.namespace,
                        "workload": pod.workload,
                        "project": pod.project,
                        "phase": pod.phase,
                        "model": pod.model,
                        "resource": resource,
                        "quantity": asked,
                        "used": (asked * Decimal(pod.used_share)).quantize(STEP),
                        "split_ratio": (weight * asked / node_weight).quantize(STEP),
                        "unused_ratio": (weight * idle * asked / requested / node_weight).quantize(
                            STEP
                        ),
                    }
                )
        rest = 1 - sum(s["split_ratio"] + s["unused_ratio"] for s in shares)  # type: ignore
        shares[-1]["unused_ratio"] += rest  # type: ignore[operator]
        rows.extend(
            {k: str(v) if isinstance(v, Decimal) else v for k, v in s.items()} for s in shares
        )
    return rows
