"""What one kind of AWS usage looks like, before it becomes resources and hours."""

from dataclasses import asdict, dataclass, field

from sample_estate.engine import read_facts

INSTANCES = {row["instance_type"]: row for row in read_facts("aws_instances.csv")}
REGIONS = {row["region"]: row for row in read_facts("aws_regions.csv")}
TOKEN_PRICES = read_facts("aws_token_prices.csv")

# SageMaker bills ml.* types above EC2: 1.15 is the usual ratio of the two public price lists.
SAGEMAKER_MARKUP = 1.15

TEMPLATE_COLUMNS = {
    "key": "varchar",
    "account": "varchar",
    "charge_kind": "varchar",
    "product_code": "varchar",
    "product_name": "varchar",
    "usage_type": "varchar",
    "operation": "varchar",
    "region": "varchar",
    "zone": "varchar",
    "id_kind": "varchar",
    "resource_name": "varchar",
    "description": "varchar",
    "unit": "varchar",
    "rate": "decimal(18,10)",
    "list_rate": "decimal(18,10)",
    "product_family": "varchar",
    "instance_type": "varchar",
    "calendar": "varchar",
    "presence_pct": "integer",
    "run_every": "integer",
    "run_min": "integer",
    "run_max": "integer",
    "window_from": "integer",
    "window_to": "integer",
    "amount_kind": "varchar",
    "amount": "decimal(20,10)",
    "amount_spread_pct": "integer",
    "follows_day": "boolean",
    "amount_digits": "integer",
    "growth_pct": "integer",
    "sp": "varchar",
    "sp_rate": "decimal(18,10)",
    "sp_priority": "integer",
    "ri": "varchar",
    "cr": "varchar",
    "edp": "boolean",
    "private_pct": "integer",
    "bundled_pct": "integer",
    "project": "varchar",
    "environment": "varchar",
    "phase": "varchar",
    "model": "varchar",
    "principal": "varchar",
    "tag_style": "varchar",
    "planted": "varchar",
    "from_region": "varchar",
    "to_region": "varchar",
    "transfer_type": "varchar",
    "path_class": "varchar",
    "token_model": "varchar",
    "token_kind": "varchar",
    "token_tier": "varchar",
    "tokens_per_unit": "bigint",
    "legal_entity": "varchar",
    "billing_entity": "varchar",
    "attributes": "map(varchar, varchar)",
    "eks_cluster": "varchar",
    "copies": "integer",
    "scales": "boolean",
    "restated": "boolean",
}


@dataclass
class Template:
    """One kind of metered usage. Money is USD, rates are per ``unit``.

    ``calendar``: all, business (weekdays 08-18 UTC) or daily (one row per day).
    ``run_every`` makes a new resource (a job, a short-lived machine) every so many hours.
    ``scales`` kinds are repeated when more rows are asked for.
    """

    key: str
    account: str
    product_code: str
    product_name: str
    usage_type: str
    operation: str
    region: str
    unit: str
    rate: str
    project: str
    environment: str
    phase: str
    description: str = ""
    charge_kind: str = "usage"
    product_family: str | None = None
    instance_type: str | None = None
    zone: str | None = None
    id_kind: str | None = None
    resource_name: str | None = None
    list_rate: str | None = None
    calendar: str = "all"
    presence_pct: int = 100
    run_every: int | None = None
    run_min: int | None = None
    run_max: int | None = None
    window_from: int | None = None
    window_to: int | None = None
    amount_kind: str = "hours"
    amount: str = "1"
    amount_spread_pct: int = 0
    follows_day: bool = False
    amount_digits: int = 10
    growth_pct: int = 0
    sp: str | None = None
    sp_rate: str | None = None
    sp_priority: int | None = None
    ri: str | None = None
    cr: str | None = None
    edp: bool = True
    private_pct: int = 0
    bundled_pct: int = 0
    model: str | None = None
    principal: str | None = None
    tag_style: str | None = None
    planted: str | None = None
    from_region: str | None = None
    to_region: str | None = None
    transfer_type: str | None = None
    path_class: str | None = None
    token_model: str | None = None
    token_kind: str | None = None
    token_tier: str | None = None
    tokens_per_unit: int | None = None
    legal_entity: str | None = None
    billing_entity: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    eks_cluster: str | None = None
    copies: int = 1
    scales: bool = True
    restated: bool = False

    def as_row(self) -> dict[str, object]:
        """Return the template as a row of the ``templates`` table."""
        row = asdict(self)
        row["list_rate"] = self.list_rate or self.rate
        return row


def region_prefix(region: str) -> str:
    """Return the usage-type prefix of a region, with its dash; us-east-1 has none."""
    prefix = REGIONS[region]["prefix"]
    return f"{prefix}-" if prefix else ""


def instance_attributes(instance_type: str) -> dict[str, str]:
    """Return the product attributes AWS states for an instance type, as text."""
    fact = INSTANCES[instance_type]
    family = instance_type.split(".")[0]
    attributes = {
        "vcpu": fact["vcpu"],
        "memory": f"{fact['memory_gib']} GiB",
        "instance_type_family": family,
        "operating_system": "Linux",
        "tenancy": "Shared",
        "normalization_size_factor": fact["normalization_factor"],
    }
    if int(fact["accelerator_count"]):
        attributes["gpu"] = fact["accelerator_count"]
        attributes["gpu_memory"] = f"{fact['accelerator_memory_gib']} GB"
    return attributes


def machine(
    key: str,
    account: str,
    instance_type: str,
    project: str,
    environment: str,
    phase: str,
    region: str = "us-east-1",
    **options: object,
) -> Template:
    """Return an EC2 instance; ``spot=True`` prices it at 38 % of on demand.

    ``on_demand`` is the public price per hour where the region's differs from us-east-1's.
    """
    on_demand = str(options.pop("on_demand", INSTANCES[instance_type]["ondemand_usd_hour"]))
    spot = bool(options.pop("spot", False))
    rate = f"{float(on_demand) * 0.38:.4f}" if spot else on_demand
    kind = "SpotUsage" if spot else str(options.pop("box", "BoxUsage"))
    zone = str(options.pop("zone_letter", "a"))
    options.setdefault("charge_kind", "spot_usage" if spot else "usage")
    options.setdefault("rate", rate)
    options.setdefault(
        "description",
        f"{instance_type} Linux/UNIX Spot Instance-hour in {REGIONS[region]['location']}"
        if spot
        else f"${rate} per On Demand Linux {instance_type} Instance Hour",
    )
    return Template(
        key=key,
        account=account,
        product_code="AmazonEC2",
        product_name="Amazon Elastic Compute Cloud",
        usage_type=f"{region_prefix(region)}{kind}:{instance_type}",
        operation="RunInstances:SV001" if spot else "RunInstances",
        region=region,
        unit="Hrs",
        project=project,
        environment=environment,
        phase=phase,
        instance_type=instance_type,
        product_family="Compute Instance",
        zone=f"{region}{zone}",
        id_kind="instance",
        list_rate=on_demand,
        amount_digits=4,
        attributes=instance_attributes(instance_type),
        **options,  # type: ignore[arg-type]
    )


def sagemaker(
    key: str,
    account: str,
    component: str,
    instance_type: str,
    project: str,
    environment: str,
    phase: str,
    region: str = "us-east-1",
    **options: object,
) -> Template:
    """Return a SageMaker component such as Train, TrSpt, Host or Notebk on an ml.* type."""
    on_demand = f"{float(INSTANCES[instance_type]['ondemand_usd_hour']) * SAGEMAKER_MARKUP:.5f}"
    options.setdefault(
        "rate", f"{float(on_demand) * 0.35:.5f}" if component == "TrSpt" else on_demand
    )
    options.setdefault(
        "id_kind",
        {
            "Train": "training_job",
            "TrSpt": "training_job",
            "TrainWarmPool": "training_job",
            "Host": "endpoint",
            "AsyncInf": "endpoint",
            "Processing": "processing_job",
            "Notebk": "notebook",
            "Studio": "app",
        }[component],
    )
    separator = "-" if component == "Studio" else ":"
    prefix = REGIONS[region]["transfer_code"]
    options.setdefault(
        "description", f"${options['rate']} per {component} ml.{instance_type} hour in {prefix}"
    )
    kind = "KernelGateway-ml." if component == "Studio" else "ml."
    return Template(
        key=key,
        account=account,
        product_code="AmazonSageMaker",
        product_name="Amazon SageMaker",
        usage_type=f"{prefix}-{component}{separator}{kind}{instance_type}",
        operation="RunInstance",
        region=region,
        unit="Hrs",
        project=project,
        environment=environment,
        phase=phase,
        instance_type=f"ml.{instance_type}",
        product_family="ML Instance",
        list_rate=on_demand,
        amount_digits=4,
        attributes={
            **instance_attributes(instance_type),
            "component": component,
            "compute_type": "Accelerated Computing",
        },
        **options,  # type: ignore[arg-type]
    )


def tokens(
    key: str,
    account: str,
    model: str,
    kind: str,
    amount: str,
    project: str,
    environment: str,
    phase: str,
    region: str = "us-east-1",
    **options: object,
) -> Template:
    """Return Bedrock token usage of one model, token kind and caller.

    First-party models bill per 1K tokens under AmazonBedrock; Claude bills per million ("Units")
    as a Marketplace product.
    """
    price = next(r for r in TOKEN_PRICES if r["model"] == model and r["token"] == kind)
    code = REGIONS[region]["transfer_code"]
    batch = kind.startswith("batch_")
    common = {
        "key": key,
        "account": account,
        "region": region,
        "project": project,
        "environment": environment,
        "phase": phase,
        "model": None,
        "token_model": model,
        "token_kind": kind.removeprefix("batch_"),
        "token_tier": "batch" if batch else "on_demand",
        "amount_kind": "metered",
        "amount": amount,
        "amount_spread_pct": 60,
        "follows_day": not batch,
        "amount_digits": 7,
        "tag_style": "none",
        "operation": "CreateModelInvocationJob" if batch else "InvokeModelInference",
        "presence_pct": 30,
    }
    if price["product_code"] == "AmazonBedrock":
        word = {
            "input": "input-tokens",
            "output": "output-tokens",
            "cache_read": "cache-read-input-token-count",
            "batch_input": "input-tokens-batch",
            "batch_output": "output-tokens-batch",
        }[kind]
        rate = f"{float(price['usd_per_million']) / 1000:.8f}"
        common |= {
            "product_code": "AmazonBedrock",
            "product_name": "Amazon Bedrock",
            "usage_type": f"{code}-{price['grammar']}-{word}",
            "unit": "1K tokens",
            "rate": rate,
            "tokens_per_unit": 1000,
            "product_family": "Amazon Bedrock",
            "description": f"${rate} per 1K {kind.replace('_', ' ')} tokens for {model}",
            "attributes": {
                "model": model,
                "inference_type": f"{kind} tokens",
                "feature": "Batch Inference" if batch else "On-demand Inference",
            },
        }
    else:
        rate = price["usd_per_million"]
        common |= {
            "product_code": "AmazonBedrockFoundationModels",
            "product_name": f"{model} (Amazon Bedrock Edition)",
            "usage_type": f"{code}-MP:{code}_{price['grammar']}-Units",
            "unit": "Units",
            "rate": rate,
            "tokens_per_unit": 1_000_000,
            "edp": False,
            "billing_entity": "AWS Marketplace",
            "legal_entity": "Anthropic, PBC",
            "description": (
                f"AWS Marketplace software usage|{code}|Million {kind.replace('_', ' ')} tokens"
            ),
            "attributes": {"servicename": f"{model} (Amazon Bedrock Edition)"},
        }
    return Template(**{**common, **options})  # type: ignore[arg-type]
