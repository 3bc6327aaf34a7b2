"""What the vendor delivers beside its bill, in FOCUS 1.4 form: invoice, period, commitment."""

from __future__ import annotations

import json
from pathlib import Path

from sample_estate.clock import Month
from sample_estate.context import EstateContext
from sample_estate.neocloud.rows import COMMITMENT
from sample_estate.neocloud.writing import ISSUER, invoice_id

CONTRACT = "CORVID-MSA-2025-118"
APPLICABILITY = {
    "IsGlobalScope": False,
    "InclusionOperator": "And",
    "Inclusions": [{"Dimension": "SkuId", "Operator": "In", "Values": ["h100-8"]}],
}


def write_companions(estate: EstateContext, month: Month, folder: Path) -> None:
    """The three other datasets of one month."""
    closed = estate.is_closed(month)
    _write(estate, folder, "billing_period", month, _period(month, closed))
    _write(estate, folder, "contract_commitment", month, _commitment(month))
    if closed:
        _write(estate, folder, "invoice_detail", month, _invoice(month))


def _write(estate: EstateContext, folder: Path, table: str, month: Month, select: str) -> None:
    target = folder / table / f"billing_period={month.name}"
    target.mkdir(parents=True, exist_ok=True)
    estate.con.execute(f"copy ({select}) to '{target / table}.csv' (format csv, header)")


def _time(day: object) -> str:
    return f"'{day}T00:00:00Z'"


def _period(month: Month, closed: bool) -> str:
    updated = month.end if closed else month.start
    return f"""
        select
            {_time(month.start)} as "BillingPeriodCreated",
            {_time(month.end)} as "BillingPeriodEnd",
            {_time(updated)} as "BillingPeriodLastUpdated",
            {_time(month.start)} as "BillingPeriodStart",
            '{"Closed" if closed else "Open"}' as "BillingPeriodStatus",
            '{ISSUER}' as "InvoiceIssuerName"
    """


def _invoice(month: Month) -> str:
    """One line per kind of charge and service; together they are the month's billed cost."""
    return f"""
        with lines as (
            select
                charge_category,
                coalesce(service_name, 'Corvid Account') as service_name,
                sum(billed_cost) as billed_cost
            from corvid_rows
            left join corvid_prices using (sku)
            where month = '{month.name}'
            group by all
        )
        select
            billed_cost as "BilledCost",
            (select any_value(billing_account_id) from corvid_rows) as "BillingAccountId",
            'EUR' as "BillingCurrency",
            {_time(month.end)} as "BillingPeriodEnd",
            {_time(month.start)} as "BillingPeriodStart",
            charge_category as "ChargeCategory",
            {_time(month.end)} as "InvoiceDetailCreated",
            charge_category || ': ' || service_name as "InvoiceDetailDescription",
            to_json({{'ServiceName': service_name}}) as "InvoiceDetailGrain",
            '{invoice_id(month)}-' || row_number() over (order by charge_category, service_name)
                as "InvoiceDetailId",
            {_time(month.end)} as "InvoiceDetailLastUpdated",
            '{invoice_id(month)}' as "InvoiceId",
            {_time(month.end)} as "InvoiceIssueDate",
            'Issued' as "InvoiceIssueStatus",
            '{ISSUER}' as "InvoiceIssuerName",
            strftime(timestamp '{month.end}' + interval 30 day, '%Y-%m-%dT%H:%M:%SZ')
                as "PaymentDueDate",
            'Net 30' as "PaymentTerms",
            'PO-7715' as "PurchaseOrderNumber",
            '{invoice_id(month)}' as "ReferenceInvoiceId"
        from lines
        order by charge_category, service_name
    """


def _commitment(month: Month) -> str:
    """The reservation of the H100 nodes, for the year."""
    applicability = json.dumps(APPLICABILITY).replace("'", "''")
    return f"""
        select
            'EUR' as "BillingCurrency",
            '{applicability}' as "ContractCommitmentApplicability",
            'Discount' as "ContractCommitmentBenefitCategory",
            'Usage' as "ContractCommitmentCategory",
            cast(committed_price * nodes * 8760 as decimal(28,10)) as "ContractCommitmentCost",
            '2025-12-15T00:00:00Z' as "ContractCommitmentCreated",
            'Reserved H100 nodes, one year, paid monthly' as "ContractCommitmentDescription",
            null as "ContractCommitmentDiscountPercentage",
            '1 Year' as "ContractCommitmentDurationType",
            'Hourly' as "ContractCommitmentFulfillmentInterval",
            '{COMMITMENT}' as "ContractCommitmentId",
            {_time(month.start)} as "ContractCommitmentLastUpdated",
            'Active' as "ContractCommitmentLifecycleStatus",
            'Continuous' as "ContractCommitmentModel",
            'Negotiated' as "ContractCommitmentOfferCategory",
            'Monthly' as "ContractCommitmentPaymentInterval",
            'No Upfront' as "ContractCommitmentPaymentModel",
            0 as "ContractCommitmentPaymentUpfrontPercentage",
            '2027-01-01T00:00:00Z' as "ContractCommitmentPeriodEnd",
            '2026-01-01T00:00:00Z' as "ContractCommitmentPeriodStart",
            nodes * 8760 as "ContractCommitmentQuantity",
            'Reserved Nodes' as "ContractCommitmentType",
            'Hours' as "ContractCommitmentUnit",
            '{CONTRACT}' as "ContractId",
            '2028-01-01T00:00:00Z' as "ContractPeriodEnd",
            '2025-12-01T00:00:00Z' as "ContractPeriodStart",
            '{ISSUER}' as "InvoiceIssuerName",
            'EUR' as "PricingCurrency",
            cast(committed_price * nodes * 8760 as decimal(28,10))
                as "PricingCurrencyContractCommitmentCost",
            'Corvid Compute' as "ServiceProviderName"
        from corvid_prices
        cross join (
            select count(distinct number) as nodes from corvid_rows where charge_kind = 'usage_used'
        )
        where sku = 'h100-8'
    """
