"""The research lab's own organisation, delivered as a legacy Cost and Usage Report."""

from sample_estate.aws.platform import bucket, path
from sample_estate.aws.templates import Template, machine, sagemaker, tokens


def research() -> list[Template]:
    """A small fleet with its own Savings Plan and RI; discounts arrive as rows of their own."""
    folding = {"model": "foldnet"}
    return [
        machine("lab-p4d-runs", "lab", "p4d.24xlarge", "lab-proteins", "research", "training",
                run_every=90, run_min=6, run_max=24, **folding),
        machine("lab-g5-sp", "lab", "g5.12xlarge", "lab-proteins", "research", "training",
                sp="sp-lab", sp_rate="3.9704", sp_priority=1, **folding),
        machine("lab-g5-idle", "lab", "g5.xlarge", "lab-sandbox", "development", "development",
                planted="idle_instance", tag_style="none"),
        machine("lab-g5-ri", "lab", "g5.2xlarge", "lab-proteins", "research", "inference",
                ri="ri-lab-g5", presence_pct=55, scales=False, **folding),
        machine("lab-spot", "lab", "g6e.xlarge", "lab-proteins", "research", "validation",
                "us-west-2", spot=True, run_every=50, run_min=2, run_max=14, **folding),
        sagemaker("lab-train", "lab", "Train", "g5.12xlarge", "lab-proteins", "research",
                  "training", run_every=70, run_min=2, run_max=12, **folding),
        sagemaker("lab-notebook", "lab", "Notebk", "g5.xlarge", "lab-sandbox", "development",
                  "development", calendar="business"),
        tokens("lab-haiku-in", "lab", "Claude Haiku 4.5", "input", "1.2", "lab-proteins",
               "research", "data_prep", principal="lab-proteins"),
        tokens("lab-haiku-out", "lab", "Claude Haiku 4.5", "output", "0.3", "lab-proteins",
               "research", "data_prep", principal="lab-proteins"),
        bucket("lab-s3", "lab", "halden-lab-structures", "31000", "lab-proteins", "data_prep",
               growth_pct=6, **folding),
        Template(key="lab-ebs", account="lab", product_code="AmazonEC2",
                 product_name="Amazon Elastic Compute Cloud", usage_type="EBS:VolumeUsage.gp3",
                 operation="CreateVolume-Gp3", region="us-east-1", unit="GB-Mo", rate="0.08",
                 amount_kind="share_of_month", amount="4000", calendar="daily",
                 project="lab-proteins", environment="research", phase="training",
                 product_family="Storage", id_kind="volume",
                 description="$0.08 per GB-month of General Purpose (gp3) provisioned storage"),
        path("lab-out", "lab", "DataTransfer-Out-Bytes", "0.09", "5", "lab-proteins",
             "internet_out", environment="research", phase="data_prep", private_pct=8),
        path("lab-in", "lab", "DataTransfer-In-Bytes", "0", "22", "lab-proteins",
             "internet_in", environment="research", phase="data_prep",
             transfer_type="AWS Inbound", charge_kind="free_transfer", edp=False),
        path("lab-az", "lab", "DataTransfer-Regional-Bytes", "0.01", "12", "lab-proteins",
             "inter_az", environment="research", phase="training", operation="InterZone-Out",
             transfer_type="IntraRegion", to_region="us-east-1"),
        path("lab-nat", "lab", "NatGateway-Hours", "0.045", "1", "lab-sandbox", "nat_hours",
             environment="research", operation="NatGateway", product_family="NAT Gateway",
             unit="Hrs", transfer_type=None, calendar="business", presence_pct=100,
             amount_kind="fixed", bundled_pct=100),
    ]
