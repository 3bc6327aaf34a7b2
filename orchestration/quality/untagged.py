"""What to tag first: the dearest resources that lack the key of a policy, and whose they may be."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from orchestration.quality.policies import Judged

SHOWN = 5

# Scopes of a policy and the columns of ownership.untagged_resources that they narrow.
_COLUMNS = {
    "scope_provider": "provider",
    "scope_source": "source_name",
    "scope_billing_account": "billing_account_id",
    "scope_sub_account": "sub_account_id",
    "scope_team": "team",
    "scope_service_category": "service_category",
    "scope_ai_spend": "cast(is_ai_spend as varchar)",
}


@dataclass(frozen=True)
class Untagged:
    """A resource without the key of a policy: what that costs and who probably answers for it."""

    resource_id: str | None
    resource_name: str | None
    service_name: str | None
    account: str | None
    currency: str
    cost: Decimal
    window: str
    problem: str
    is_new: bool
    team: str | None
    probable_owner: str | None
    probable_owner_reason: str | None
    probable_owner_share: Decimal | None

    @property
    def guess(self) -> str:
        """Who to ask and why, in words."""
        if self.team is not None:
            return f"team {self.team} answers for it"
        if self.probable_owner is None:
            return "no hint whose it is"
        return (
            f"probably {self.probable_owner}: {self.probable_owner_share:.0%} of the cost with the "
            f"{self.probable_owner_reason}"
        )


def dearest(
    connection: duckdb.DuckDBPyConnection, policy: Judged, limit: int = SHOWN
) -> list[Untagged]:
    """The resources in scope of a policy that lack its key, most expensive first."""
    window, column = _window(policy.window_days)
    conditions, values = ["governed_key = ?"], [policy.governed_key]
    for scope, narrowed in _COLUMNS.items():
        if policy.scopes[scope] != "*":
            conditions.append(f"list_contains(string_split(?, '|'), {narrowed})")
            values.append(policy.scopes[scope])
    if policy.check_kind == "allowed_values":
        conditions.append("problem <> 'untagged'")
    rows = connection.execute(
        f"""
        select
            resource_id, resource_name, service_name, coalesce(sub_account_name, sub_account_id),
            billing_currency, {column}, '{window}', problem, is_newly_untagged, team,
            probable_owner, probable_owner_reason, probable_owner_share
        from ai_finops.ownership.untagged_resources
        where {" and ".join(conditions)} and {column} > 0
        order by {column} desc, resource_id
        limit {limit}
        """,
        values,
    ).fetchall()
    return [Untagged(*row) for row in rows]


def _window(days: int | None) -> tuple[str, str]:
    if days is None:
        return "the month", "effective_cost_month"
    if days <= 7:
        return "7 days", "effective_cost_7_days"
    return "30 days", "effective_cost_30_days"
