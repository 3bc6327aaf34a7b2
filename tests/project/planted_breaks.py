"""For each FOCUS rule that rows or keys can break, a change to one healthy charge that breaks it.

Each broken rule gets a source of its own: all healthy charges with this one changed.
"""

from __future__ import annotations

NULL = "null"

# The charge that is changed, what becomes of it, and other rules that cannot but break with it.
Break = tuple[str, dict[str, str], set[str]]


def breaks() -> dict[str, Break]:
    """For each rule that single rows or keys can break, a change that breaks it."""
    found: dict[str, Break] = {}

    def plant(rule: str, charge: str, also: set[str] = frozenset(), **changes: str) -> None:
        found[rule] = (charge, changes, set(also))

    _presence(plant)
    _nulls(plant)
    _money(plant)
    _commitments(plant)
    _texts(plant)
    _keys(plant)
    return found


def _presence(plant) -> None:
    plant("billed_cost.not_null", "reserved", billed_cost=NULL)
    plant("effective_cost.not_null", "reserved", effective_cost=NULL)
    plant("list_cost.not_null", "tax", list_cost=NULL)
    plant("contracted_cost.not_null", "tax", contracted_cost=NULL)
    plant("billing_account_id.not_null", "usage", billing_account_id=NULL)
    plant("billing_currency.not_null", "usage", billing_currency=NULL)
    for period in ("billing_period", "charge_period"):
        for side in ("start", "end"):
            column = f"{period}_{side}"
            plant(f"{column}.not_null", "usage", {f"{period}_end.after_start"}, **{column: NULL})
    plant("charge_category.not_null", "credit", charge_category=NULL)
    plant("invoice_issuer_name.not_null", "usage", invoice_issuer_name=NULL)
    plant("service_provider_name.not_null", "usage", service_provider_name=NULL)
    plant("service_name.not_null", "usage", service_name=NULL)
    plant(
        "service_category.not_null", "usage", {"service_subcategory.allowed"}, service_category=NULL
    )
    plant("charge_frequency.not_null", "usage", charge_frequency=NULL)
    plant("service_subcategory.not_null", "usage", service_subcategory=NULL)
    plant(
        "pricing_quantity.not_null_when_sold",
        "usage",
        pricing_quantity=NULL,
        pricing_unit=NULL,
    )
    plant(
        "sku_id.not_null_when_sold",
        "usage",
        {"sku_meter.null_without_sku_id", "sku_price_id.null_without_sku_id"},
        sku_id=NULL,
    )
    plant(
        "sku_price_id.not_null_when_sold",
        "usage",
        {"sku_price_details.null_without_sku_price_id"},
        sku_price_id=NULL,
    )
    plant("pricing_category.not_null_when_sold", "usage", pricing_category=NULL)
    plant(
        "charge_category.allowed",
        "usage",
        {"consumed_quantity.null_without_usage"},
        charge_category="'usage'",
    )
    plant("charge_class.allowed", "correction", charge_class="'Fixed'")
    plant("charge_frequency.allowed", "usage", charge_frequency="'Usage-based'")
    plant("commitment_discount_category.allowed", "covered", commitment_discount_category="'SP'")
    plant(
        "commitment_discount_status.allowed",
        "fee",
        {
            "commitment_discount_status.null_on_purchase",
            "pricing_category.committed_under_commitment",
        },
        commitment_discount_status="'Idle'",
    )
    plant(
        "capacity_reservation_status.allowed", "reserved", capacity_reservation_status="'Reserved'"
    )
    plant("pricing_category.allowed", "usage", pricing_category="'OnDemand'")
    plant(
        "service_category.allowed",
        "usage",
        {"service_subcategory.allowed", "service_category.one_per_service"},
        service_category="'AI'",
    )
    plant(
        "service_subcategory.allowed",
        "usage",
        {"service_subcategory.one_per_service"},
        service_subcategory="'Generative AI'",
    )


def _nulls(plant) -> None:
    plant(
        "commitment_discount_category.null_with_commitment_discount_id",
        "covered",
        commitment_discount_category=NULL,
    )
    plant(
        "commitment_discount_type.null_with_commitment_discount_id",
        "usage",
        commitment_discount_type="'Reserved Instance'",
    )
    plant(
        "commitment_discount_unit.null_with_commitment_discount_quantity",
        "covered",
        commitment_discount_unit=NULL,
    )
    plant("pricing_unit.null_with_pricing_quantity", "usage", pricing_unit=NULL)
    plant("consumed_unit.null_with_consumed_quantity", "usage", consumed_unit=NULL)
    plant("region_name.null_with_region_id", "usage", region_name=NULL)
    plant("resource_type.null_with_resource_id", "usage", resource_type=NULL)
    plant("sub_account_type.null_with_sub_account_id", "usage", sub_account_type=NULL)
    for column, other, charge in (
        ("commitment_discount_name", "commitment_discount_id", "usage"),
        ("capacity_reservation_status", "capacity_reservation_id", "usage"),
        ("resource_name", "resource_id", "tax"),
        ("sub_account_name", "sub_account_id", "tax"),
        ("sku_meter", "sku_id", "tax"),
        ("allocated_resource_id", "allocated_method_id", "usage"),
        ("allocated_resource_name", "allocated_resource_id", "usage"),
    ):
        plant(f"{column}.null_without_{other}", charge, **{column: "'Used'"})
    plant(
        "commitment_discount_status.null_without_commitment_discount_id",
        "usage",
        {
            "pricing_category.committed_under_commitment",
            "billed_cost.zero_when_used",
        },
        commitment_discount_status="'Used'",
    )
    plant("sku_price_id.null_without_sku_id", "credit", sku_price_id="'SKU9.X'")
    plant(
        "sku_price_details.null_without_sku_price_id",
        "credit",
        sku_price_details="""'{"GpuCount": 1}'""",
    )
    plant("allocated_tags.null_without_allocated_resource_id", "usage", allocated_tags="map {}")
    plant(
        "allocated_method_details.null_without_allocated_method_id",
        "usage",
        allocated_method_details="""'{"Elements": []}'""",
    )
    plant(
        "pricing_currency_effective_cost.null_without_pricing_currency",
        "usage",
        pricing_currency=NULL,
    )
    plant("sku_id.null_on_tax", "tax", sku_id="'SKU1'")
    plant(
        "sku_price_id.null_on_tax",
        "tax",
        {"sku_id.null_on_tax"},
        sku_id="'SKU1'",
        sku_price_id="'SKU1.ONDEMAND'",
    )
    plant(
        "pricing_quantity.null_on_tax",
        "tax",
        {"pricing_unit.null_with_pricing_quantity"},
        pricing_quantity="1",
    )
    plant(
        "pricing_unit.null_on_tax",
        "tax",
        {"pricing_unit.null_with_pricing_quantity"},
        pricing_unit="'Hours'",
    )
    plant("pricing_category.null_on_tax", "tax", pricing_category="'Other'")
    plant("list_unit_price.null_on_tax", "tax", list_unit_price="1")
    plant("contracted_unit_price.null_on_tax", "tax", contracted_unit_price="1")
    plant(
        "consumed_quantity.null_without_usage",
        "idle",
        consumed_quantity="2",
        consumed_unit="'Hours'",
    )
    plant(
        "consumed_quantity.not_null_on_usage",
        "usage",
        consumed_quantity=NULL,
        consumed_unit=NULL,
    )
    plant(
        "capacity_reservation_status.not_null_on_usage",
        "reserved",
        capacity_reservation_status=NULL,
    )


def _money(plant) -> None:
    plant("billing_period_end.after_start", "usage", billing_period_end="timestamp '2026-05-01'")
    plant(
        "charge_period_end.after_start", "usage", charge_period_end="timestamp '2026-05-03 06:00'"
    )
    plant("list_cost.price_times_quantity", "usage", list_cost="10.0001")
    plant("contracted_cost.price_times_quantity", "usage", contracted_cost="9")
    plant(
        "list_unit_price.not_negative",
        "usage",
        {"list_cost.price_times_quantity"},
        list_unit_price="-5",
    )
    plant(
        "contracted_unit_price.not_negative",
        "usage",
        {"contracted_cost.price_times_quantity"},
        contracted_unit_price="-5",
    )
    for price in ("list", "contracted"):
        column = f"pricing_currency_{price}_unit_price"
        plant(f"{column}.not_negative", "usage", **{column: "-1"})
    plant("effective_cost.equals_billed_cost", "usage", effective_cost="100")
    plant("effective_cost.not_above_contracted_cost", "covered", effective_cost="10.5")


def _commitments(plant) -> None:
    plant(
        "commitment_discount_status.not_null_on_usage",
        "covered",
        commitment_discount_status=NULL,
    )
    plant(
        "commitment_discount_status.null_on_purchase",
        "fee",
        {
            "pricing_category.committed_under_commitment",
            "billed_cost.zero_when_used",
        },
        commitment_discount_status="'Used'",
    )
    plant(
        "commitment_discount_quantity.not_null_on_commitment",
        "covered",
        commitment_discount_quantity=NULL,
        commitment_discount_unit=NULL,
    )
    plant(
        "commitment_discount_quantity.null_elsewhere",
        "usage",
        commitment_discount_quantity="1",
        commitment_discount_unit="'Hours'",
    )
    plant(
        "charge_category.usage_when_unused",
        "idle",
        {"commitment_discount_quantity.null_elsewhere"},
        charge_category="'Adjustment'",
    )
    plant("billed_cost.zero_when_unused", "idle", billed_cost="2")
    plant("billed_cost.zero_when_used", "covered", billed_cost="8")
    plant("effective_cost.zero_on_commitment_purchase", "fee", effective_cost="10")
    plant("pricing_category.committed_under_commitment", "covered", pricing_category="'Standard'")
    plant("pricing_category.committed_names_commitment", "usage", pricing_category="'Committed'")
    plant("pricing_category.standard_on_commitment_purchase", "fee", pricing_category="'Committed'")
    plant("resource_id.commitment_on_its_purchase", "fee", resource_id="'i-0abc'")
    plant("charge_frequency.not_usage_based_on_purchase", "fee", charge_frequency="'Usage-Based'")


def _texts(plant) -> None:
    for column, charge in (("pricing_unit", "usage"), ("consumed_unit", "usage")):
        plant(f"{column}.unit_format", charge, **{column: "'Hrs'"})
    plant(
        "commitment_discount_unit.unit_format",
        "covered",
        {"commitment_discount_unit.one_per_commitment"},
        commitment_discount_unit="'hours'",
    )
    for column, charge in (
        ("allocated_method_details", "share"),
        ("contract_applied", "reserved"),
        ("commitment_program_eligibility_details", "reserved"),
    ):
        plant(f"{column}.json_object", charge, {f"{column}.json_list"}, **{column: "'{broken'"})
        plant(f"{column}.json_list", charge, **{column: """'{"Elements": {}}'"""})
    plant(
        "sku_price_details.json_object",
        "usage",
        {"sku_price_details.known_keys", "sku_price_details.no_nested_value"},
        sku_price_details="'GpuCount=8'",
    )
    plant("sku_price_details.known_keys", "usage", sku_price_details="""'{"gpu_count": 8}'""")
    plant(
        "sku_price_details.no_nested_value",
        "usage",
        sku_price_details="""'{"x_Disks": [1, 2], "GpuCount": 8}'""",
    )
    plant("tags.no_nested_value", "usage", tags="""map {'team': '{"name": "vision"}'}""")
    plant("allocated_tags.no_nested_value", "share", allocated_tags="map {'a': '[1]'}")
    plant("billing_currency.iso_4217", "usage", billing_currency="'usd'")
    plant("text_columns.no_placeholder", "usage", invoice_id="'Not Applicable'")
    plant("x_text_columns.no_placeholder", "usage", x_operation="''")


def _keys(plant) -> None:
    plant(
        "service_category.one_per_service",
        "usage",
        {"service_subcategory.one_per_service"},
        service_category="'Storage'",
        service_subcategory="'Block Storage'",
    )
    plant("service_subcategory.one_per_service", "usage", service_subcategory="'Containers'")
    plant("sku_id.one_per_sku_price", "usage", sku_id="'SKU2'")
    plant(
        "commitment_discount_unit.one_per_commitment",
        "covered",
        commitment_discount_unit="'Hours'",
    )
    plant("region_name.one_per_region", "usage", region_name="'N. Virginia'")
    plant("row.unique", "usage", x_source_row="2")
