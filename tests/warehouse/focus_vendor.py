"""Two small vendors' FOCUS exports, written by hand: one with all four datasets of 1.4, in EUR, and
one of 1.2 in USD that has Cost and Usage only.

Nordlicht: May is closed and invoiced, June open. Its commitment runs from the first to the last
second of May: 300 EUR, of which 200 were used.
"""

from __future__ import annotations

import csv
from pathlib import Path

VENDOR, PLAIN = "nordlicht", "seaside"
COMMITMENT, CONTRACT = "commitment-7", "contract-1"
MAY, JUNE, JULY = "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"

_ISSUED = {
    "InvoiceIssueStatus": "Issued",
    "InvoiceIssueDate": "2026-06-03T00:00:00Z",
    "InvoiceDetailCreated": "2026-06-03T00:00:00Z",
    "InvoiceDetailLastUpdated": "2026-06-03T00:00:00Z",
    "PaymentTerms": "30 days net",
}


def _charge(category: str, billed: str, **more: str) -> dict[str, str]:
    """A charge of May on invoice N-1, with what every row of FOCUS needs."""
    row = {
        "BilledCost": billed,
        "EffectiveCost": billed,
        "ListCost": billed,
        "ContractedCost": billed,
        "BillingAccountId": "acc-1",
        "BillingAccountName": "Halden",
        "BillingAccountType": "Organization",
        "BillingCurrency": "EUR",
        "BillingPeriodStart": MAY,
        "BillingPeriodEnd": JUNE,
        "ChargeCategory": category,
        "ChargeDescription": f"{category} in May",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": "2026-05-10T00:00:00Z",
        "ChargePeriodEnd": "2026-05-11T00:00:00Z",
        "InvoiceId": "N-1",
        "InvoiceDetailId": f"N-1-{category}",
        "InvoiceIssuerName": "Nordlicht AI",
        "ServiceProviderName": "Nordlicht AI",
        "HostProviderName": "Nordlicht AI",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI",
        "ServiceName": "Nordlicht Models",
        "PricingCategory": "Standard",
        "RegionId": "oslo-1",
        "RegionName": "Oslo",
    }
    if category == "Tax":
        row["PricingCategory"] = ""
    return row | more


def _usage(billed: str, day: int, **more: str) -> dict[str, str]:
    period = {
        "ChargePeriodStart": f"2026-05-{day:02d}T00:00:00Z",
        "ChargePeriodEnd": f"2026-05-{day + 1:02d}T00:00:00Z" if day < 31 else JUNE,
        "SkuId": "model-1",
        "SkuPriceId": "model-1-input",
    }
    return _charge("Usage", billed, **period | more)


def _open(row: dict[str, str]) -> dict[str, str]:
    """The same charge in June, which has no invoice yet."""
    return row | {
        "BillingPeriodStart": JUNE,
        "BillingPeriodEnd": JULY,
        "ChargePeriodStart": "2026-06-02T00:00:00Z",
        "ChargePeriodEnd": "2026-06-03T00:00:00Z",
        "InvoiceId": "",
        "InvoiceDetailId": "",
    }


def _committed(status: str, effective: str, day: int) -> dict[str, str]:
    return _usage(
        "0",
        day,
        EffectiveCost=effective,
        CommitmentDiscountId=COMMITMENT,
        CommitmentDiscountCategory="Spend",
        CommitmentDiscountType="Token pledge",
        CommitmentDiscountStatus=status,
        PricingCategory="Committed",
        ContractApplied=(
            f'{{"Elements":[{{"ContractId":"{CONTRACT}","ContractCommitmentId":"{COMMITMENT}",'
            f'"ContractCommitmentAppliedCost":{effective}}}]}}'
        ),
    )


def charges() -> list[dict[str, str]]:
    """Cost and Usage of Nordlicht: 1000 usage, 300 of a commitment, 260 tax; 55.5 in June."""
    pledge = {
        "EffectiveCost": "0",
        "ChargeFrequency": "One-Time",
        "CommitmentDiscountId": COMMITMENT,
        "CommitmentDiscountCategory": "Spend",
        "CommitmentDiscountType": "Token pledge",
        "ChargePeriodStart": MAY,
        "ChargePeriodEnd": JUNE,
        "SkuId": "pledge",
        "SkuPriceId": "pledge-1",
    }
    return [
        _usage("400.25", 1),
        _usage("599.75", 15),
        _committed("Used", "200", 20),
        _committed("Unused", "100", 31),
        _charge("Purchase", "300", **pledge),
        _charge("Tax", "260"),
        _open(_usage("55.5", 2)),
    ]


def invoice_lines() -> list[dict[str, str]]:
    """Invoice Detail of Nordlicht: three lines of invoice N-1."""
    return [
        {
            "BilledCost": cost,
            "BillingAccountId": "acc-1",
            "BillingCurrency": "EUR",
            "BillingPeriodStart": MAY,
            "BillingPeriodEnd": JUNE,
            "ChargeCategory": category,
            "InvoiceDetailId": f"N-1-{category}",
            "InvoiceId": "N-1",
            "InvoiceIssuerName": "Nordlicht AI",
            "ReferenceInvoiceId": "N-1",
        }
        | _ISSUED
        for category, cost in (("Usage", "1000.00"), ("Purchase", "300.00"), ("Tax", "260.00"))
    ]


def commitments() -> list[dict[str, str]]:
    """Contract Commitment of Nordlicht."""
    return [
        {
            "BillingCurrency": "EUR",
            "ContractCommitmentApplicability": '{"IsGlobalScope":true}',
            "ContractCommitmentBenefitCategory": "Discount",
            "ContractCommitmentCategory": "Spend",
            "ContractCommitmentCost": "300",
            "ContractCommitmentCreated": MAY,
            "ContractCommitmentDurationType": "1 Month",
            "ContractCommitmentFulfillmentInterval": "Full Period",
            "ContractCommitmentId": COMMITMENT,
            "ContractCommitmentLastUpdated": MAY,
            "ContractCommitmentLifecycleStatus": "Expired",
            "ContractCommitmentModel": "Continuous",
            "ContractCommitmentOfferCategory": "Negotiated",
            "ContractCommitmentPaymentInterval": "One-Time",
            "ContractCommitmentPaymentModel": "All Upfront",
            "ContractCommitmentPaymentUpfrontPercentage": "1",
            "ContractCommitmentPeriodStart": MAY,
            "ContractCommitmentPeriodEnd": JUNE,
            "ContractCommitmentType": "Token pledge",
            "ContractId": CONTRACT,
            "ContractPeriodStart": MAY,
            "ContractPeriodEnd": JUNE,
            "InvoiceIssuerName": "Nordlicht AI",
            "ServiceProviderName": "Nordlicht AI",
        }
    ]


def billing_periods() -> list[dict[str, str]]:
    """Billing Period of Nordlicht: May closed, June open."""
    return [
        {
            "BillingPeriodCreated": start,
            "BillingPeriodStart": start,
            "BillingPeriodEnd": end,
            "BillingPeriodLastUpdated": "2026-06-03T00:00:00Z",
            "BillingPeriodStatus": status,
            "InvoiceIssuerName": "Nordlicht AI",
        }
        for start, end, status in ((MAY, JUNE, "Closed"), (JUNE, JULY, "Open"))
    ]


def plain_charges() -> list[dict[str, str]]:
    """Cost and Usage of the second vendor: one invoice of 12.5 USD, 2.5 of it tax."""
    names = ("InvoiceIssuerName", "ServiceProviderName", "HostProviderName")
    rows = [_usage("10", 3), _charge("Tax", "2.5")]
    for row in rows:
        row |= {"BillingCurrency": "USD", "BillingAccountId": "acc-9", "InvoiceId": "S-77"}
        row |= dict.fromkeys(names, "Seaside") | {"ProviderName": "Seaside"}
        row |= {"PublisherName": "Seaside"}
        for name in ("InvoiceDetailId", "ServiceProviderName", "HostProviderName"):
            row.pop(name)
    return rows


def write_exports(folder: Path) -> Path:
    """Write both vendors' files and an exports.yml that names them; returns its path."""
    tables = {
        VENDOR: {
            "cost_and_usage": charges(),
            "invoice_detail": invoice_lines(),
            "contract_commitment": commitments(),
            "billing_period": billing_periods(),
        },
        PLAIN: {"cost_and_usage": plain_charges()},
    }
    lines = ["exports:"]
    for vendor, datasets in tables.items():
        for name, rows in datasets.items():
            _write(folder / vendor / f"{name}.csv", rows)
        lines.append(f'  - {{name: {vendor}, kind: focus, location: "{folder / vendor}"}}')
    exports = folder / "exports.yml"
    exports.write_text("\n".join(lines) + "\n")
    return exports


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
