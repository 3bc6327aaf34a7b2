"""What surrounds the computing of the main organisation: tokens, storage, transfer."""

from sample_estate.aws.templates import REGIONS, Template, region_prefix, tokens

EC2 = "Amazon Elastic Compute Cloud"
S3 = "Amazon Simple Storage Service"


def bedrock() -> list[Template]:
    """Tokens by model, kind and caller; cache reads are planted at several times the writes."""
    sonnet, haiku, nova = "Claude Sonnet 4.5", "Claude Haiku 4.5", "Amazon Nova Pro"
    prod = ("assistant-prod", "production", "inference")
    evals = ("assistant-eval", "development", "validation")
    index = ("search-embed", "production", "inference")
    corpus = ("corpus-build", "production", "data_prep")
    plan = [
        ("sonnet-in", "inference", sonnet, "input", "2.4", prod),
        ("sonnet-out", "inference", sonnet, "output", "0.52", prod),
        ("sonnet-cache-read", "inference", sonnet, "cache_read", "9.6", prod),
        ("sonnet-cache-write", "inference", sonnet, "cache_write_5m", "0.8", prod),
        ("sonnet-cache-write-1h", "inference", sonnet, "cache_write_1h", "0.3", prod),
        ("sonnet-eval-in", "inference", sonnet, "input", "0.6", evals),
        ("sonnet-eval-out", "inference", sonnet, "output", "0.14", evals),
        ("haiku-in", "inference", haiku, "input", "3.1", prod),
        ("haiku-out", "inference", haiku, "output", "0.7", prod),
        ("haiku-batch-in", "data", haiku, "batch_input", "14.5", corpus),
        ("haiku-batch-out", "data", haiku, "batch_output", "2.1", corpus),
        ("nova-in", "inference", nova, "input", "1850", index),
        ("nova-out", "inference", nova, "output", "310", index),
        ("nova-cache-read", "inference", nova, "cache_read", "2200", index),
        ("nova-batch-in", "data", nova, "batch_input", "9000", corpus),
        ("nova-batch-out", "data", nova, "batch_output", "1200", corpus),
        ("lite-in", "inference", "Amazon Nova Lite", "input", "900", evals),
        ("lite-out", "inference", "Amazon Nova Lite", "output", "160", evals),
        ("titan-embed", "inference", "Amazon Titan Text Embeddings V2", "input", "5200", index),
    ]
    return [
        tokens(f"bedrock-{key}", account, model, kind, amount, *owner, principal=owner[0])
        for key, account, model, kind, amount, owner in plan
    ]


def bucket(
    key: str, account: str, name: str, gigabytes: str, project: str, phase: str,
    region: str = "us-east-1", tier: str = "TimedStorage-ByteHrs", rate: str = "0.023",
    **options: object,
) -> Template:
    """Return a bucket's daily storage row; ``gigabytes`` is its size when the estate starts."""
    return Template(
        key=key, account=account, product_code="AmazonS3", product_name=S3,
        usage_type=f"{region_prefix(region)}{tier}", operation="StandardStorage", region=region,
        unit="GB-Mo", rate=rate, project=project, environment="production", phase=phase,
        product_family="Storage", id_kind="bucket", resource_name=name, calendar="daily",
        amount_kind="share_of_month", amount=gigabytes, amount_spread_pct=2,
        description=f"${rate} per GB - first 50 TB / month of storage used",
        attributes={"storage_class": "General Purpose", "volume_type": "Standard"},
        **options,  # type: ignore[arg-type]
    )


def storage() -> list[Template]:
    """Checkpoints, data sets, scratch space and volumes."""
    volume = {
        "product_code": "AmazonEC2", "product_name": EC2, "unit": "GB-Mo", "id_kind": "volume",
        "amount_kind": "share_of_month", "region": "us-east-1", "environment": "production",
        "product_family": "Storage",
    }
    return [
        bucket("s3-checkpoints", "training", "halden-atlas-checkpoints", "182000",
               "atlas-pretrain", "training", growth_pct=18, model="atlas-70b", restated=True),
        bucket("s3-checkpoints-west", "training", "halden-atlas-checkpoints-copy", "96000",
               "atlas-pretrain", "training", "us-west-2", planted="duplicate_checkpoints",
               model="atlas-70b"),
        bucket("s3-corpus", "data", "halden-corpus", "240000", "corpus-build", "data_prep",
               growth_pct=4),
        bucket("s3-corpus-ia", "data", "halden-corpus-archive", "410000", "corpus-build",
               "data_prep", tier="TimedStorage-SIA-ByteHrs", rate="0.0125"),
        bucket("s3-images", "data", "halden-lumen-images", "54000", "lumen-vision", "data_prep",
               model="lumen-vit", tag_style="clean"),
        bucket("s3-artifacts", "shared", "halden-mlflow-artifacts", "9100", "ml-platform",
               "unknown", "eu-central-1", rate="0.0245"),
        Template(key="s3-requests", account="data", product_code="AmazonS3", product_name=S3,
                 usage_type="Requests-Tier1", operation="PutObject", region="us-east-1",
                 unit="Requests", rate="0.000005", project="corpus-build",
                 environment="production", phase="data_prep", id_kind="bucket",
                 resource_name="halden-corpus", amount_kind="metered", amount="48",
                 amount_spread_pct=95, amount_digits=0, presence_pct=60,
                 product_family="API Request",
                 description="$0.005 per 1,000 PUT, COPY, POST, or LIST requests"),
        Template(key="ebs-gp3", account="training", usage_type="EBS:VolumeUsage.gp3",
                 operation="CreateVolume-Gp3", rate="0.08", amount="2000", copies=2,
                 project="atlas-finetune", phase="training", model="atlas-7b",
                 description="$0.08 per GB-month of General Purpose (gp3) provisioned storage",
                 **volume),
        Template(key="ebs-orphan", account="sandbox", usage_type="EBS:VolumeUsage.gp3",
                 operation="CreateVolume-Gp3", rate="0.08", amount="8000", calendar="daily",
                 project="assistant-eval", phase="development", planted="unattached_volume",
                 tag_style="none",
                 description="$0.08 per GB-month of General Purpose (gp3) provisioned storage",
                 **volume),
        Template(key="ebs-snapshot", account="training", usage_type="EBS:SnapshotUsage",
                 operation="CreateSnapshot", rate="0.05", amount="5200", calendar="daily",
                 project="atlas-finetune", phase="training",
                 description="$0.05 per GB-Month of snapshot data stored",
                 **{**volume, "id_kind": "snapshot", "product_family": "Storage Snapshot"}),
        Template(key="fsx-scratch", account="training", product_code="AmazonFSx",
                 product_name="Amazon FSx", usage_type="Lustre-Storage-SSD-125-N",
                 operation="CreateFileSystem:Lustre", region="us-east-1", unit="GB-Mo",
                 rate="0.145", amount_kind="share_of_month", amount="38400",
                 project="atlas-pretrain", environment="production", phase="training",
                 model="atlas-70b", id_kind="file_system", product_family="Storage",
                 description="$0.145 per GB-month of Lustre SSD storage, 125 MB/s per TiB"),
    ]


def path(
    key: str, account: str, usage_type: str, rate: str, gigabytes: str, project: str,
    path_class: str, region: str = "us-east-1", to_region: str | None = None, **options: object,
) -> Template:
    """Return data transfer along one path; ``gigabytes`` is the mean of an hour."""
    defaults: dict[str, object] = {
        "product_code": "AmazonEC2", "product_name": EC2, "operation": "RunInstances",
        "id_kind": "nat", "environment": "production", "phase": "inference",
        "product_family": "Data Transfer", "presence_pct": 45, "amount_spread_pct": 80,
        "follows_day": True, "unit": "GB", "amount_kind": "metered",
        "transfer_type": "AWS Outbound",
        "description": f"${rate} per GB - {usage_type} from {REGIONS[region]['location']}",
    }
    return Template(
        key=key, account=account, usage_type=usage_type, region=region, rate=rate,
        project=project, amount=gigabytes, path_class=path_class, from_region=region,
        to_region=to_region, **{**defaults, **options},  # type: ignore[arg-type]
    )


def transfer() -> list[Template]:
    """Every class of data movement, paid and free, in both spellings of inter-AZ."""
    s3 = {"product_code": "AmazonS3", "product_name": S3, "id_kind": "bucket",
          "operation": "GetObject"}
    free = {"charge_kind": "free_transfer", "edp": False}
    return [
        path("out-assistant", "inference", "DataTransfer-Out-Bytes", "0.09", "21",
             "assistant-prod", "internet_out", private_pct=12),
        path("out-downloads", "data", "DataTransfer-Out-Bytes", "0.09", "34", "corpus-build",
             "internet_out", phase="data_prep", resource_name="halden-corpus", private_pct=12,
             **s3),
        path("out-eu", "inference", "EUC1-DataTransfer-Out-Bytes", "0.09", "6", "search-embed",
             "internet_out", region="eu-central-1"),
        path("copy-west", "training", "USE1-USW2-AWS-Out-Bytes", "0.02", "420",
             "atlas-pretrain", "inter_region", to_region="us-west-2", phase="training",
             transfer_type="InterRegion Outbound", resource_name="halden-atlas-checkpoints",
             model="atlas-70b", planted="duplicate_checkpoints", **s3),
        path("copy-west-in", "training", "USW2-USE1-AWS-In-Bytes", "0", "420",
             "atlas-pretrain", "inter_region_in", region="us-west-2", to_region="us-east-1",
             phase="training", transfer_type="InterRegion Inbound",
             resource_name="halden-atlas-checkpoints-copy", model="atlas-70b", **s3, **free),
        path("serve-eu", "inference", "USE1-EU-AWS-Out-Bytes", "0.02", "9", "search-embed",
             "inter_region", to_region="eu-west-1", operation="PublicIP-Out",
             transfer_type="InterRegion Outbound"),
        path("az-old", "training", "DataTransfer-Regional-Bytes", "0.01", "150",
             "atlas-pretrain", "inter_az", operation="InterZone-Out", to_region="us-east-1",
             transfer_type="IntraRegion", phase="training"),
        path("az-old-in", "training", "DataTransfer-Regional-Bytes", "0.01", "150",
             "atlas-pretrain", "inter_az", operation="InterZone-In", to_region="us-east-1",
             transfer_type="IntraRegion", phase="training"),
        path("az-new-out", "training", "USW2-DataTransfer-xAZ-Out-Bytes", "0.01", "85",
             "search-ranker", "inter_az", region="us-west-2", to_region="us-west-2",
             operation="InterZone-Out", transfer_type="IntraRegion-xAZ-Out", phase="training"),
        path("az-new-in", "training", "USW2-DataTransfer-xAZ-In-Bytes", "0.01", "85",
             "search-ranker", "inter_az", region="us-west-2", to_region="us-west-2",
             operation="InterZone-In", transfer_type="IntraRegion-xAZ-In", phase="training"),
        path("nat-bytes", "shared", "NatGateway-Bytes", "0.045", "48", "network-hub",
             "nat_processing", operation="NatGateway", product_family="NAT Gateway",
             transfer_type=None, presence_pct=80, resource_name="hub-nat"),
        path("nat-hours", "shared", "NatGateway-Hours", "0.045", "1", "network-hub",
             "nat_hours", operation="NatGateway", product_family="NAT Gateway", unit="Hrs",
             transfer_type=None, presence_pct=100, amount_kind="fixed",
             resource_name="hub-nat"),
        # This gateway sits behind a Network Firewall, so AWS waives its hours: BundledDiscount.
        path("nat-firewall", "shared", "EUC1-NatGateway-Hours", "0.052", "1", "network-hub",
             "nat_hours", region="eu-central-1", operation="NatGateway", unit="Hrs",
             product_family="NAT Gateway", transfer_type=None, calendar="business",
             presence_pct=100, amount_kind="fixed", bundled_pct=100),
        path("cdn-origin", "inference", "USE1-CloudFront-Out-Bytes", "0", "60",
             "assistant-prod", "cdn_origin", transfer_type="InterRegion Outbound", **free),
        path("cdn-out", "inference", "US-DataTransfer-Out-Bytes", "0.085", "17",
             "assistant-prod", "cdn_out", product_code="AmazonCloudFront",
             product_name="Amazon CloudFront", operation="GET", id_kind="distribution",
             transfer_type="CloudFront Outbound"),
        path("tgw-bytes", "shared", "TransitGateway-Bytes", "0.02", "26", "network-hub",
             "transit_gateway", product_code="AmazonVPC",
             product_name="Amazon Virtual Private Cloud", operation="TransitGatewayVPC",
             id_kind="transit_gateway", transfer_type=None),
        path("internet-in", "data", "DataTransfer-In-Bytes", "0", "310", "corpus-build",
             "internet_in", phase="data_prep", transfer_type="AWS Inbound", **free),
    ]


def small_things() -> list[Template]:
    """Free tier, metrics and a Marketplace product billed by the hour."""
    return [
        Template(key="lambda-free", account="shared", product_code="AWSLambda",
                 product_name="AWS Lambda", usage_type="Global-Request",
                 operation="Invoke", region="us-east-1", unit="Requests", rate="0",
                 list_rate="0.0000002", charge_kind="free_tier", edp=False,
                 amount_kind="metered", amount="820", amount_spread_pct=70, amount_digits=0,
                 calendar="business", project="ml-platform", environment="production",
                 phase="unknown", id_kind="function", product_family="Serverless",
                 description="AWS Lambda - Requests Free Tier - 1,000,000 Requests"),
        Template(key="cloudwatch", account="shared", product_code="AmazonCloudWatch",
                 product_name="AmazonCloudWatch", usage_type="CW:MetricMonitorUsage",
                 operation="MetricStorage", region="us-east-1", unit="Metrics", rate="0.3",
                 amount_kind="share_of_month", amount="410", calendar="daily",
                 project="ml-platform", environment="production", phase="unknown",
                 tag_style="none", product_family="Metric",
                 description="$0.30 per metric-month for the first 10,000 metrics"),
        Template(key="marketplace-tracking", account="shared",
                 product_code="7pd41r2mmmo3cx0zlslqt8wvx",
                 product_name="Runboard Experiment Tracking", usage_type="MP:seat_hours-Units",
                 operation="Hourly", region="us-east-1", unit="Units", rate="0.0685",
                 amount_kind="metered", amount="41", amount_spread_pct=0, amount_digits=0,
                 calendar="daily", project="ml-platform", environment="production",
                 phase="training", edp=False, charge_kind="marketplace",
                 legal_entity="Runboard, Inc.", billing_entity="AWS Marketplace",
                 tag_style="none", scales=False,
                 description="AWS Marketplace software usage|us-east-1|Seat hours"),
    ]


def main_platform() -> list[Template]:
    """Everything that is not compute under the main payer."""
    return [*bedrock(), *storage(), *transfer(), *small_things()]
