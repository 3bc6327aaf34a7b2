"""Savings Plans, Reserved Instances and prepaid GPU time: terms, prices, commitments.

Rates are chosen with few decimals so that every amount AWS would state is exact: a Savings Plan
rate has five decimals, a covered quantity four, the enterprise discount two.
"""

from dataclasses import asdict, dataclass

import duckdb

from sample_estate.aws.fleet import BLOCK_FROM, BLOCK_TO
from sample_estate.aws.managed import PLAN_FROM, PLAN_TO
from sample_estate.engine import load_rows

EDP_PCT = 7
TERM_HOURS = 8760


@dataclass(frozen=True)
class SavingsPlan:
    """A Savings Plan; ``share`` is its commitment against what its usage would draw."""

    sp: str
    source: str
    account: str
    offering: str
    payment_option: str
    upfront_share: float
    share: float
    bought_in_month: int | None
    bought_at_hour: int = 0


@dataclass(frozen=True)
class Reservation:
    """A Reserved Instance purchase; rates are USD per instance-hour."""

    ri: str
    source: str
    account: str
    instance_type: str
    usage_type: str
    region: str
    count: int
    payment_option: str
    recurring_rate: str
    amortised_rate: str
    bought_in_month: int | None


SAVINGS_PLANS = (
    SavingsPlan(
        "sp-compute-1y", "aws_main", "payer", "ComputeSavingsPlans", "No Upfront", 0.0, 0.95, None
    ),
    SavingsPlan(
        "sp-compute-partial",
        "aws_main",
        "payer",
        "ComputeSavingsPlans",
        "Partial Upfront",
        0.5,
        1.15,
        0,
        2,
    ),
    SavingsPlan(
        "sp-sagemaker",
        "aws_main",
        "inference",
        "SageMakerSavingsPlans",
        "All Upfront",
        1.0,
        1.10,
        1,
    ),
    SavingsPlan(
        "sp-lab", "aws_research", "lab_payer", "ComputeSavingsPlans", "No Upfront", 0.0, 1.0, None
    ),
)

RESERVATIONS = (
    Reservation(
        "ri-p4d",
        "aws_main",
        "training",
        "p4d.24xlarge",
        "HeavyUsage:p4d.24xlarge",
        "us-east-1",
        2,
        "Partial Upfront",
        "6.5210",
        "6.4995",
        1,
    ),
    # Two bought, one machine left: half of it is planted as unused.
    Reservation(
        "ri-inf2",
        "aws_main",
        "inference",
        "inf2.xlarge",
        "HeavyUsage:inf2.xlarge",
        "us-east-1",
        2,
        "No Upfront",
        "0.4777",
        "0",
        None,
    ),
    Reservation(
        "ri-lab-g5",
        "aws_research",
        "lab",
        "g5.2xlarge",
        "HeavyUsage:g5.2xlarge",
        "us-east-1",
        1,
        "No Upfront",
        "0.7636",
        "0",
        None,
    ),
)

# Capacity Block: 8 H100 at 3.933 USD an accelerator-hour. Training plan: 10 % above.
PREPAID = (
    {
        "prepaid": "cb-p5",
        "account": "training",
        "kind": "capacity_block",
        "instances": 2,
        "instance_type": "p5.48xlarge",
        "region": "us-east-2",
        "hourly_price": "31.464",
        "from_hour": BLOCK_FROM,
        "to_hour": BLOCK_TO,
        "project": "atlas-pretrain",
    },
    {
        "prepaid": "tp-p5",
        "account": "training",
        "kind": "training_plan",
        "instances": 1,
        "instance_type": "ml.p5.48xlarge",
        "region": "us-east-1",
        "hourly_price": "34.612",
        "from_hour": PLAN_FROM,
        "to_hour": PLAN_TO,
        "project": "atlas-pretrain",
    },
)


def create_commitments(con: duckdb.DuckDBPyConnection, month_count: int) -> None:
    """Create ``savings_plans``, ``reservations`` and ``prepaid``.

    Needs ``accounts``, ``months`` and ``templates`` (with replicas in ``seeds``).
    """
    plans = [
        asdict(p) | {"bought_in_month": _month(p.bought_in_month, month_count)}
        for p in SAVINGS_PLANS
    ]
    load_rows(
        con,
        "plan_terms",
        {
            "sp": "varchar",
            "source": "varchar",
            "account": "varchar",
            "offering": "varchar",
            "payment_option": "varchar",
            "upfront_share": "double",
            "share": "double",
            "bought_in_month": "integer",
            "bought_at_hour": "integer",
        },
        plans,
    )
    con.execute(
        f"""
        create or replace table savings_plans as
        with drawn as (
            select sp, sum(sp_rate) as hourly_draw from seeds where sp is not null group by sp
        ),
        committed as (
            select
                plan_terms.*,
                cast(round(drawn.hourly_draw * plan_terms.share, 3) as decimal(18, 5))
                    as commitment,
                cast(round(drawn.hourly_draw * plan_terms.share * upfront_share, 3)
                    as decimal(18, 5)) as amortised
            from plan_terms
            inner join drawn using (sp)
        )
        select
            committed.* exclude (upfront_share, share),
            commitment - amortised as recurring,
            cast(amortised * {TERM_HOURS} as decimal(20, 5)) as upfront_fee,
            coalesce(months.first_hour + bought_at_hour, 0) as from_hour,
            coalesce(
                months.month_start + to_hours(bought_at_hour),
                (select min(month_start) from months) - interval 106 days
            ) as term_start,
            'arn:aws:savingsplans::' || accounts.account_id || ':savingsplan/' || uuid_id(sp)
                as sp_arn,
            case offering when 'SageMakerSavingsPlans' then 'SageMakerSP' else 'ComputeSP' end
            || ':1yr' || replace(payment_option, ' ', '') as usage_type
        from committed
        inner join accounts on accounts.key = committed.account
        left join months on months.month_index = committed.bought_in_month
        order by sp
        """
    )
    reservations = [
        asdict(r) | {"bought_in_month": _month(r.bought_in_month, month_count)}
        for r in RESERVATIONS
    ]
    load_rows(
        con,
        "reservation_terms",
        {
            "ri": "varchar",
            "source": "varchar",
            "account": "varchar",
            "instance_type": "varchar",
            "usage_type": "varchar",
            "region": "varchar",
            "count": "integer",
            "payment_option": "varchar",
            "recurring_rate": "decimal(18,6)",
            "amortised_rate": "decimal(18,6)",
            "bought_in_month": "integer",
        },
        reservations,
    )
    con.execute(
        f"""
        create or replace table reservations as
        select
            reservation_terms.*,
            cast(amortised_rate * {TERM_HOURS} * count as decimal(20, 6)) as upfront_fee,
            coalesce(months.first_hour, 0) as from_hour,
            coalesce(months.month_start, (select min(month_start) from months) - interval 200 days)
                as term_start,
            'arn:aws:ec2:' || region || ':' || accounts.account_id || ':reserved-instances/'
            || uuid_id(ri) as ri_arn,
            cast(15000000000 + draw(ri, 999999999) as varchar) as subscription_id
        from reservation_terms
        inner join accounts on accounts.key = reservation_terms.account
        left join months on months.month_index = reservation_terms.bought_in_month
        order by ri
        """
    )
    load_rows(
        con,
        "prepaid_terms",
        {
            "prepaid": "varchar",
            "account": "varchar",
            "kind": "varchar",
            "instances": "integer",
            "instance_type": "varchar",
            "region": "varchar",
            "hourly_price": "decimal(18,6)",
            "from_hour": "integer",
            "to_hour": "integer",
            "project": "varchar",
        },
        list(PREPAID),
    )
    # One block and one plan a month, inside the month, so both ways of accruing them agree.
    con.execute(
        """
        create or replace table prepaid as
        select
            prepaid_terms.* exclude (from_hour, to_hour),
            months.month_index,
            months.first_hour + from_hour as from_hour,
            least(months.first_hour + to_hour, months.last_hour) as to_hour,
            accounts.account_id,
            'arn:aws:' || case kind when 'capacity_block' then 'ec2' else 'sagemaker' end
            || ':' || region || ':' || accounts.account_id || ':'
            || case kind
                when 'capacity_block'
                    then 'capacity-reservation/cr-' || hex_id(prepaid || month_index, 17)
                else 'training-plan/atlas-plan-' || replace(month, '-', '')
            end as prepaid_arn
        from prepaid_terms
        inner join accounts on accounts.key = prepaid_terms.account
        cross join months
        order by prepaid, month_index
        """
    )


def _month(bought_in_month: int | None, month_count: int) -> int | None:
    """Keep a purchase inside a shorter estate."""
    return None if bought_in_month is None else min(bought_in_month, month_count - 1)
