"""Inventories of the estate: what clouds and clusters list of what they bill, on several days.

Written beside the bills from the same streams, so that a bill never changes by them. What is
planted in them, and who owns what because of it, is in ``truth/``.
"""

from __future__ import annotations

from collections.abc import Callable

from sample_estate.context import DeliveredExport, EstateContext
from sample_estate.inventories import aws, azure, gcp, plain, slurm
from sample_estate.inventories.plan import Planned, looks_of, write_truth

__all__ = ["deliver", "write_truth"]

_PROVIDERS: dict[str, Callable[[EstateContext, list], tuple[list[DeliveredExport], Planned]]] = {
    "aws": aws.deliver,
    "azure": azure.deliver,
    "gcp": gcp.deliver,
    "oci": plain.deliver,
    "on_prem": slurm.deliver,
}


def deliver(provider: str, estate: EstateContext) -> tuple[list[DeliveredExport], Planned]:
    """Write what lists the resources of a provider, while its streams are in the session."""
    if provider not in _PROVIDERS:
        return [], Planned()
    return _PROVIDERS[provider](estate, looks_of(estate.months))
