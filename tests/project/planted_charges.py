"""Charges that keep every FOCUS rule, one of each kind.

Values are SQL expressions; a column that a charge does not name is NULL.
"""

from __future__ import annotations

HEALTHY_SOURCE = "healthy"

EVERY_CHARGE = {
    "billed_cost": "10",
    "billing_account_id": "'000011112222'",
    "billing_account_type": "'Payer Account'",
    "billing_currency": "'USD'",
    "billing_period_start": "timestamp '2026-05-01'",
    "billing_period_end": "timestamp '2026-06-01'",
    "charge_category": "'Usage'",
    "charge_description": "'$5 per hour'",
    "charge_frequency": "'Usage-Based'",
    "charge_period_start": "timestamp '2026-05-03 07:00'",
    "charge_period_end": "timestamp '2026-05-03 08:00'",
    "contracted_cost": "10",
    "effective_cost": "10",
    "invoice_id": "'INV-1'",
    "invoice_issuer_name": "'Amazon Web Services, Inc.'",
    "list_cost": "10",
    "pricing_currency": "'EUR'",
    "pricing_currency_effective_cost": "9",
    "service_category": "'Compute'",
    "service_name": "'Amazon Elastic Compute Cloud'",
    "service_provider_name": "'AWS'",
    "service_subcategory": "'Virtual Machines'",
    "x_billing_month": "date '2026-05-01'",
    "x_billing_period": "'2026-05'",
    "x_source_file": "'part-1.parquet'",
    "x_source_kind": "'aws_cur_2'",
    "x_source_part": "'charge'",
}

PRICED = {
    "contracted_unit_price": "5",
    "list_unit_price": "5",
    "pricing_category": "'Standard'",
    "pricing_currency_contracted_unit_price": "4.5",
    "pricing_currency_list_unit_price": "4.5",
    "pricing_quantity": "2",
    "pricing_unit": "'Hours'",
    "sku_id": "'SKU1'",
    "sku_meter": "'USE1-BoxUsage:p5.48xlarge'",
    "sku_price_details": """'{"InstanceType": "p5.48xlarge", "GpuCount": 8, "x_Family": "GPU"}'""",
    "sku_price_id": "'SKU1.ONDEMAND'",
}

METERED = PRICED | {
    "consumed_quantity": "2",
    "consumed_unit": "'Hours'",
    "region_id": "'us-east-1'",
    "region_name": "'US East (N. Virginia)'",
    "resource_id": "'i-0abc'",
    "resource_name": "'trainer-1'",
    "resource_type": "'instance'",
    "sub_account_id": "'000033334444'",
    "sub_account_name": "'research'",
    "sub_account_type": "'Account'",
    "tags": "map {'team': 'vision', 'note': '{not json'}",
}

COMMITTED = {
    "commitment_discount_category": "'Spend'",
    "commitment_discount_id": "'arn:sp/1'",
    "commitment_discount_name": "'GPU plan'",
    "commitment_discount_quantity": "8",
    "commitment_discount_type": "'Compute Savings Plan'",
    "commitment_discount_unit": "'USD'",
}

HEALTHY_CHARGES = {
    "usage": METERED | {"invoice_detail_id": "'INV-1-7'"},
    "covered": METERED
    | COMMITTED
    | {
        "billed_cost": "0",
        "commitment_discount_status": "'Used'",
        "effective_cost": "8",
        "pricing_category": "'Committed'",
    },
    "idle": PRICED
    | COMMITTED
    | {
        "billed_cost": "0",
        "commitment_discount_status": "'Unused'",
        "effective_cost": "2",
        "pricing_category": "'Committed'",
        "resource_id": "'arn:sp/1'",
        "resource_type": "'savingsplan'",
        "x_source_part": "'unused_commitment'",
    },
    "fee": PRICED
    | COMMITTED
    | {
        "charge_category": "'Purchase'",
        "charge_frequency": "'Recurring'",
        "effective_cost": "0",
        "resource_id": "'arn:sp/1'",
        "resource_type": "'savingsplan'",
    },
    "reserved": METERED
    | {
        "capacity_reservation_id": "'cr-1'",
        "capacity_reservation_status": "'Used'",
        "commitment_program_eligibility_details": (
            """'{"CommitmentPrograms": [{"ProgramType": "Savings Plan"}]}'"""
        ),
        "contract_applied": (
            """'{"Elements": [{"ContractId": "c1", "ContractCommitmentId": "cc1", """
            """"ContractCommitmentAppliedCost": 10}]}'"""
        ),
        # Priced in the currency of the bill, unlike the others.
        "pricing_currency": "'USD'",
        "pricing_currency_contracted_unit_price": "5",
        "pricing_currency_effective_cost": "10",
        "pricing_currency_list_unit_price": "5",
    },
    "share": METERED
    | {
        "allocated_method_details": (
            """'{"Elements": [{"AllocatedRatio": 0.5, """
            """"UsageUnit": "Hours", "UsageQuantity": 2}]}'"""
        ),
        "allocated_method_id": "'SplitCost'",
        "allocated_resource_id": "'pod-1'",
        "allocated_resource_name": "'trainer'",
        "allocated_tags": "map {'namespace': 'vision'}",
        "x_source_part": "'split'",
    },
    "tax": {"charge_category": "'Tax'", "charge_frequency": "'One-Time'"},
    "credit": {
        "billed_cost": "-3",
        "charge_category": "'Credit'",
        "charge_frequency": "'One-Time'",
        "contracted_cost": "-3",
        "effective_cost": "-3",
        "list_cost": "-3",
    },
    # Of a closed month: prices and quantities may be missing, and need not multiply.
    "correction": PRICED
    | {
        "charge_class": "'Correction'",
        "charge_period_start": "timestamp '2026-04-30 07:00'",
        "charge_period_end": "timestamp '2026-04-30 08:00'",
        "contracted_cost": "7",
        "list_cost": "7",
    },
    # Of a seller who sends the invoice himself: the cloud only shows it.
    "seller": METERED
    | {
        "billed_cost": "0",
        "effective_cost": "0",
        "invoice_id": "'SELLER-1'",
        "invoice_issuer_name": "'Example Models GmbH'",
        "service_provider_name": "'Example Models GmbH'",
    },
}
