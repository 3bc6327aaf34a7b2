"""The wide rows: how narrow lines, pods and fees become CUR 2.0 columns."""

from sample_estate.aws.commitments import EDP_PCT, TERM_HOURS
from sample_estate.engine import read_facts

CUR_COLUMNS = [(row["column"], row["type"]) for row in read_facts("aws_cur2_columns.csv")]
LEGACY_NAMES = {
    row["column"]: row["legacy_name"]
    for row in read_facts("aws_cur2_columns.csv")
    if row["legacy_name"]
}

# A rate in a real report is a decimal text with ten digits; amounts are doubles.
_RATE = "cast({} as varchar)"
_NET = f"0.{100 - EDP_PCT:02d}"
_ISO = "'%Y-%m-%dT%H:%M:%S.000Z'"


_RI_FEE = "l.charge_kind = 'ri_fee'"
_FACTOR = "cast({}.normalization_factor as decimal(8, 1))"
_SP_FEE = "l.charge_kind = 'sp_recurring_fee'"


def _when(condition: str, value: str) -> str:
    """Return a value that only some lines have."""
    return f"case when {condition} then {value} end"


def _net(amount: str) -> str:
    """Return an amount after the enterprise discount."""
    return f"{amount} * {_NET}"


def _text(number: str) -> str:
    """Return a number as the text with one decimal that reservation columns carry."""
    return f"cast(cast({number} as decimal(28, 1)) as varchar)"


def _end_of_term(start: str) -> str:
    return f"strftime({start} + to_hours({TERM_HOURS}) - interval 1 second, {_ISO})"


def _stream_columns() -> dict[str, str]:
    """Columns that every line of a stream shares; alias ``s``."""
    return {
        "bill_bill_type": "'Anniversary'",
        "bill_billing_entity": "coalesce(s.billing_entity, 'AWS')",
        "bill_invoicing_entity": "s.invoicing_entity",
        "bill_invoice_id": "s.invoice_id",
        "bill_payer_account_id": "s.payer_id",
        "bill_payer_account_name": "s.payer_name",
        "cost_category": "s.cost_category",
        "identity_line_item_id": "s.line_item_id",
        "line_item_availability_zone": "s.zone",
        "line_item_currency_code": "'USD'",
        "line_item_legal_entity": "coalesce(s.legal_entity, s.invoicing_entity)",
        "line_item_line_item_description": "s.description",
        "line_item_line_item_type": "s.line_type",
        "line_item_operation": "s.operation",
        "line_item_product_code": "s.product_code",
        "line_item_resource_id": "s.resource_id",
        "line_item_usage_account_id": "s.account_id",
        "line_item_usage_account_name": "s.account_name",
        "line_item_usage_type": "s.usage_type",
        "pricing_currency": "'USD'",
        "product": "s.product",
        "product_instance_type": "s.instance_type",
        "product_instance_family": "s.instance_family",
        "product_location": "s.location",
        "product_location_type": _when("s.region is not null", "'AWS Region'"),
        "product_operation": "s.operation",
        "product_pricing_unit": "s.unit",
        "product_product_family": "s.product_family",
        "product_region_code": "s.region",
        "product_servicecode": "s.servicecode",
        "product_sku": "s.sku",
        "product_usagetype": "s.usage_type",
        "pricing_unit": "s.unit",
        "resource_tags": "s.resource_tags",
        "tags": "s.tags",
    }


def usage_columns() -> dict[str, str]:
    """Metered lines: ``l`` (lines), ``s`` (streams), ``h`` (hours)."""
    discount = "l.bundled + l.private + l.edp"
    sp_end = _end_of_term("s.sp_term_start")
    return _stream_columns() | {
        "discount": f"case when {discount} > 0 then map_from_entries(list_filter(["
        "{k: 'bundled_discount', v: -cast(l.bundled as double)},"
        " {k: 'private_rate_discount', v: -cast(l.private as double)},"
        " {k: 'edp_discount', v: -cast(l.edp as double)}],"
        " lambda part: part.v < 0)) end",
        "discount_bundled_discount": _when("l.bundled > 0", "-l.bundled"),
        "discount_total_discount": _when(f"{discount} > 0", f"-({discount})"),
        "identity_time_interval": "if(s.calendar = 'daily', h.day_interval, h.hour_interval)",
        "line_item_blended_cost": "l.cost",
        "line_item_blended_rate": "s.rate_text",
        "line_item_net_unblended_cost": (
            f"if(s.variant in ('sp_covered', 'sp_negation'), l.cost, l.cost - ({discount}))"
        ),
        "line_item_net_unblended_rate": f"case when {discount} > 0 and l.amount > 0 then"
        f" cast(cast((l.cost - ({discount})) / l.amount as decimal(28, 10)) as varchar)"
        " else s.rate_text end",
        "line_item_normalization_factor": "s.normalization_factor",
        "line_item_normalized_usage_amount": f"{_FACTOR.format('s')} * l.amount",
        "line_item_unblended_cost": "l.cost",
        "line_item_unblended_rate": "s.rate_text",
        "line_item_usage_amount": "l.amount",
        "line_item_usage_start_date": "h.hour_start",
        "line_item_usage_end_date": (
            "if(s.calendar = 'daily', h.hour_start + interval 1 day, h.hour_end)"
        ),
        "pricing_public_on_demand_cost": "l.list_cost",
        "pricing_public_on_demand_rate": "s.list_rate_text",
        "pricing_rate_code": "s.rate_code",
        "pricing_rate_id": "s.rate_id",
        "pricing_term": "s.pricing_term",
        "pricing_purchase_option": "s.ri_payment_option",
        "pricing_lease_contract_length": _when("s.ri_arn is not null", "'1yr'"),
        "pricing_offering_class": _when("s.ri_arn is not null", "'standard'"),
        "product_from_location": "s.from_location",
        "product_from_location_type": _when("s.from_location is not null", "'AWS Region'"),
        "product_from_region_code": "s.from_region",
        "product_to_location": "s.to_location",
        "product_to_location_type": "case when s.to_location = 'External' then 'Other'"
        " when s.to_location is not null then 'AWS Region' end",
        "product_to_region_code": "s.to_region",
        "reservation_amortized_upfront_cost_for_usage": "l.amount * s.amortised_rate",
        "reservation_effective_cost": _when("s.ri_arn is not null", "l.effective"),
        "reservation_net_amortized_upfront_cost_for_usage": f"l.amount * s.amortised_rate * {_NET}",
        "reservation_net_effective_cost": _when("s.ri_arn is not null", f"l.effective * {_NET}"),
        "reservation_net_recurring_fee_for_usage": f"l.amount * s.recurring_rate * {_NET}",
        "reservation_recurring_fee_for_usage": "l.amount * s.recurring_rate",
        "reservation_reservation_a_r_n": "s.ri_arn",
        "reservation_subscription_id": "s.ri_subscription_id",
        "savings_plan_end_time": _when("s.sp_arn is not null", f"{sp_end}"),
        "savings_plan_net_savings_plan_effective_cost": _when(
            "s.variant = 'sp_covered'", f"l.effective * {_NET}"
        ),
        "savings_plan_offering_type": "s.sp_offering",
        "savings_plan_payment_option": "s.sp_payment_option",
        "savings_plan_purchase_term": _when("s.sp_arn is not null", "'1yr'"),
        "savings_plan_region": _when("s.sp_arn is not null", "'Any'"),
        "savings_plan_savings_plan_a_r_n": "s.sp_arn",
        "savings_plan_savings_plan_effective_cost": _when(
            "s.variant = 'sp_covered'", "l.effective"
        ),
        "savings_plan_savings_plan_rate": _when("s.variant = 'sp_covered'", "s.sp_rate"),
        "savings_plan_start_time": f"strftime(s.sp_term_start, {_ISO})",
        "line_item_iam_principal": "s.caller",
        "capacity_reservation_capacity_reservation_arn": "s.cr_arn",
        "capacity_reservation_capacity_reservation_status": _when(
            "s.cr_arn is not null", "s.cr_status"
        ),
        "capacity_reservation_capacity_reservation_type": "s.cr_type",
    }


def split_columns() -> dict[str, str]:
    """Pod lines: ``l`` (split_lines), ``s`` (streams), ``h`` (hours); they cost nothing."""
    return _stream_columns() | {
        "identity_time_interval": "h.hour_interval",
        "line_item_blended_cost": "0",
        "line_item_unblended_cost": "0",
        "line_item_net_unblended_cost": "0",
        "line_item_unblended_rate": "'0'",
        "line_item_usage_amount": "l.amount",
        "line_item_usage_start_date": "h.hour_start",
        "line_item_usage_end_date": "h.hour_end",
        "split_line_item_actual_usage": "l.used",
        "split_line_item_net_split_cost": f"l.split_cost * {_NET}",
        "split_line_item_net_unused_cost": f"l.unused_cost * {_NET}",
        "split_line_item_parent_resource_id": "s.parent_resource_id",
        "split_line_item_public_on_demand_split_cost": "l.list_split_cost",
        "split_line_item_public_on_demand_unused_cost": "l.list_unused_cost",
        "split_line_item_reserved_usage": "l.reserved",
        "split_line_item_split_cost": "l.split_cost",
        "split_line_item_split_usage": "l.amount",
        "split_line_item_split_usage_ratio": "l.split_ratio",
        "split_line_item_unused_cost": "l.unused_cost",
    }


def fee_columns() -> dict[str, str]:
    """Fee lines: ``l`` (fees, with their accounts and commitments joined)."""
    sp_end = _end_of_term("l.sp_term_start")
    ri_end = _end_of_term("l.ri_term_start")
    factor = _FACTOR.format("l")
    discount = "l.cost - l.net_cost"
    return {
        "bill_bill_type": "l.bill_type",
        "bill_billing_entity": "coalesce(l.billing_entity, 'AWS')",
        "bill_invoicing_entity": "l.invoicing_entity",
        "bill_invoice_id": "l.invoice_id",
        "bill_payer_account_id": "l.payer_id",
        "bill_payer_account_name": "l.payer_name",
        "cost_category": "l.cost_category",
        "discount": f"case when l.edp_eligible and {discount} > 0"
        f" then map {{'edp_discount': -cast({discount} as double)}} end",
        "discount_total_discount": _when(f"l.edp_eligible and {discount} > 0", f"-({discount})"),
        "identity_line_item_id": "l.line_item_id",
        "identity_time_interval": "l.time_interval",
        "line_item_blended_cost": _when("l.charge_kind not like '%discount'", "l.cost"),
        "line_item_currency_code": "'USD'",
        "line_item_legal_entity": "coalesce(l.legal_entity, l.invoicing_entity)",
        "line_item_line_item_description": "l.description",
        "line_item_line_item_type": "l.line_type",
        "line_item_net_unblended_cost": "l.net_cost",
        "line_item_operation": "l.operation",
        "line_item_product_code": "l.product_code",
        "line_item_resource_id": "l.resource_id",
        "line_item_tax_type": "l.tax_type",
        "line_item_unblended_cost": "l.cost",
        "line_item_unblended_rate": _RATE.format("l.rate"),
        "line_item_usage_account_id": "l.account_id",
        "line_item_usage_account_name": "l.account_name",
        "line_item_usage_amount": "l.amount",
        "line_item_usage_start_date": "l.usage_start",
        "line_item_usage_end_date": "l.usage_end",
        "line_item_usage_type": "l.usage_type",
        "line_item_normalization_factor": "l.normalization_factor",
        "line_item_normalized_usage_amount": f"{_FACTOR.format('l')} * l.amount",
        "pricing_currency": "'USD'",
        "pricing_unit": "l.unit",
        "pricing_term": "l.pricing_term",
        "pricing_purchase_option": "l.purchase_option",
        "pricing_lease_contract_length": _when("l.purchase_option is not null", "'1yr'"),
        "pricing_offering_class": _when("l.ri is not null", "'standard'"),
        "pricing_rate_code": "case when l.purchase_option is not null"
        " then l.sku || '.4NA7Y494T4.6YS6EN2CT7' end",
        "pricing_public_on_demand_cost": _when("l.charge_kind = 'support'", "l.cost"),
        "product": "map_from_entries(list_filter([{k: 'product_name', v: l.product_name},"
        " {k: 'region', v: l.region}], lambda entry: entry.v is not null))",
        "product_instance_type": "l.instance_type",
        "product_product_family": _when("l.sp is not null", "l.product_code"),
        "product_region_code": "l.region",
        "product_servicecode": _when("l.usage_type is not null", "l.product_code"),
        "product_sku": _when("l.usage_type is not null", "l.sku"),
        "product_usagetype": "l.usage_type",
        "product_fee_code": _when("l.charge_kind like '%upfront_fee'", "'Upfront'"),
        "reservation_amortized_upfront_fee_for_billing_period": _when(_RI_FEE, "l.amortised"),
        "reservation_net_amortized_upfront_fee_for_billing_period": _when(
            _RI_FEE, f"l.amortised * {_NET}"
        ),
        "reservation_net_unused_amortized_upfront_fee_for_billing_period": _net(
            "l.unused_amortised"
        ),
        "reservation_net_unused_recurring_fee": f"l.unused_recurring * {_NET}",
        "reservation_net_upfront_value": _when(_RI_FEE, f"l.upfront_value * {_NET}"),
        "reservation_modification_status": _when("l.ri is not null", "'Original'"),
        "reservation_number_of_reservations": "cast(l.ri_count as varchar)",
        "reservation_units_per_reservation": _text("l.units_total / l.ri_count"),
        "reservation_total_reserved_units": "cast(l.units_total as varchar)",
        "reservation_total_reserved_normalized_units": _text(f"l.units_total * {factor}"),
        "reservation_normalized_units_per_reservation": _text(
            f"l.units_total / l.ri_count * {factor}"
        ),
        "reservation_reservation_a_r_n": "l.ri_arn",
        "reservation_subscription_id": "l.ri_subscription_id",
        "reservation_start_time": f"strftime(l.ri_term_start, {_ISO})",
        "reservation_end_time": _when("l.ri_arn is not null", f"{ri_end}"),
        "reservation_unused_amortized_upfront_fee_for_billing_period": "l.unused_amortised",
        "reservation_unused_normalized_unit_quantity": f"l.units_unused * {factor}",
        "reservation_unused_quantity": "l.units_unused",
        "reservation_unused_recurring_fee": "l.unused_recurring",
        "reservation_upfront_value": _when(_RI_FEE, "l.upfront_value"),
        "savings_plan_amortized_upfront_commitment_for_billing_period": _when(
            _SP_FEE, "l.amortised"
        ),
        "savings_plan_net_amortized_upfront_commitment_for_billing_period": _when(
            _SP_FEE, f"l.amortised * {_NET}"
        ),
        "savings_plan_recurring_commitment_for_billing_period": _when(_SP_FEE, "l.recurring"),
        "savings_plan_net_recurring_commitment_for_billing_period": _when(
            _SP_FEE, f"l.recurring * {_NET}"
        ),
        "savings_plan_total_commitment_to_date": _when(_SP_FEE, "l.recurring + l.amortised"),
        "savings_plan_used_commitment": _when(_SP_FEE, "l.used"),
        "savings_plan_end_time": _when("l.sp_arn is not null", f"{sp_end}"),
        "savings_plan_start_time": f"strftime(l.sp_term_start, {_ISO})",
        "savings_plan_offering_type": "l.sp_offering",
        "savings_plan_payment_option": "l.sp_payment_option",
        "savings_plan_purchase_term": _when("l.sp_arn is not null", "'1yr'"),
        "savings_plan_region": _when("l.sp_arn is not null", "'Any'"),
        "savings_plan_savings_plan_a_r_n": "l.sp_arn",
        "capacity_reservation_capacity_reservation_arn": _when(
            "l.cr_type is not null", "l.prepaid_arn"
        ),
        "capacity_reservation_capacity_reservation_type": "l.cr_type",
    }


def select_list(columns: dict[str, str], month_start: str, month_end: str) -> list[str]:
    """Return all CUR 2.0 columns in order as SQL expressions; what a line lacks is typed NULL."""
    period = {
        "bill_billing_period_start_date": f"timestamp '{month_start}'",
        "bill_billing_period_end_date": f"timestamp '{month_end}'",
    }
    stated = columns | period
    unknown = set(stated) - {name for name, _ in CUR_COLUMNS}
    if unknown:
        raise ValueError(f"not CUR 2.0 columns: {sorted(unknown)}")
    return [f"cast({stated.get(name, 'null')} as {kind}) as {name}" for name, kind in CUR_COLUMNS]
