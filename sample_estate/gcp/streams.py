"""What runs on Google Cloud: a stream per SKU of a resource, and how much an hour takes of it."""

from __future__ import annotations

from dataclasses import dataclass

MAIN_ACCOUNT = "01A2B3-C4D5E6-F70819"
LAB_ACCOUNT = "0F9E8D-7C6B5A-493827"
ORGANISATION = ("organizations/418273645091", "halden.ai")

# Subscriptions of the commitments. The GPU commitment is larger than what runs: a fifth is idle.
RESOURCE_CUD = "5203948576120394857"
SQL_CUD = "7719283746501928374"
FLEX_CUD = "3340129857466120938"


@dataclass(frozen=True)
class GcpProject:
    """A Google Cloud project: who owns it, and the folder that it hangs in."""

    project_id: str
    number: str
    name: str
    folder: str
    labels: tuple[tuple[str, str], ...]


PROJECTS = {
    "train": GcpProject(
        "halden-train-7f21", "531086427509", "halden-train", "Research", (("team", "foundation"),)
    ),
    "serve": GcpProject(
        "halden-serve-2b90", "264809135778", "halden-serve", "Products", (("env", "prod"),)
    ),
    "data": GcpProject(
        "halden-data-55d3", "870213549961", "halden-data", "Engineering", (("team", "data"),)
    ),
    "lab": GcpProject("halden-lab-e4c8", "119384750266", "halden-lab", "Research", ()),
}


@dataclass(frozen=True)
class Stream:
    """One SKU of one resource.

    `per_hour` is the quantity of an hour in pricing units; `schedule` says which hours run:
    always, runs (two days of three), business, daily (one row a day at midnight). `covered_by` is
    (subscription, credit type, percent of the row). `labels` are user labels of the resource.
    """

    sku: str
    account: str
    project: str | None
    resource: str | None
    per_hour: float
    schedule: str = "always"
    location: str = "us-central1-a"
    machine: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    covered_by: tuple[str, str, int] | None = None
    flexible: bool = False
    discount_pct: int = 0
    credit: tuple[str, int] | None = None
    kind: str = "usage"
    collection: str = "instances"
    subscription: str | None = None
    seller: str | None = None


def _machine(
    resource: str, project: str, machine: str, parts: dict[str, float], **options: object
) -> list[Stream]:
    account = LAB_ACCOUNT if project == "lab" else MAIN_ACCOUNT
    return [
        Stream(sku, account, project, resource, quantity, machine=machine, **options)
        for sku, quantity in parts.items()
    ]


def _shared_node() -> list[Stream]:
    """One GKE node with four L4: GKE cost allocation splits its rows by namespace."""
    shares = (
        ("assistant-prod", "gateway", 0.5),
        ("search-embed", "encoder", 0.35),
        ("kube:unallocated", None, 0.15),
    )
    found = []
    for namespace, workload, share in shares:
        labels = [
            ("goog-k8s-cluster-name", "serve-eu"),
            ("goog-k8s-cluster-location", "us-central1"),
            ("k8s-namespace", namespace),
        ]
        if workload:
            labels.append(("k8s-workload-name", workload))
            labels.append(("team", "assistant" if namespace == "assistant-prod" else "search"))
        for sku, quantity, percent in (
            ("l4_core", 48, 50),
            ("l4_ram", 192, 100),
            ("l4_gpu", 4, 100),
        ):
            found.append(
                Stream(
                    sku,
                    MAIN_ACCOUNT,
                    "serve",
                    "gke-serve-l4-0",
                    quantity * share,
                    machine="g2-standard-48",
                    labels=tuple(labels),
                    covered_by=(RESOURCE_CUD, "COMMITTED_USAGE_DISCOUNT", percent),
                )
            )
    return found


def streams() -> list[Stream]:
    """Every stream of both billing accounts."""
    train = (("squad", "foundation"), ("project", "atlas-pretrain"), ("phase", "training"))
    finetune = (("team", "foundation-models"), ("proj", "atlas-finetune"), ("phase", "training"))
    a3 = {
        "h100_core": 208,
        "h100_ram": 1872,
        "h100_gpu": 8,
        "h100_ssd": 6000.0 / 730,
    }
    found = [
        *_machine("atlas-a3-0", "train", "a3-highgpu-8g", a3, schedule="runs", labels=train),
        *_machine(
            "atlas-dws-0",
            "train",
            "a3-highgpu-8g",
            {"h100_core_dws": 208, "h100_gpu_dws": 8},
            schedule="business",
            labels=finetune,
        ),
        *_machine(
            "eval-a2-spot",
            "train",
            "a2-highgpu-1g",
            {"a100_core_spot": 12, "a100_gpu_spot": 1},
            schedule="business",
            labels=(("team", "assistant"), ("phase", "validation")),
        ),
        *_machine(
            "notebook-n1",
            "data",
            "n1-standard-8",
            {"n1_core": 8, "n1_ram": 30},
            schedule="business",
            labels=(("owner_team", "data-eng"),),
            credit=("sud", 10),
        ),
        *_machine(
            "corpus-n2",
            "data",
            "n2-standard-16",
            {"n2_core": 16, "n2_ram": 64},
            location="europe-west4-b",
            labels=(("team", "data"),),
            flexible=True,
        ),
        *_machine(
            "rank-v5e",
            "train",
            "ct5lp-hightpu-4t",
            {"tpu_v5e": 4},
            schedule="runs",
            labels=(("team", "search_ranking"), ("project", "search-ranker")),
        ),
        *_machine(
            "fold-v6e",
            "lab",
            "ct6e-standard-4t",
            {"tpu_v6e": 4},
            schedule="business",
            location="europe-west4-a",
            labels=(("team", "lab"),),
            credit=("promotion", 40),
        ),
        *_machine(
            "fold-n2",
            "lab",
            "n2-standard-8",
            {"n2_core": 8, "n2_ram": 32},
            location="europe-west4-a",
            credit=("promotion", 40),
        ),
        *_shared_node(),
    ]
    return found + _managed() + _fees()


def _managed() -> list[Stream]:
    """Vertex AI, tokens, storage, transfer and a marketplace product."""
    main, daily = MAIN_ACCOUNT, "daily"
    assistant = (("team", "assistant"), ("project", "assistant-prod"), ("env", "prod"))
    lumen = (("team", "vision"), ("project", "lumen-vision"))
    found = [
        Stream(
            sku,
            main,
            "train",
            "custom-job-4821",
            quantity,
            "business",
            "us-central1",
            labels=lumen,
            collection="customJobs",
        )
        for sku, quantity in (
            ("vertex_train_gpu", 8),
            ("vertex_train_core", 208),
            ("vertex_train_ram", 1872),
            ("vertex_fee_gpu", 8),
        )
    ]
    found.append(
        Stream(
            "vertex_predict_gpu",
            main,
            "serve",
            "endpoint-7719",
            1,
            location="us-central1",
            labels=assistant,
            collection="endpoints",
        )
    )
    for sku, quantity in (
        ("gemini_flash_in", 2150000),
        ("gemini_flash_out", 310000),
        ("gemini_flash_cached", 1800000),
        ("gemini_pro_in", 420000),
        ("gemini_pro_out", 66000),
        ("gemini_cache_storage", 1.5),
    ):
        found.append(
            Stream(sku, main, "serve", None, quantity, daily, "us-central1", labels=assistant)
        )
    storage = (("halden.ai/cost-centre", "CC-3002"),)
    found += [
        Stream(
            "storage",
            main,
            "data",
            "halden-corpus",
            84000.0 / 730,
            daily,
            "us",
            tags=storage,
            collection="buckets",
        ),
        Stream(
            "storage",
            main,
            "train",
            "halden-checkpoints",
            31000.0 / 730,
            daily,
            "us",
            collection="buckets",
        ),
        Stream("egress", main, "serve", None, 11.5, daily, "us-central1", labels=assistant),
        Stream("interregion", main, "train", None, 38, daily, "us-central1"),
        Stream(
            "bigquery",
            main,
            "data",
            None,
            0.16,
            daily,
            "europe-west3",
            labels=(("team", "data"),),
            discount_pct=10,
        ),
        Stream(
            "functions",
            main,
            "serve",
            "webhook",
            81000,
            daily,
            "us-central1",
            credit=("free_tier", 100),
            collection="functions",
        ),
        Stream(
            "marketplace",
            main,
            "serve",
            None,
            2,
            daily,
            "us-central1",
            seller="Weaverlake Software GmbH",
        ),
        Stream(
            "bigquery",
            LAB_ACCOUNT,
            "lab",
            None,
            0.05,
            daily,
            "europe-west3",
            credit=("promotion", 40),
        ),
        Stream(
            "sql",
            main,
            "serve",
            "assist-db",
            16,
            location="us-central1",
            covered_by=(SQL_CUD, "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", 100),
            collection="instances",
        ),
    ]
    return found


def _fees() -> list[Stream]:
    """Fees of the commitments, each an hourly row of the billing account as a whole.

    24 of 48 cores, all memory, and five GPUs where four run; 1.652 dollars of SQL usage under a
    commitment of 2.065, so a fifth is idle; flexible: what N2 leaves of one dollar is idle.
    """
    return [
        Stream(
            "cud_core",
            MAIN_ACCOUNT,
            None,
            None,
            24,
            location="us-central1",
            kind="fee",
            subscription=RESOURCE_CUD,
        ),
        Stream(
            "cud_ram",
            MAIN_ACCOUNT,
            None,
            None,
            192,
            location="us-central1",
            kind="fee",
            subscription=RESOURCE_CUD,
        ),
        Stream(
            "cud_gpu",
            MAIN_ACCOUNT,
            None,
            None,
            5,
            location="us-central1",
            kind="fee",
            subscription=RESOURCE_CUD,
        ),
        Stream(
            "cud_sql",
            MAIN_ACCOUNT,
            None,
            None,
            1.652,
            location="us-central1",
            kind="fee",
            subscription=SQL_CUD,
        ),
        Stream(
            "cud_flex",
            MAIN_ACCOUNT,
            None,
            None,
            1,
            location="global",
            kind="flex_fee",
            subscription=FLEX_CUD,
        ),
    ]
