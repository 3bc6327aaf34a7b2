"""What surrounds the computing of the main organisation: tokens, storage, transfer."""

from sample_estate.aws.storage import storage
from sample_estate.aws.templates import Template, tokens
from sample_estate.aws.transfer import transfer


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


def small_things() -> list[Template]:
    """Free tier, metrics and a Marketplace product billed by the hour."""
    return [
        Template(
            key="lambda-free",
            account="shared",
            product_code="AWSLambda",
            product_name="AWS Lambda",
            usage_type="Global-Request",
            operation="Invoke",
            region="us-east-1",
            unit="Requests",
            rate="0",
            list_rate="0.0000002",
            charge_kind="free_tier",
            edp=False,
            amount_kind="metered",
            amount="820",
            amount_spread_pct=70,
            amount_digits=0,
            calendar="business",
            project="ml-platform",
            environment="production",
            phase="unknown",
            id_kind="function",
            product_family="Serverless",
            description="AWS Lambda - Requests Free Tier - 1,000,000 Requests",
        ),
        Template(
            key="cloudwatch",
            account="shared",
            product_code="AmazonCloudWatch",
            product_name="AmazonCloudWatch",
            usage_type="CW:MetricMonitorUsage",
            operation="MetricStorage",
            region="us-east-1",
            unit="Metrics",
            rate="0.3",
            amount_kind="share_of_month",
            amount="410",
            calendar="daily",
            project="ml-platform",
            environment="production",
            phase="unknown",
            tag_style="none",
            product_family="Metric",
            description="$0.30 per metric-month for the first 10,000 metrics",
        ),
        Template(
            key="marketplace-tracking",
            account="shared",
            product_code="7pd41r2mmmo3cx0zlslqt8wvx",
            product_name="Runboard Experiment Tracking",
            usage_type="MP:seat_hours-Units",
            operation="Hourly",
            region="us-east-1",
            unit="Units",
            rate="0.0685",
            amount_kind="metered",
            amount="41",
            amount_spread_pct=0,
            amount_digits=0,
            calendar="daily",
            project="ml-platform",
            environment="production",
            phase="training",
            edp=False,
            charge_kind="marketplace",
            legal_entity="Runboard, Inc.",
            billing_entity="AWS Marketplace",
            tag_style="none",
            scales=False,
            description="AWS Marketplace software usage|us-east-1|Seat hours",
        ),
    ]


def main_platform() -> list[Template]:
    """Everything that is not compute under the main payer."""
    return [*bedrock(), *storage(), *transfer(), *small_things()]
