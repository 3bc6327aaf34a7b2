"""Tag inventories: what resources were there on a day, whose they were, and what they belong to."""

from __future__ import annotations

from collections.abc import Callable

from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.headers import HeaderDialect
from orchestration.exports.inventory_snapshots import add_snapshot, check_day, discover_inventory
from orchestration.exports.kinds.base import Column, ControlColumns, Dataset, Kind
from orchestration.exports.preparing import Preparation
from orchestration.exports.schemas import literal

#: Whose bills an inventory that belongs to no one provider may tell about.
PROVIDERS = ("aws", "azure", "gcp", "oci", "on_prem", "openai", "anthropic")
ACCOUNT_IN_PATH = r"(?:^|[^0-9])([0-9]{12})(?:[^0-9]|$)"


def _check_provider(value: str) -> tuple[str, str] | None:
    # Providers that bill in FOCUS have no code of their own: they go by their name.
    if value in PROVIDERS or value != value.lower():
        return None
    return (
        "is unknown.",
        f"Known: {', '.join(PROVIDERS)}, or the name that a FOCUS bill gives (Corvid Compute).",
    )


def _check_complete(value: str) -> tuple[str, str] | None:
    if value in ("true", "false"):
        return None
    return (
        "is neither true nor false.",
        "Write false where snapshots list only part of what is there.",
    )


CHECKS = {"as_of": check_day, "provider": _check_provider, "complete": _check_complete}
OPTIONS = {"as_of": False, "complete": False}


def _prepare_accounts(preparation: Preparation) -> None:
    """ListTagsForResource does not say whose tags it lists: then the file's name has to."""
    sql = preparation.sql
    path = sql.local.source.path
    named = f"nullif(regexp_extract({literal(path)}, {literal(ACCOUNT_IN_PATH)}, 1), '')"
    account = f"coalesce({sql.text(('listed_account_id', 'resource_id'))}, {named})"
    missing = preparation.connection.execute(
        f"select count(*) from {sql.relation} where {account} is null"
    ).fetchone()[0]
    if missing:
        raise RefusedDelivery(
            "the file lists tags and does not say of which account.",
            "Put the account's id into its name, such as tags-111122223333.json.",
            file_path=path,
            column_name="Id",
        )
    document = f"case when {sql.text('listed_account_id')} is null then 'tags' else 'accounts' end"
    add_snapshot(preparation, "collected_at", {"account_id": account, "document": document})


def _prepare_labels(preparation: Preparation) -> None:
    """Labels name no cluster unless several are scraped together: exports.yml says which it is."""
    sql = preparation.sql
    listed = sql.text("metric")
    cluster = (
        f"coalesce(json_extract_string({listed}, '$.cluster'), {_option(sql.options, 'cluster')})"
    )
    seconds = f"json_extract_string({sql.text('value')}, '$[0]')"
    add_snapshot(preparation, "interval_start", {"cluster_name": cluster}, (seconds,))


def _prepare_slurm(preparation: Preparation) -> None:
    sql = preparation.sql
    cluster = f"coalesce({sql.text('cluster')}, {_option(sql.options, 'cluster')})"
    add_snapshot(preparation, None, {"cluster_name": cluster})


def _option(options: object, name: str) -> str:
    value = options.get(name) if hasattr(options, "get") else None
    return literal(value) if value else "cast(null as varchar)"


def _stated(column: Column | None) -> Callable[[Preparation], None]:
    return lambda preparation: add_snapshot(preparation, column)


def _kind(
    name: str,
    provider: str,
    schema: str,
    key: tuple[str, ...],
    prepare: Callable[[Preparation], None],
    *,
    filled: tuple[str, ...],
    account: Column | None = None,
    records: tuple[str, ...] = (),
    options: dict[str, bool] | None = None,
    delimiters: tuple[str, ...] = (",",),
    collects: dict[str, bool] | None = None,
    hint: str,
) -> Kind:
    """An inventory with one dataset; the months of its snapshots are its periods."""
    declared = f"inventory_{schema}"
    control = ControlColumns(
        period="snapshot_at",
        billing_account=account,
        usage_account=None,
        currency=None,
        cost=None,
        row_key=("snapshot_at", "snapshot_scope", *key),
        filled=("snapshot_at", *filled),
        sparse_key=True,
    )
    return Kind(
        name=name,
        provider=provider,
        datasets=(
            Dataset(
                table=schema,
                view=("raw_inventories", schema),
                schema=declared,
                dialect=HeaderDialect(schema=declared, slash_names=False, wrong_kind_hint=hint),
                control=control,
                counts_as="inventory",
            ),
        ),
        discover=discover_inventory,
        records=records,
        prepare=prepare,
        section="inventories",
        options=OPTIONS | (options or {}),
        option_checks=CHECKS,
        delimiters=delimiters,
        collects=collects or {},
    )


KINDS = (
    _kind(
        "aws_resource_tags",
        "aws",
        "aws_resource_tags",
        ("resource_arn",),
        _stated("collected_at"),
        filled=("resource_arn",),
        account="collected_account",
        records=("ResourceTagMappingList",),
        collects={"regions": True, "roles": False, "profile": False},
        hint="This does not look like tagged resources: save the answers of "
        "`aws resourcegroupstaggingapi get-resources` as they come.",
    ),
    _kind(
        "aws_account_tags",
        "aws",
        "aws_accounts",
        ("account_id", "document"),
        _prepare_accounts,
        filled=("account_id",),
        account="account_id",
        records=("Accounts",),
        collects={"roles": False, "profile": False},
        hint="This does not look like accounts: save the answers of `aws organizations "
        "list-accounts` and `list-tags-for-resource` as they come.",
    ),
    _kind(
        "azure_resources",
        "azure",
        "azure_resources",
        ("resource_id",),
        _stated("snapshot_time"),
        filled=("resource_id",),
        account="subscription_id",
        records=("data", "value"),
        hint="This does not look like Azure resources: save the answers of `az graph query` or "
        "`az resource list` as they come.",
    ),
    _kind(
        "gcp_assets",
        "gcp",
        "gcp_assets",
        ("asset_name",),
        _stated("read_time"),
        filled=("asset_name",),
        account="project",
        records=("assets", "results"),
        hint="This does not look like Google Cloud assets: export them with `gcloud asset export "
        "--content-type=resource`.",
    ),
    _kind(
        "kubernetes_labels",
        "kubernetes",
        "kubernetes",
        ("cluster_name", "metric", "namespace", "node", "pod"),
        _prepare_labels,
        filled=("cluster_name",),
        account="cluster_name",
        records=("data.result",),
        options={"provider": True, "cluster": False},
        hint="This does not look like labels: save what Prometheus answers to "
        '`{__name__=~"kube_(pod|namespace|node)_labels"}`.',
    ),
    _kind(
        "slurm_accounts",
        "on_prem",
        "slurm_accounts",
        ("cluster_name", "account", "slurm_user"),
        _prepare_slurm,
        filled=("account",),
        account="cluster_name",
        records=("accounts", "associations"),
        options={"provider": False, "cluster": False},
        delimiters=("|", ","),
        hint="This does not look like Slurm accounts: save what `sacctmgr show account "
        "--parsable2` prints.",
    ),
    _kind(
        "tag_inventory_csv",
        "any",
        "tag_csv",
        ("resource_id", "tag_key"),
        _stated("valid_from"),
        filled=("resource_id",),
        account="account_id",
        options={"provider": True},
        hint="This does not look like a list of tags: give it the columns resource_id, key, value "
        "and, where you know it, valid_from.",
    ),
)
