"""What computes in the main organisation: EC2 accelerators, EKS nodes, SageMaker."""

from sample_estate.aws.templates import Template, machine, sagemaker

# Window positions are hours after the start of each month's window; see resources.py.
BLOCK_FROM, BLOCK_TO = 4, 76
PLAN_FROM, PLAN_TO = 6, 22


def capacity_reservation() -> list[Template]:
    """Four p5 held all the time; about three run, what is left is planted as unused."""
    common = {"cr": "odcr-p5", "model": "atlas-70b", "scales": False}
    held = Template(
        key="odcr-p5-reserved", account="training", product_code="AmazonEC2",
        product_name="Amazon Elastic Compute Cloud", usage_type="Reservation:p5.48xlarge",
        operation="RunInstances", region="us-east-1", zone="us-east-1a", unit="Hrs", rate="0",
        amount="4", amount_kind="fixed", project="atlas-pretrain", environment="production",
        phase="training", instance_type="p5.48xlarge", product_family="Compute Instance",
        charge_kind="capacity_reserved", id_kind="capacity_reservation", tag_style="clean",
        description="$0.00 per Reservation Linux p5.48xlarge Instance Hour", **common,
    )
    idle = Template(
        key="odcr-p5-unused", account="training", product_code="AmazonEC2",
        product_name="Amazon Elastic Compute Cloud", usage_type="UnusedBox:p5.48xlarge",
        operation="RunInstances", region="us-east-1", zone="us-east-1a", unit="Hrs",
        rate="55.04", amount_kind="derived", project="atlas-pretrain", environment="production",
        phase="training", instance_type="p5.48xlarge", product_family="Compute Instance",
        charge_kind="capacity_unused", id_kind="capacity_reservation", tag_style="clean",
        planted="unused_capacity_reservation",
        description="$55.04 per Unused Reservation Linux p5.48xlarge Instance Hour", **common,
    )
    return [
        held, idle,
        machine("p5-train-a", "training", "p5.48xlarge", "atlas-pretrain", "production",
                "training", sp="sp-compute-1y", sp_rate="38.53", sp_priority=2, **common),
        machine("p5-train-b", "training", "p5.48xlarge", "atlas-pretrain", "production",
                "training", **common),
        machine("p5-finetune", "training", "p5.48xlarge", "atlas-finetune", "research",
                "training", presence_pct=72, **{**common, "model": "atlas-7b"}),
        machine("p5-eval", "training", "p5.48xlarge", "assistant-eval", "research",
                "validation", calendar="business", **{**common, "model": "atlas-7b"}),
    ]


def prepaid_blocks() -> list[Template]:
    """Capacity Block machines: usage at no cost, paid by the block's fee (commitments.py)."""
    common = {
        "cr": "cb-p5", "rate": "0", "box": "CapacityBlock", "scales": False,
        "charge_kind": "capacity_block_usage", "model": "atlas-70b", "zone_letter": "b",
        "description": "$0.00 per Capacity Block Linux p5.48xlarge Instance Hour",
    }
    return [
        machine("cb-p5-a", "training", "p5.48xlarge", "atlas-pretrain", "research", "training",
                "us-east-2", window_from=BLOCK_FROM, window_to=BLOCK_TO, **common),
        # Gives up after twelve hours: what is left of its share of the block is planted idle.
        machine("cb-p5-b", "training", "p5.48xlarge", "atlas-pretrain", "research", "training",
                "us-east-2", window_from=BLOCK_FROM, window_to=BLOCK_FROM + 12, **common),
    ]


def ec2_fleet() -> list[Template]:
    """Accelerator machines bought every way AWS sells them."""
    return [
        machine("p4d-ri-a", "training", "p4d.24xlarge", "lumen-vision", "production", "training",
                ri="ri-p4d", model="lumen-vit", scales=False),
        machine("p4d-ri-b", "training", "p4d.24xlarge", "lumen-vision", "production", "training",
                ri="ri-p4d", model="lumen-vit", presence_pct=70, scales=False),
        machine("p5en-runs", "training", "p5en.48xlarge", "atlas-pretrain", "research",
                "training", "us-east-2", run_every=160, run_min=10, run_max=40,
                model="atlas-70b"),
        machine("g5-serve", "inference", "g5.2xlarge", "assistant-prod", "production",
                "inference", sp="sp-compute-1y", sp_rate="0.8484", sp_priority=3, copies=2,
                model="atlas-7b", zone_letter="c"),
        machine("g5-serve-eu", "inference", "g5.xlarge", "search-embed", "production",
                "inference", "eu-central-1", rate="1.258", sp="sp-compute-partial",
                sp_rate="0.8806", sp_priority=2, model="embed-v3"),
        machine("g5-forgotten", "sandbox", "g5.xlarge", "assistant-eval", "development",
                "development", model="atlas-7b", planted="idle_instance", tag_style="none"),
        machine("g6e-spot", "training", "g6e.4xlarge", "search-ranker", "research", "training",
                "us-west-2", spot=True, run_every=60, run_min=3, run_max=22, model="rank-xl"),
        machine("g5-spot-eval", "inference", "g5.12xlarge", "assistant-eval", "development",
                "validation", spot=True, run_every=72, run_min=2, run_max=9, model="atlas-7b"),
        machine("trn1-runs", "training", "trn1.32xlarge", "search-ranker", "research",
                "training", "us-east-2", run_every=200, run_min=8, run_max=36, model="rank-xl"),
        machine("inf2-serve", "inference", "inf2.xlarge", "search-embed", "production",
                "inference", ri="ri-inf2", model="embed-v3", scales=False),
        machine("inf2-batch", "inference", "inf2.48xlarge", "search-embed", "staging",
                "inference", run_every=168, run_min=2, run_max=12, model="embed-v3"),
        machine("cpu-api", "inference", "m6i.2xlarge", "assistant-prod", "production",
                "inference", sp="sp-compute-partial", sp_rate="0.27648", sp_priority=3),
        machine("cpu-etl", "data", "m6i.xlarge", "corpus-build", "production", "data_prep",
                calendar="business"),
        machine("bastion", "shared", "t3.medium", "ml-platform", "production", "unknown"),
    ]


def eks_nodes() -> list[Template]:
    """Nodes whose pods get split cost allocation rows; they are covered first, so in full."""
    return [
        machine("eks-serve", "inference", "g5.12xlarge", "ml-platform", "production",
                "inference", sp="sp-compute-1y", sp_rate="3.9704", sp_priority=1,
                eks_cluster="serve-use1", zone_letter="b"),
        machine("eks-train", "training", "g6e.12xlarge", "ml-platform", "research", "training",
                "us-west-2", run_every=96, run_min=12, run_max=40, eks_cluster="train-usw2"),
    ]


def sagemaker_fleet() -> list[Template]:
    """SageMaker jobs, endpoints and notebooks, with the planted idle ones."""
    return [
        sagemaker("sm-train", "training", "Train", "p4d.24xlarge", "lumen-vision", "research",
                  "training", run_every=48, run_min=2, run_max=16, model="lumen-vit"),
        sagemaker("sm-train-failed", "training", "Train", "g5.12xlarge", "atlas-finetune",
                  "research", "training", run_every=110, run_min=2, run_max=8, model="atlas-7b",
                  planted="failed_run"),
        sagemaker("sm-spot", "training", "TrSpt", "g5.12xlarge", "atlas-finetune", "research",
                  "training", run_every=40, run_min=2, run_max=12, model="atlas-7b"),
        sagemaker("sm-warm", "training", "TrainWarmPool", "p4d.24xlarge", "lumen-vision",
                  "research", "training", run_every=48, run_min=1, run_max=2,
                  model="lumen-vit", planted="warm_pool"),
        sagemaker("sm-plan", "training", "Train", "p5.48xlarge", "atlas-pretrain", "production",
                  "training", rate="0", charge_kind="training_plan_usage", scales=False,
                  window_from=PLAN_FROM, window_to=PLAN_TO - 4, model="atlas-70b",
                  description="$0.00 per Train ml.p5.48xlarge hour under a training plan"),
        sagemaker("sm-host", "inference", "Host", "g5.2xlarge", "assistant-prod", "production",
                  "inference", copies=2, model="atlas-7b", sp="sp-sagemaker",
                  sp_rate="0.97566", sp_priority=1),
        sagemaker("sm-host-warm", "inference", "Host", "g5.xlarge", "search-embed", "staging",
                  "inference", model="embed-v3", planted="idle_endpoint"),
        sagemaker("sm-async", "inference", "AsyncInf", "g6e.xlarge", "lumen-vision",
                  "production", "inference", calendar="business", model="lumen-vit"),
        sagemaker("sm-processing", "data", "Processing", "m6i.2xlarge", "corpus-build",
                  "production", "data_prep", run_every=24, run_min=1, run_max=4),
        sagemaker("sm-retrain", "training", "Train", "g6e.12xlarge", "search-ranker",
                  "production", "retraining", run_every=168, run_min=3, run_max=10,
                  model="rank-xl"),
        sagemaker("sm-notebook", "sandbox", "Notebk", "g5.xlarge", "assistant-eval",
                  "development", "development", calendar="business", model="atlas-7b"),
        sagemaker("sm-notebook-idle", "sandbox", "Notebk", "g5.2xlarge", "lumen-vision",
                  "development", "development", model="lumen-vit", planted="idle_notebook"),
        sagemaker("sm-studio", "data", "Studio", "t3.medium", "corpus-build", "development",
                  "data_prep", calendar="business"),
    ]


def main_fleet() -> list[Template]:
    """Everything that computes under the main payer."""
    return [
        *capacity_reservation(), *prepaid_blocks(), *ec2_fleet(), *eks_nodes(),
        *sagemaker_fleet(),
    ]
