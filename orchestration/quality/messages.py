"""What a person is told about policies: in words, with the money and with what to do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape

from orchestration.quality.gate import PolicyReport
from orchestration.quality.policies import FAIL, NO_DATA, NOT_JUDGED, PASS, WARN, Judged
from orchestration.quality.untagged import Untagged

SEED = "seeds/policy/coverage_policies.csv"


def print_policies(console: Console, report: PolicyReport | None) -> None:
    """Verdicts in one line, a line per warning, and what stops publication in full."""
    if report is None or not report.policies:
        return
    for policy in report.of(WARN):
        _say(console, f"[yellow]Policy[/] {escape(sentence(policy))}")
        for line in first_to_tag(report.untagged.get(policy.policy, [])[:1]):
            _say(console, f"    {escape(line)}")
    for policy in report.of(FAIL):
        for number, line in enumerate(explanation(policy, report.untagged.get(policy.policy, []))):
            label = "[bold red]Stopped by policy[/] " if number == 0 else ""
            _say(console, label + escape(line))
    _say(console, escape(summary(report)))
    if report.blocks:
        _say(
            console,
            "[bold red]Nothing was published:[/] readers keep the last good build. Exit status 1.",
        )


def summary(report: PolicyReport) -> str:
    """How many policies said what, and where to read on."""
    words = {
        PASS: "kept",
        WARN: "warn",
        FAIL: "stop publication",
        NOT_JUDGED: "too small to judge",
        NO_DATA: "without data",
    }
    counts = [f"{len(report.of(verdict))} {text}" for verdict, text in words.items()
              if report.of(verdict)]  # fmt: skip
    names = ", ".join(policy.policy for policy in report.of(NO_DATA))
    nothing = f" ({names}: nothing in scope has landed)" if names else ""
    return f"Policies on tags: {', '.join(counts)}{nothing}. Page: {report.page}"


def explanation(policy: Judged, untagged: list[Untagged]) -> list[str]:
    """Why a policy stops publication, what to tag first, and what else can be done."""
    lines = [sentence(policy)]
    if policy.reason:
        lines.append(f"    Why it is asked: {policy.reason}")
    if untagged:
        lines.append(f"    Tag first (cost without {policy.governed_key} in {untagged[0].window}):")
        lines += [f"      {line}" for line in first_to_tag(untagged)]
    lines.append(f"    What to do: {remedy(policy)}")
    return lines


def sentence(policy: Judged) -> str:
    """What was measured beside what was asked, with the money that is missing."""
    told = f" Tell: {policy.owner_to_tell}." if policy.owner_to_tell else ""
    return f"{policy.policy}: {finding(policy)}{told}"


def finding(policy: Judged) -> str:
    """The sentence without the policy's name, of one that warns or fails."""
    floor = policy.missed_floor
    if policy.check_kind == "volume":
        return (
            f"{policy.charge_rows:,} charges {_window(policy)}, {share(policy.measured)} of the "
            f"{policy.charge_rows_before:,} in the {policy.window_days} days before; at least "
            f"{share(floor)} is asked ({policy.scope})."
        )
    if policy.check_kind == "inventory_freshness":
        return (
            f"the newest inventory ({policy.newest_snapshot_at:%Y-%m-%d}) is "
            f"{policy.measured:.0f} days older than the newest charge ({policy.newest_day}); at "
            f"most {floor:.0f} are asked ({policy.scope})."
        )
    if policy.check_kind == "bill_freshness":
        return (
            f"the newest charge ({policy.newest_day}) is {policy.measured:.0f} days old; at most "
            f"{floor:.0f} are asked ({policy.scope})."
        )
    what = {
        "coverage": f"of the taggable cost has a known {policy.governed_key}",
        "tag_coverage": f"of the taggable cost has a tag for {policy.governed_key} of its own",
        "allowed_values": f"of the tagged cost has an agreed value for {policy.governed_key}",
    }[policy.check_kind]
    return (
        f"{share(policy.measured)} {what} {_window(policy)}; at least {share(floor)} is asked "
        f"({policy.scope}). {money(policy.missing_cost)} of {money(policy.judged_cost)} "
        f"{policy.currency} lack it."
    )


def _window(policy: Judged) -> str:
    return f"from {policy.window_from} to {policy.window_to}"


def first_to_tag(untagged: list[Untagged]) -> list[str]:
    """One line per resource: its cost, its names, and whom to ask."""
    lines = []
    for entry in untagged:
        name = entry.resource_id or f"{entry.service_name} without a resource"
        named = f" {entry.resource_name}" if entry.resource_name not in (None, name) else ""
        kind = {"untagged": "", "conflict": ", its tags contradict each other",
                "unknown_value": ", its tag names nothing known"}[entry.problem]  # fmt: skip
        new = ", new since last week" if entry.is_new else ""
        lines.append(
            f"{money(entry.cost)} {entry.currency}  {name}{named} ({entry.service_name}, "
            f"{entry.account}{kind}{new}): {entry.guess}"
        )
    return lines


def remedy(policy: Judged) -> str:
    """What a team lead can do: tag, let a rule tell, or change what is asked."""
    column = "floor_to_fail" if policy.verdict == FAIL else "floor_to_warn"
    floor = f"change {column} of {policy.policy} in {SEED} if less is agreed"
    if policy.check_kind == "volume":
        return f"find the deliveries that are missing (quality.period_status), or {floor}."
    if policy.check_kind == "inventory_freshness":
        return f"deliver a newer inventory (docs/landing.md, inventories), or {floor}."
    if policy.check_kind == "bill_freshness":
        return f"see why the export delivers nothing (quality.ledger), or {floor}."
    if policy.check_kind == "allowed_values":
        return (
            "correct the tags in ownership.tag_conflicts at the provider, or add their spelling to "
            f"seeds/policy/tag_values.csv, or {floor}."
        )
    also = (
        "what inherits its value counts as untagged too (ownership.attributions says what does)"
        if policy.check_kind == "tag_coverage"
        else "what has no resource needs a rule in seeds/policy/virtual_tags.csv"
    )
    return (
        f"set the tag {policy.governed_key} on them at the provider; {also}. All of them: "
        f"ownership.untagged_resources. Or {floor}."
    )


def share(value: Any) -> str:
    """A share as a percentage that never rounds up to the floor that it misses."""
    return f"{Decimal(str(value)).quantize(Decimal('0.0001'), rounding='ROUND_DOWN'):.2%}"


def money(amount: Decimal | None) -> str:
    """An amount to the cent."""
    return "-" if amount is None else f"{amount:,.2f}"


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)
