"""Writes legacy Cost and Usage Reports: slash names, flat product and tag columns, csv.gz."""

import json
import re
from pathlib import Path

import duckdb

from sample_estate.aws.cur2 import BUCKET, part_queries
from sample_estate.aws.deliveries import Assembly, Part
from sample_estate.aws.projection import CUR_COLUMNS, LEGACY_NAMES
from sample_estate.company import TAG_KEY_ALIASES

REPORT = "lab-hourly"
PREFIX = "aws_research"

# product/* columns beside the ones CUR 2.0 declares, with the spelling of real reports.
PRODUCT_KEYS = {
    "product_name": "ProductName",
    "region": "region",
    "servicename": "servicename",
    "transfer_type": "transferType",
    "capacitystatus": "capacitystatus",
    "availability_zone": "availabilityZone",
    "vcpu": "vcpu",
    "memory": "memory",
    "instance_type_family": "instanceTypeFamily",
    "operating_system": "operatingSystem",
    "tenancy": "tenancy",
    "normalization_size_factor": "normalizationSizeFactor",
    "gpu": "gpu",
    "gpu_memory": "gpuMemory",
    "component": "component",
    "compute_type": "computeType",
    "storage_class": "storageClass",
    "volume_type": "volumeType",
    # Delivered and empty on every row, as in most real reports.
    "license_model": "licenseModel",
    "physical_processor": "physicalProcessor",
}
COST_CATEGORIES = ("Team", "Organisation")
# Tag keys that were activated for cost allocation only after the first month.
LATE_TAGS = ("user:phase", "user:mlflow_experiment")
FORMATS = {"csv.gz": "csv.gz", "csv": "csv", "parquet": "snappy.parquet"}


class LegacyWriter:
    """Writes the parts of assemblies below ``root`` (the report's location)."""

    def __init__(self, root: Path, file_format: str):
        if file_format not in FORMATS:
            raise ValueError(f"legacy reports come as {', '.join(FORMATS)}, not {file_format!r}")
        self.root = root
        self.file_format = file_format

    def __call__(self, con: duckdb.DuckDBPyConnection, part: Part) -> Path:
        """Write one file; after the last one of an assembly also its manifests."""
        assembly = part.assembly
        folder = self._month(assembly) / assembly.assembly_id
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{REPORT}-{part.number:05d}.{FORMATS[self.file_format]}"
        named = athena_columns if self.file_format == "parquet" else legacy_columns
        columns = named(assembly.month.index)
        rows = " union all ".join(part_queries(con, part))
        chosen = ", ".join(f'{expression} as "{name}"' for name, expression in columns.items())
        options = {
            "csv.gz": "format csv, header, compression gzip",
            "csv": "format csv, header",
            "parquet": "format parquet, compression snappy",
        }[self.file_format]
        con.execute(f"copy (select {chosen} from ({rows})) to '{path}' ({options})")
        if part.with_fees:
            self._write_manifests(assembly, folder)
        return path

    def _month(self, assembly: Assembly) -> Path:
        month = assembly.month
        return self.root / REPORT / f"{month.start:%Y%m%d}-{month.end:%Y%m%d}"

    def _write_manifests(self, assembly: Assembly, folder: Path) -> None:
        """Write the assembly's manifest into its folder and, when current, into the month."""
        month = assembly.month
        manifest = {
            "assemblyId": assembly.assembly_id,
            "account": "099887766554",
            "columns": [
                {"category": name.split("/", 1)[0], "name": name.split("/", 1)[1]}
                for name in legacy_columns(month.index)
            ],
            "charset": "UTF-8",
            "compression": {"csv.gz": "GZIP", "csv": "UNCOMPRESSED", "parquet": "Parquet"}[
                self.file_format
            ],
            "contentType": "Parquet" if self.file_format == "parquet" else "text/csv",
            "reportId": "6f1a8be4a4ba4d5e9d7c0c4f8d2f4b1e",
            "reportName": REPORT,
            "billingPeriod": {
                "start": f"{month.start:%Y%m%d}T000000.000Z",
                "end": f"{month.end:%Y%m%d}T000000.000Z",
            },
            "bucket": BUCKET,
            "reportKeys": [
                f"{PREFIX}/{path.relative_to(self.root)}"
                for path in sorted(folder.glob(f"{REPORT}-0*"))
            ],
            "additionalArtifactKeys": [],
        }
        text = json.dumps(manifest, indent=2) + "\n"
        for place in [folder] + ([folder.parent] if assembly.is_current else []):
            (place / f"{REPORT}-Manifest.json").write_text(text, encoding="utf-8")


def legacy_columns(month_index: int) -> dict[str, str]:
    """Return legacy names and their expressions over CUR 2.0 rows, in delivered order.

    The set differs by month: tags appear when somebody activates them.
    """
    columns: dict[str, str] = {}
    for name, kind in CUR_COLUMNS:
        legacy = LEGACY_NAMES.get(name)
        if legacy is None:
            continue
        if kind == "timestamp":
            columns[legacy] = f"strftime({name}, '%Y-%m-%dT%H:%M:%S.000Z')"
        elif kind == "double":
            # Real reports write 0.0 where a figure does not apply, and Java's 5.86E-5.
            value = name if name.startswith("line_item") else f"coalesce({name}, 0)"
            columns[legacy] = f"replace(replace(cast({value} as varchar), 'e-0', 'E-'), 'e', 'E')"
        else:
            columns[legacy] = name
    for key, legacy in PRODUCT_KEYS.items():
        columns[f"product/{legacy}"] = f"product['{key}']"
    for tag in _tags(month_index):
        columns[f"resourceTags/{tag}"] = f"resource_tags['{tag}']"
    for category in COST_CATEGORIES:
        columns[f"costCategory/{category}"] = f"cost_category['{category}']"
    order = [
        "identity",
        "bill",
        "lineItem",
        "product",
        "pricing",
        "reservation",
        "savingsPlan",
        "resourceTags",
        "costCategory",
    ]
    ranked = sorted(columns.items(), key=lambda item: order.index(item[0].split("/")[0]))
    return dict(ranked)


def athena_columns(month_index: int) -> dict[str, str]:
    """Return the snake-case names of Parquet reports, typed; spellings of one tag key meet."""
    columns = {name: name for name, _ in CUR_COLUMNS if name in LEGACY_NAMES}
    columns |= {f"product_{key}": f"product['{key}']" for key in PRODUCT_KEYS}
    tags: dict[str, list[str]] = {}
    for tag in _tags(month_index):
        name = re.sub(r"[:\-]", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", tag)).lower()
        tags.setdefault(f"resource_tags_{name}", []).append(f"resource_tags['{tag}']")
    columns |= {name: f"coalesce({', '.join(values)})" for name, values in tags.items()}
    columns |= {f"cost_category_{c.lower()}": f"cost_category['{c}']" for c in COST_CATEGORIES}
    return columns


def _tags(month_index: int) -> list[str]:
    """Return the tag keys that are activated in a month."""
    keys = ["aws:createdBy", "aws:eks:cluster-name", "user:Name"]
    keys += sorted({f"user:{alias}" for aliases in TAG_KEY_ALIASES.values() for alias in aliases})
    return [key for key in keys if month_index > 0 or key not in LATE_TAGS]
