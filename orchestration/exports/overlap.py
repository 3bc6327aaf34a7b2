"""Two exports that hold the same account's month: only one may count, or the bill is doubled.

The first in exports.yml counts unless `prefer:` names the other. The outcome does not depend on
which was landed first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.exports.config import Export, ExportsConfig
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.kinds import Dataset

#: Provider of kinds that may hold any provider's bill.
ANY_PROVIDER = "focus"

Coverage = set[tuple[str, str]]


@dataclass
class Verdict:
    """`refused` is set where the delivery may not be landed; `losers` are exports whose landed
    month has to be withdrawn instead, each with the refusal that tells so."""

    refused: RefusedDelivery | None
    losers: list[tuple[Export, RefusedDelivery]]


def judge(
    config: ExportsConfig,
    export: Export,
    period: str,
    coverage: Coverage,
    landed_coverage: Callable[[Export, str], Coverage],
) -> Verdict:
    """Compare a delivery's (billing account, usage account) pairs with what others have landed.

    A native bill and a FOCUS export of it spell ids differently (a subscription's id and its path):
    the last part of a path counts, whatever its case.
    """
    losers = []
    for other in config.exports:
        if other.name == export.name or not _comparable(export, other):
            continue
        theirs = landed_coverage(other, period)
        known = {_plain(pair) for pair in theirs if any(pair)}
        shared = {pair for pair in coverage if _plain(pair) in known}
        if not shared:
            continue
        winners = {_winner(config, export, other, account, period) for account, _ in shared}
        if len(winners) > 1:
            return Verdict(_split_decision(export, other, period), [])
        winner, by_preference = winners.pop()
        if winner == other.name:
            lost = _lost(export, other, period, coverage, theirs, shared, by_preference)
            return Verdict(lost, [])
        lost = _lost(other, export, period, theirs, coverage, shared, by_preference)
        losers.append((other, lost))
    return Verdict(None, losers)


def _comparable(export: Export, other: Export) -> bool:
    providers = {export.definition.provider, other.definition.provider}
    return (len(providers) == 1 or ANY_PROVIDER in providers) and bool(
        bills_of(export) and bills_of(other)
    )


def bills_of(export: Export) -> tuple[Dataset, ...]:
    """The datasets of an export that hold a bill."""
    return tuple(d for d in export.definition.datasets if d.counts_as in ("billed", "effective"))


def _plain(pair: tuple[str, str]) -> tuple[str, str]:
    billing_account, usage_account = (name.rsplit("/", 1)[-1].lower() for name in pair)
    return billing_account, usage_account


def _winner(
    config: ExportsConfig, export: Export, other: Export, account: str, period: str
) -> tuple[str, bool]:
    """Name of the export that counts for an account's month, and whether `prefer:` says so."""
    names = [entry.name for entry in config.exports if entry.name in (export.name, other.name)]
    for preference in config.prefer:
        covers = any(
            preference.covers(one.definition.provider, account, period) for one in (export, other)
        )
        if covers and preference.use in names:
            return preference.use, True
    return names[0], False


def _lost(
    loser: Export,
    winner: Export,
    period: str,
    losing: Coverage,
    winning: Coverage,
    shared: Coverage,
    by_preference: bool,
) -> RefusedDelivery:
    accounts = _listed({account for account, _ in shared})
    covered = {_plain(pair) for pair in winning}
    elsewhere = {pair for pair in losing if any(pair) and _plain(pair) not in covered}
    if not by_preference:
        return RefusedDelivery(
            f"{period} of billing account {accounts} is in {winner.name} too "
            f"({len(shared)} account pairs): both together would double the bill.",
            "Remove one of the two exports, or say which counts in exports.yml: "
            f"prefer: [{{provider: {winner.definition.provider}, "
            f'billing_account: "{min(a for a, _ in shared)}", use: {winner.name}}}].',
        )
    if elsewhere:
        return RefusedDelivery(
            f"`prefer:` chooses {winner.name} for billing account {accounts} in {period}, but this "
            f"delivery also holds usage accounts {_listed({u for _, u in elsewhere})}, which "
            f"{winner.name} lacks; a month is landed whole or not at all.",
            f"Prefer {loser.name} for this account and month, or deliver the other accounts apart.",
        )
    return RefusedDelivery(
        f"not chosen: `prefer:` reads billing account {accounts} in {period} from {winner.name}.",
        "Nothing to do.",
        open=False,
    )


def _split_decision(export: Export, other: Export, period: str) -> RefusedDelivery:
    return RefusedDelivery(
        f"{period} overlaps with {other.name} in several billing accounts, and `prefer:` decides "
        "them differently; a month is landed whole or not at all.",
        f"Prefer the same export ({export.name} or {other.name}) for all shared accounts.",
    )


def _listed(names: set[str]) -> str:
    shown = sorted(names)[:3]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
