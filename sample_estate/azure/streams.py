"""What runs at Azure: one stream per resource and meter, with its owner, and what was bought."""

from dataclasses import asdict, dataclass

from sample_estate.company import team_of


@dataclass(frozen=True)
class Bill:
    """One billing profile and the export that tells its charges."""

    export: str
    profile_id: str
    profile_name: str
    currency: str
    subscription_id: str
    subscription_name: str
    section: str
    region: str
    region_name: str


ACCOUNT_ID = "7e1f0c52-93aa-4b0d-8a0e-1d2f3c4b5a69:0d4c8b61-52f7-4e0a-9f1e-6a7b8c9d0e1f_2019-05-31"
ACCOUNT_NAME = "Halden AI"
MAIN = Bill(
    "azure_main",
    "HLDN-7QX2-BG7-PGB",
    "Halden AI Global",
    "USD",
    "0b6f2d1c-58d4-4a8e-9b37-2f61c0a4e7d9",
    "halden-ml",
    "Research",
    "eastus",
    "US East",
)
EUROPE = Bill(
    "azure_europe",
    "HLDN-3KTW-BG7-PGB",
    "Halden AI Europe",
    "EUR",
    "4f9ad2e7-6c10-4d35-8be2-90c7a1b3d5f8",
    "halden-assistant-eu",
    "Products",
    "westeurope",
    "EU West",
)
LAB = Bill(
    "azure_lab",
    "c2a7e5b9-1d48-4f60-a3c6-7b8e9d0f1a2c",
    "halden-lab-azure",
    "USD",
    "c2a7e5b9-1d48-4f60-a3c6-7b8e9d0f1a2c",
    "halden-lab-azure",
    "",
    "eastus",
    "US East",
)
BILLS = (MAIN, EUROPE, LAB)


@dataclass(frozen=True)
class Stream:
    """A resource that one meter counts. `quantity` a day, varying unless `steady`.

    `variant` is how it is priced: usage, usage_spot, reserved, prepaid, savings. Only streams that
    `grow` are repeated or thinned out to reach a number of rows.
    """

    stream: str
    export: str
    meter: str
    resource: str
    resource_type: str
    quantity: str
    project: str
    environment: str
    variant: str = "usage"
    steady: bool = False
    grow: bool = True

    def row(self) -> dict[str, object]:
        """As a table row."""
        return asdict(self) | {"team": team_of(self.project).key}


_VM = "Microsoft.Compute/virtualMachines"
_SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"
_AI = "Microsoft.CognitiveServices/accounts"
_ML = "Microsoft.MachineLearningServices/workspaces"
_STORE = "Microsoft.Storage/storageAccounts"
_PRE, _PROD, _DEV = "research", "production", "development"

STREAMS: tuple[Stream, ...] = (
    # What commitments pay for: the same machines every day, at two thirds of their hours or more.
    Stream(
        "h100a",
        "azure_main",
        "nd_h100",
        "nd-atlas-0",
        _VM,
        "22",
        "atlas-pretrain",
        _PRE,
        "reserved",
        grow=False,
    ),
    Stream(
        "h100b",
        "azure_main",
        "nd_h100",
        "nd-atlas-1",
        _VM,
        "19",
        "atlas-pretrain",
        _PRE,
        "reserved",
        grow=False,
    ),
    Stream(
        "a100r",
        "azure_main",
        "nc_a100",
        "nc-vision-0",
        _VM,
        "21",
        "lumen-vision",
        _PRE,
        "prepaid",
        grow=False,
    ),
    Stream(
        "t4sp",
        "azure_europe",
        "t4_we",
        "vmss-assist-t4",
        _SCALE_SET,
        "40",
        "assistant-prod",
        _PROD,
        "savings",
        grow=False,
    ),
    Stream(
        "a100sp",
        "azure_europe",
        "nc_a100_we",
        "vmss-assist-a100",
        _SCALE_SET,
        "18",
        "assistant-prod",
        _PROD,
        "savings",
        grow=False,
    ),
    # Machines by the hour.
    Stream("h100od", "azure_main", "nd_h100", "nd-burst", _VM, "4", "atlas-finetune", _PRE),
    Stream(
        "spot",
        "azure_main",
        "nc_a100_spot",
        "vmss-sweep",
        _SCALE_SET,
        "30",
        "atlas-finetune",
        _PRE,
        "usage_spot",
    ),
    Stream("a100od", "azure_main", "nc_a100", "nc-eval", _VM, "9", "assistant-eval", _DEV),
    Stream(
        "d8s", "azure_main", "d8s", "aks-pool", _SCALE_SET, "72", "ml-platform", _PROD, steady=True
    ),
    Stream("a100eu", "azure_europe", "nc_a100_we", "nc-ranker", _VM, "11", "search-ranker", _PROD),
    # Azure ML: the machine and what the workspace adds to it.
    Stream("aml", "azure_main", "aml_a100", "mlw-halden", _ML, "14", "lumen-vision", _PRE),
    Stream(
        "amld",
        "azure_main",
        "aml_disk",
        "mlw-halden",
        _ML,
        "0.033336",
        "lumen-vision",
        _PRE,
        steady=True,
    ),
    Stream(
        "amli", "azure_main", "aml_ip", "mlw-halden", _ML, "24", "lumen-vision", _PRE, steady=True
    ),
    Stream(
        "amll", "azure_main", "aml_lb", "mlw-halden", _ML, "24", "lumen-vision", _PRE, steady=True
    ),
    # Tokens and throughput.
    Stream("4oi", "azure_main", "gpt4o_in", "oai-halden", _AI, "90000000", "assistant-eval", _DEV),
    Stream(
        "4oc", "azure_main", "gpt4o_cached", "oai-halden", _AI, "40000000", "assistant-eval", _DEV
    ),
    Stream("4oo", "azure_main", "gpt4o_out", "oai-halden", _AI, "12000000", "assistant-eval", _DEV),
    Stream("5i", "azure_main", "gpt5_in", "oai-search", _AI, "160000000", "search-embed", _PROD),
    Stream("5c", "azure_main", "gpt5_cached", "oai-search", _AI, "75000000", "search-embed", _PROD),
    Stream("5o", "azure_main", "gpt5_out", "oai-search", _AI, "21000000", "search-embed", _PROD),
    Stream("5w", "azure_main", "sol_write", "oai-search", _AI, "8000000", "search-embed", _PROD),
    Stream(
        "bat", "azure_main", "mini_batch_in", "oai-data", _AI, "900000000", "corpus-build", _PRE
    ),
    Stream("emb", "azure_main", "embedding", "oai-search", _AI, "400000000", "search-embed", _PROD),
    Stream(
        "ftt", "azure_main", "ft_training", "oai-halden", _AI, "3000000", "atlas-finetune", _PRE
    ),
    Stream(
        "fth",
        "azure_main",
        "ft_hosting",
        "oai-halden",
        _AI,
        "24",
        "atlas-finetune",
        _PRE,
        steady=True,
    ),
    Stream(
        "ptu",
        "azure_europe",
        "ptu",
        "oai-assist-eu",
        _AI,
        "2400",
        "assistant-prod",
        _PROD,
        steady=True,
        grow=False,
    ),
    Stream(
        "eui",
        "azure_europe",
        "gpt4o_in_eu",
        "oai-assist-eu",
        _AI,
        "220000000",
        "assistant-prod",
        _PROD,
    ),
    Stream(
        "euo",
        "azure_europe",
        "gpt4o_out_eu",
        "oai-assist-eu",
        _AI,
        "31000000",
        "assistant-prod",
        _PROD,
    ),
    # Storage, transfer and the rest.
    Stream(
        "blob",
        "azure_main",
        "blob",
        "stcorpus",
        _STORE,
        "26000",
        "corpus-build",
        _PROD,
        steady=True,
    ),
    Stream("ops", "azure_main", "blob_ops", "stcorpus", _STORE, "1300000", "corpus-build", _PROD),
    Stream(
        "disk",
        "azure_main",
        "disk",
        "disk-atlas",
        "Microsoft.Compute/disks",
        "0.033336",
        "atlas-pretrain",
        _PRE,
        steady=True,
    ),
    Stream("out", "azure_main", "egress", "stcorpus", _STORE, "900", "corpus-build", _PROD),
    Stream("reg", "azure_main", "inter_region", "nd-atlas-0", _VM, "2400", "atlas-pretrain", _PRE),
    Stream("in", "azure_main", "ingress", "stassistlogs", _STORE, "300", "assistant-prod", _PROD),
    Stream(
        "peer",
        "azure_main",
        "peering",
        "vnet-hub",
        "Microsoft.Network/virtualNetworks",
        "700",
        "network-hub",
        _PROD,
    ),
    Stream(
        "aks",
        "azure_main",
        "aks",
        "aks-ml",
        "Microsoft.ContainerService/managedClusters",
        "24",
        "ml-platform",
        _PROD,
        steady=True,
    ),
    Stream(
        "log",
        "azure_main",
        "logs",
        "log-ml",
        "microsoft.operationalinsights/workspaces",
        "38",
        "ml-platform",
        _PROD,
    ),
    Stream(
        "kv",
        "azure_main",
        "vault",
        "kv-ml",
        "Microsoft.KeyVault/vaults",
        "42000",
        "ml-platform",
        _PROD,
    ),
    Stream(
        "blobeu",
        "azure_europe",
        "blob",
        "stassisteu",
        _STORE,
        "8000",
        "assistant-prod",
        _PROD,
        steady=True,
    ),
    Stream("outeu", "azure_europe", "egress", "stassisteu", _STORE, "300", "assistant-prod", _PROD),
    Stream(
        "saas",
        "azure_europe",
        "saas_usage",
        "corvid-labels",
        "Microsoft.SaaS/resources",
        "21000",
        "corpus-build",
        _PROD,
    ),
    Stream("labvm", "azure_lab", "d8s", "lab-node", _VM, "30", "lab-proteins", _PRE),
    Stream(
        "labst", "azure_lab", "blob", "stlab", _STORE, "3100", "lab-proteins", _PRE, steady=True
    ),
    Stream("labout", "azure_lab", "egress", "stlab", _STORE, "45", "lab-proteins", _PRE),
)

STREAM_COLUMNS = {
    "stream": "varchar",
    "export": "varchar",
    "meter": "varchar",
    "resource": "varchar",
    "resource_type": "varchar",
    "quantity": "decimal(18,6)",
    "project": "varchar",
    "environment": "varchar",
    "variant": "varchar",
    "steady": "boolean",
    "grow": "boolean",
    "team": "varchar",
}
