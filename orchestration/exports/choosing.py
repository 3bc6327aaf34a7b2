"""Which delivery of a billing period counts: the newest complete one."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestration.exports.deliveries import Delivery, Discovery
from orchestration.exports.errors import RefusedDelivery


@dataclass
class Choice:
    """Deliveries to land, loose ones, and refusals as (label, refusal).

    `by_period` has one per billing period, or where the location holds several datasets one per
    billing period and dataset; the key names both.
    """

    by_period: dict[str, Delivery] = field(default_factory=dict)
    loose: list[Delivery] = field(default_factory=list)
    refused: list[tuple[str, RefusedDelivery]] = field(default_factory=list)


def choose(found: Discovery, *, several_datasets: bool = False) -> Choice:
    """The newest complete delivery of each period; newer incomplete ones are refused.

    With `several_datasets`, folders whose dataset is not known yet are chosen from one by one:
    their rows will tell.
    """
    choice = Choice(refused=list(found.problems))
    periods: dict[str, list[Delivery]] = {}
    for delivery in found.deliveries:
        if delivery.billing_period is None:
            choice.loose.append(delivery)
        else:
            key = delivery.billing_period
            if several_datasets:
                key = f"{key} {delivery.table or delivery.root}".strip()
            periods.setdefault(key, []).append(delivery)
    for period, candidates in sorted(periods.items()):
        chosen = _newest_complete(period, candidates, choice)
        if chosen:
            choice.by_period[period] = chosen
    return choice


def _newest_complete(period: str, candidates: list[Delivery], choice: Choice) -> Delivery | None:
    roots = sorted({candidate.root for candidate in candidates})
    if len(roots) > 1:
        choice.refused.append(
            (
                period,
                RefusedDelivery(
                    f"the location holds {len(roots)} exports with {period}: {', '.join(roots)}.",
                    "Give each an entry of its own in exports.yml, with its own location.",
                ),
            )
        )
        return None
    unique = {(c.newest_key, c.files): c for c in sorted(candidates, key=lambda c: c.label)}
    ordered = sorted(unique.values(), key=lambda c: (c.newest_key, c.label), reverse=True)
    for position, candidate in enumerate(ordered):
        rivals = [c for c in ordered[position + 1 :] if c.newest_key == candidate.newest_key]
        if candidate.problem:
            choice.refused.append((candidate.label, candidate.problem))
        elif rivals:
            reason = (
                f"{candidate.label} and {rivals[0].label} both hold {period}, and neither a run "
                "folder nor a manifest tells which is newer."
            )
            remedy = "Keep the one that counts in the location."
            choice.refused.append((candidate.label, RefusedDelivery(reason, remedy)))
            return None
        else:
            return candidate
    return None
