"""The page on policies: one HTML file that needs no network, readable by day and by night."""

from __future__ import annotations

import datetime as dt
import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.project import published_file
from orchestration.quality.policies import VERDICTS, Judged

if TYPE_CHECKING:
    from orchestration.quality.gate import PolicyReport

_WORDS = {
    "fail": "stops publication",
    "warn": "warns",
    "no_data": "no data",
    "not_judged": "too small to judge",
    "pass": "kept",
}
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2330;--soft:#5b6576;--paper:#fff;--card:#f5f6f9;
--line:#d9dde5;--fail:#b3261e;--warn:#8a5a00;--pass:#1d6b3a;--bar:#9aa7bd}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#a3adbd;--paper:#14181f;
--card:#1d232d;--line:#353d4a;--fail:#ff8a80;--warn:#f0b95a;--pass:#7fd39b;--bar:#56637a}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;
max-width:72rem;padding:1.5rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:0}p{margin:.4rem 0}
.soft{color:var(--soft)}section{background:var(--card);border:1px solid var(--line);
border-left:.4rem solid var(--bar);border-radius:.4rem;padding:1rem;margin:1rem 0}
section.fail{border-left-color:var(--fail)}section.warn{border-left-color:var(--warn)}
section.pass{border-left-color:var(--pass)}
.verdict{float:right;font-weight:600}.fail .verdict{color:var(--fail)}
.warn .verdict{color:var(--warn)}.pass .verdict{color:var(--pass)}
.bar{position:relative;height:.8rem;background:var(--line);border-radius:.4rem;margin:.6rem 0}
.bar i{position:absolute;left:0;top:0;bottom:0;background:var(--bar);border-radius:.4rem}
.bar b{position:absolute;top:-.2rem;bottom:-.2rem;width:.15rem}
.bar .to-warn{background:var(--warn)}.bar .to-fail{background:var(--fail)}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.3rem .6rem;
border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}summary{cursor:pointer}
"""


def page_file(data: Path) -> Path:
    """Beside the published file, so that whoever finds one finds the other."""
    return published_file(data).parent / "coverage" / "index.html"


def write(
    connection: duckdb.DuckDBPyConnection, data: Path, report: PolicyReport, now: dt.datetime
) -> None:
    """Write the page anew; readers see the old one or the new one."""
    earlier = connection.execute(
        "select policy, currency, arg_max(measured, checked_at) "
        "from ai_finops.quality.expectation_results where not is_current group by all"
    ).fetchall()
    before = {(policy, currency): measured for policy, currency, measured in earlier}
    months = connection.execute(
        """
        select provider, billing_currency, governed_key, period_start,
            sum(covered_effective_cost) / nullif(sum(taggable_effective_cost), 0)
        from ai_finops.ownership.coverage_trend
        where period_kind = 'month' and governed_key in (
            select governed_key from reference.coverage_policies
            where check_kind in ('coverage', 'tag_coverage')
        )
        group by all order by all
        """
    ).fetchall()
    path = page_file(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(render(report, before, months, now), encoding="utf-8")
    os.replace(partial, path)


def render(
    report: PolicyReport,
    before: dict[tuple[str, str | None], float | None],
    months: list[tuple],
    now: dt.datetime,
) -> str:
    """The page: what was decided, each policy worst first, and coverage by month."""
    stopped = len(report.of("fail"))
    verdict = (
        f"<strong>Publication is stopped</strong> by {stopped} of {len(report.policies)} policies; "
        "readers keep the last good build."
        if report.blocks
        else f"All floors that stop publication are kept; {len(report.of('warn'))} of "
        f"{len(report.policies)} policies warn."
    )
    ordered = sorted(report.policies, key=lambda one: (VERDICTS.index(one.verdict), one.policy))
    sections = "\n".join(_section(policy, report, before) for policy in ordered)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Coverage of tags</title><style>{_STYLE}</style></head><body>\n"
        f'<h1>Coverage of tags</h1><p>{verdict}</p><p class="soft">Checked {now:%Y-%m-%d %H:%M} '
        "UTC by Great Expectations. Policies are rows of seeds/policy/coverage_policies.csv; "
        "earlier results are in quality.expectation_results.</p>\n"
        f"{sections}\n{_months(months)}\n</body></html>\n"
    )


def _section(
    policy: Judged, report: PolicyReport, before: dict[tuple[str, str | None], float | None]
) -> str:
    from orchestration.quality.messages import finding, money, remedy, share

    body = []
    if policy.verdict in ("fail", "warn"):
        told = f" Tell: {policy.owner_to_tell}." if policy.owner_to_tell else ""
        body.append(f"<p>{escape(finding(policy) + told)}</p>")
    else:
        body.append(f"<p>{escape(policy.scope)}: {_asked(policy)}</p>")
    if policy.measured is not None and not policy.is_age:
        body.append(_bar(policy))
    past = before.get((policy.policy, policy.currency))
    if past is not None and policy.measured is not None:
        said = f"{past:.0f} days" if policy.is_age else share(past)
        body.append(f'<p class="soft">The time before: {said}</p>')
    if policy.reason:
        body.append(f'<p class="soft">Why it is asked: {escape(policy.reason)}</p>')
    untagged = report.untagged.get(policy.policy, [])
    if untagged:
        rows = "".join(
            f'<tr><td class="n">{money(entry.cost)} {escape(entry.currency)}</td>'
            f"<td>{escape(entry.resource_id or 'no resource')}"
            f"{'<br>' + escape(entry.resource_name) if entry.resource_name else ''}</td>"
            f"<td>{escape(entry.service_name or '')}<br>{escape(entry.account or '')}</td>"
            f"<td>{escape(entry.guess)}</td></tr>"
            for entry in untagged
        )
        body.append(
            f"<p>Tag first (cost without {escape(policy.governed_key)} in "
            f'{untagged[0].window}):</p><div class="wide"><table><tr><th class="n">Cost</th>'
            f"<th>Resource</th><th>Service, account</th><th>Whom to ask</th></tr>{rows}</table>"
            "</div>"
        )
    if policy.verdict in ("fail", "warn"):
        body.append(f"<p>What to do: {escape(remedy(policy))}</p>")
    return (
        f'<section class="{policy.verdict}"><span class="verdict">{_WORDS[policy.verdict]}</span>'
        f"<h2>{escape(policy.policy)}</h2>{''.join(body)}</section>"
    )


def _asked(policy: Judged) -> str:
    from orchestration.quality.messages import money, share

    about = "" if policy.governed_key == "*" else f" of {policy.governed_key}"
    if policy.measured is None:
        return f"{escape(policy.check_kind + about)}: nothing in scope has landed"
    measured = f"{policy.measured:.0f} days" if policy.is_age else share(policy.measured)
    cost = f", {money(policy.judged_cost)} {policy.currency} judged" if policy.currency else ""
    return escape(f"{policy.check_kind}{about} {measured}{cost}")


def _bar(policy: Judged) -> str:
    """The measure as a bar with its floors as marks."""
    marks = "".join(
        f'<b class="{name}" style="left:{min(max(float(floor), 0), 1):.1%}" title="{words}"></b>'
        for name, floor, words in (
            ("to-warn", policy.floor_to_warn, "warns below"),
            ("to-fail", policy.floor_to_fail, "stops publication below"),
        )
        if floor is not None
    )
    return (
        f'<div class="bar"><i style="width:{min(max(policy.measured or 0, 0), 1):.1%}"></i>'
        f"{marks}</div>"
    )


def _months(months: list[tuple]) -> str:
    """Coverage by month, a table per governed key."""
    from orchestration.quality.messages import share

    starts = sorted({row[3] for row in months})[-6:]
    heads = "".join(f'<th class="n">{start:%Y-%m}</th>' for start in starts)
    tables = []
    for key in sorted({row[2] for row in months}):
        cells: dict[tuple[str, str], dict[dt.date, float | None]] = {}
        for provider, currency, governed_key, start, coverage in months:
            if governed_key == key:
                cells.setdefault((provider, currency), {})[start] = coverage
        rows = "".join(
            f"<tr><td>{escape(provider)}, {escape(currency)}</td>"
            + "".join(
                f'<td class="n">{"-" if found.get(day) is None else share(found[day])}</td>'
                for day in starts
            )
            + "</tr>"
            for (provider, currency), found in sorted(cells.items())
        )
        tables.append(
            f"<details><summary>{escape(key)} by month of charge</summary>"
            f'<div class="wide"><table><tr><th>Provider</th>{heads}</tr>{rows}</table></div>'
            "</details>"
        )
    return "<h2>Coverage by month</h2>" + "".join(tables)
