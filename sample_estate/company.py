"""The company every provider's bill belongs to: accounts, teams, projects, models.

Halden AI trains its own models, sells an assistant and a search product, and bought a research
lab that kept its own AWS organisation. Azure, GCP and on-prem bills are to join the same people.
"""

from dataclasses import dataclass

COMPANY = "Halden AI"


@dataclass(frozen=True)
class Team:
    """A team and its place in the hierarchy; ``aliases`` are spellings found in tags."""

    key: str
    business_unit: str
    cost_centre: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """A project of one team; ``model`` is what it trains or serves, when it has one."""

    key: str
    team: str
    model: str | None
    experiment: str | None


@dataclass(frozen=True)
class Account:
    """A cloud account; ids are text because real ones start with zero."""

    key: str
    account_id: str
    name: str
    payer_id: str
    payer_name: str
    source: str
    tag_team: str | None


TEAMS: tuple[Team, ...] = (
    Team("foundation", "Research", "CC-1001", ("foundation", "Foundation", "foundation-models")),
    Team("vision", "Research", "CC-1002", ("vision", "Vision", "computer-vision ")),
    Team("assistant", "Products", "CC-2001", ("assistant", "Assistant", "assist")),
    Team("search", "Products", "CC-2002", ("search", "Search", "search_ranking")),
    Team("platform", "Engineering", "CC-3001", ("platform", "Platform", "ml-platform")),
    Team("data", "Engineering", "CC-3002", ("data", "Data", "data-eng")),
    Team("lab", "Research", "CC-1003", ("lab", "Lab", "research-lab")),
)

PROJECTS: tuple[Project, ...] = (
    Project("atlas-pretrain", "foundation", "atlas-70b", "atlas-scaling"),
    Project("atlas-finetune", "foundation", "atlas-7b", "atlas-lora-sweep"),
    Project("lumen-vision", "vision", "lumen-vit", "lumen-augment"),
    Project("assistant-prod", "assistant", "atlas-70b", None),
    Project("assistant-eval", "assistant", "atlas-7b", "assistant-evals"),
    Project("search-ranker", "search", "rank-xl", "rank-distill"),
    Project("search-embed", "search", "embed-v3", None),
    Project("ml-platform", "platform", None, None),
    Project("network-hub", "platform", None, None),
    Project("corpus-build", "data", None, None),
    Project("lab-proteins", "lab", "foldnet", "foldnet-ablations"),
    Project("lab-sandbox", "lab", None, None),
)

MAIN_PAYER = ("012345678901", "halden-payer")
LAB_PAYER = ("099887766554", "halden-lab-payer")

ACCOUNTS: tuple[Account, ...] = (
    Account("payer", "012345678901", "halden-payer", *MAIN_PAYER, "aws_main", None),
    Account("training", "111122223333", "halden-training", *MAIN_PAYER, "aws_main", None),
    Account("inference", "222233334444", "halden-inference", *MAIN_PAYER, "aws_main", None),
    Account("data", "033344445555", "halden-data", *MAIN_PAYER, "aws_main", "data"),
    Account("sandbox", "044455556666", "halden-sandbox", *MAIN_PAYER, "aws_main", None),
    Account("shared", "555566667777", "halden-shared", *MAIN_PAYER, "aws_main", "platform"),
    Account("lab_payer", "099887766554", "halden-lab-payer", *LAB_PAYER, "aws_research", None),
    Account("lab", "088776655443", "halden-lab", *LAB_PAYER, "aws_research", "lab"),
)

ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "production": ("prod", "PROD", "Production", "production"),
    "staging": ("staging", "stage", "Staging", "stg"),
    "development": ("dev", "DEV", "Development", "dev "),
    "research": ("research", "Research", "R&D", "research"),
}

# Spellings of the same governed key. The first is the agreed one, the rest are what people type.
TAG_KEY_ALIASES: dict[str, tuple[str, ...]] = {
    "team": ("team", "Team", "squad", "owner_team"),
    "environment": ("environment", "Environment", "env", "ENV"),
    "project": ("project", "Project", "proj", "project_name"),
    "cost_centre": ("cost_center", "CostCenter", "costcentre", "cost_center"),
    "model": ("model", "Model", "ml_model", "model"),
    "experiment": ("experiment", "experiment", "exp", "mlflow_experiment"),
    "phase": ("phase", "Phase", "workload", "stage"),
}

IAM_PRINCIPALS: dict[str, str] = {
    "assistant-prod": "arn:aws:sts::222233334444:assumed-role/assistant-api/gateway",
    "assistant-eval": "arn:aws:sts::222233334444:assumed-role/assistant-evals/nightly",
    "search-embed": "arn:aws:iam::222233334444:user/search-indexer",
    "corpus-build": "arn:aws:sts::033344445555:assumed-role/corpus-labelling/batch",
    "lab-proteins": "arn:aws:iam::088776655443:user/lab-notebooks",
}


def team_of(project: str) -> Team:
    """Return the team that owns a project; raises KeyError for an unknown project."""
    teams = {team.key: team for team in TEAMS}
    return teams[{p.key: p.team for p in PROJECTS}[project]]


def account(key: str) -> Account:
    """Return an account by its short key; raises KeyError when there is none."""
    return {a.key: a for a in ACCOUNTS}[key]
