"""What was bought ahead: a monthly and a prepaid reservation, and a savings plan."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Commitment:
    """A reservation or savings plan. `hourly` is what one unit of it costs an hour, in USD.

    A reservation holds `units` machines of the meter, a savings plan `units` USD of spending.
    """

    variant: str
    export: str
    order: str
    commitment: str
    name: str
    meter: str
    units: int
    hourly: str
    monthly: bool

    @property
    def benefit_id(self) -> str:
        """Path of the commitment, in the capitals that Azure writes."""
        if self.variant == "savings":
            return (
                f"/providers/Microsoft.BillingBenefits/savingsPlanOrders/{self.order}"
                f"/savingsPlans/{self.commitment}"
            )
        return (
            f"/providers/Microsoft.Capacity/reservationOrders/{self.order}"
            f"/reservations/{self.commitment}"
        )


# Prices of commitments are assumptions: a third off for one year.
COMMITMENTS: tuple[Commitment, ...] = (
    Commitment(
        "reserved",
        "azure_main",
        "3c1f7a90-2b5d-4e86-8f01-6d7c5b4a3921",
        "a8d20f4e-91c6-4b37-b5e2-0f3d6c7a8b19",
        "ri-h100-1y",
        "nd_h100",
        2,
        "65.55",
        True,
    ),
    Commitment(
        "prepaid",
        "azure_main",
        "5e8b2c47-0a91-4d3f-9c68-1b7a2f3e4d50",
        "d17c9b36-4f82-4a05-8e3d-7c6b5a490f28",
        "ri-a100-1y",
        "nc_a100",
        1,
        "2.45",
        False,
    ),
    Commitment(
        "savings",
        "azure_europe",
        "9b4e6d13-7c20-4f58-a1d9-3e2f1c0b8a76",
        "0e5f8a21-3b64-4c97-9d10-8f7e6d5c4b3a",
        "sp-compute-eu",
        "t4_we",
        4,
        "1",
        True,
    ),
)

COMMITMENT_COLUMNS = {
    "variant": "varchar",
    "export": "varchar",
    "order": "varchar",
    "commitment": "varchar",
    "name": "varchar",
    "meter": "varchar",
    "units": "integer",
    "hourly": "decimal(18,6)",
    "monthly": "boolean",
    "benefit_id": "varchar",
}
