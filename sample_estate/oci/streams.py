"""What runs at Oracle: one stream per resource and SKU, with its owner."""

from dataclasses import asdict, dataclass

SUBSCRIPTION = (
    "ocid1.organizationssubscription.oc1.eu-frankfurt-1."
    "amaaaaaahaldenai4x7q2vzso4gq45je75qdvql5fmgrmzlic6nbtm33hlbt5q"
)
TENANCY = "ocid1.tenancy.oc1..aaaaaaaahaldenaisyhydp66mjpsohqocfcgzaabtrit47ex2igzu2j6lhuq"
REGION = "eu-frankfurt-1"


@dataclass(frozen=True)
class Stream:
    """A resource that one SKU is metered for. `quantity` per hour, varying unless `steady`.

    `free_share` is the share of its hours, in percent, that cost nothing.
    """

    stream: str
    resource: str
    resource_type: str
    sku: str
    quantity: str
    steady: bool
    compartment: str
    team: str | None
    project: str | None
    environment: str | None
    free_share: int = 0

    def row(self) -> dict[str, object]:
        """As a table row."""
        return asdict(self)


STREAM_COLUMNS = {
    "stream": "varchar",
    "resource": "varchar",
    "resource_type": "varchar",
    "sku": "varchar",
    "quantity": "decimal(18,8)",
    "steady": "boolean",
    "compartment": "varchar",
    "team": "varchar",
    "project": "varchar",
    "environment": "varchar",
    "free_share": "integer",
}

_ATLAS = ("training", "foundation", "atlas-pretrain", "research")
_LUMEN = ("training", "Vision", "lumen-vision", "Research")
_SEARCH = ("serving", "search_ranking", "search-ranker", "PROD")
_SHARED = ("platform", None, None, None)

STREAMS: tuple[Stream, ...] = (
    Stream("h100", "burst-node", "instance", "B98415", "8", True, *_ATLAS),
    Stream("a100", "vision-node", "instance", "B95907", "8", True, *_LUMEN),
    Stream("a10", "ranker", "instance", "B95909", "1", True, *_SEARCH),
    Stream("e4", "head-node", "instance", "B93113", "4", True, *_ATLAS),
    Stream("e4-memory", "head-node", "instance", "B93114", "64", True, *_ATLAS),
    Stream("volume", "burst-disk", "bootvolume", "B91961", "2.75", True, *_ATLAS),
    Stream("volume-vpu", "burst-disk", "bootvolume", "B91962", "27.5", True, *_ATLAS),
    Stream("checkpoints", "checkpoints", "bucket", "B91628", "1.5", False, *_ATLAS),
    Stream("datasets", "datasets", "bucket", "B91628", "4.2", False, *_LUMEN),
    Stream("egress", "burst-nic", "vnic", "B88327", "12.5", False, *_ATLAS, 20),
    Stream("metrics", "oci_computeagent", "none", "B90926", "0.000012", False, *_SHARED),
    Stream("events", "run-events", "stream", "B90938", "0.02", False, *_SHARED),
    Stream("console", "console", "autonomousdatabase", "B92911", "1", True, *_SHARED),
)
