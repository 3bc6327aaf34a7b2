"""For each FOCUS rule that rows or keys can break, a change to one healthy charge that breaks it.

Each broken rule gets a source of its own: all healthy charges with this one changed.
"""

from __future__ import annotations

from tests.project.planted_formats import NULL, plant_json, plant_keys, plant_texts

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
    plant_texts(plant)
    plant_json(plant)
    plant_keys(plant)
    return found


def _presence(plant) -> None:
    plant("billed_cost.not_null", "reserved", billed_cost=NULL)
    plant(
        "effective_cost.not_null",
        "reserved",
        {"pricing_currency_effective_cost.equal_in_one_currency"},
        effective_cost=NULL,
    )
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
    plant("billing_account_type.not_null", "usage", billing_account_type=NULL)
    plant("charge_description.not_null", "usage", charge_description=NULL)
    plant(
        "pricing_currency.not_null",
        "tax",
        {"pricing_currency_effective_cost.null_without_pricing_currency"},
        pricing_currency=NULL,
    )
    plant("pricing_currency_effective_cost.not_null", "usage", pricing_currency_effective_cost=NULL)
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
    for price in ("list_unit_price", "contracted_unit_price"):
        for column in (price, f"pricing_currency_{price}"):
            plant(f"{column}.not_null_when_sold", "usage", **{column: NULL})
    plant(
        "charge_category.allowed",
        "usage",
        {"consumed_quantity.null_without_usage"},
        charge_category="'usage'",
    )
    plant("charge_class.allowed", "correction", charge_class="'Fixed'")
    plant("charge_frequency.allowed", "usage", charge_frequency="'Usage-based'")
    plant(
        "commitment_discount_category.allowed",
        "covered",
        {"commitment_discount_category.one_per_commitment"},
        commitment_discount_category="'SP'",
    )
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
    for column, other in (
        ("resource_type", "resource_id"),
        ("sub_account_name", "sub_account_id"),
        ("sub_account_type", "sub_account_id"),
        ("sku_meter", "sku_id"),
    ):
        plant(f"{column}.not_null_with_{other}", "usage", **{column: NULL})
    plant(
        "allocated_resource_id.null_with_allocated_method_id",
        "usage",
        allocated_resource_id="'pod-1'",
    )
    plant("resource_name.not_a_copy_of_id", "usage", resource_name="'i-0abc'")
    plant("invoice_detail_id.null_without_invoice_id", "usage", invoice_id=NULL)
    for column, other, charge in (
        ("commitment_discount_name", "commitment_discount_id", "usage"),
        ("capacity_reservation_status", "capacity_reservation_id", "usage"),
        ("resource_name", "resource_id", "tax"),
        ("resource_type", "resource_id", "tax"),
        ("sub_account_name", "sub_account_id", "tax"),
        ("sub_account_type", "sub_account_id", "tax"),
        ("sku_meter", "sku_id", "tax"),
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
        "tax",
        {"pricing_currency.not_null"},
        pricing_currency=NULL,
    )
    for price in ("list", "contracted"):
        column = f"pricing_currency_{price}_unit_price"
        plant(
            f"{column}.null_without_pricing_currency",
            "credit",
            {
                "pricing_currency.not_null",
                "pricing_currency_effective_cost.null_without_pricing_currency",
            },
            pricing_currency=NULL,
            **{column: "1"},
        )
        plant(f"{column}.null_on_tax", "tax", **{column: "1"})
    plant("sku_id.null_on_tax", "tax", {"sku_meter.not_null_with_sku_id"}, sku_id="'SKU1'")
    plant(
        "sku_price_id.null_on_tax",
        "tax",
        {"sku_id.null_on_tax", "sku_meter.not_null_with_sku_id"},
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
    for column in (
        "pricing_currency_effective_cost",
        "pricing_currency_list_unit_price",
        "pricing_currency_contracted_unit_price",
    ):
        plant(f"{column}.equal_in_one_currency", "reserved", **{column: "1"})
    for cost in ("list_cost", "contracted_cost"):
        plant(f"{cost}.equals_billed_cost_on_credit", "credit", **{cost: "-2"})
    plant(
        "contracted_cost.not_above_list_cost",
        "usage",
        contracted_cost="12",
        contracted_unit_price="6",
    )
    plant("billed_cost.zero_when_seller_invoices", "seller", billed_cost="10", effective_cost="10")
    plant(
        "charge_class.null_in_its_own_period",
        "correction",
        charge_period_start="timestamp '2026-05-03 07:00'",
        charge_period_end="timestamp '2026-05-03 08:00'",
    )
    plant("consumed_quantity.agrees_with_pricing_quantity", "usage", consumed_quantity="1")
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
            "resource_id.not_commitment_when_used",
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
    plant(
        "commitment_discount_unit.currency_when_spend",
        "covered",
        {"commitment_discount_unit.one_per_commitment"},
        commitment_discount_unit="'Hours'",
    )
    plant("resource_id.commitment_on_its_purchase", "fee", resource_id="'i-0abc'")
    plant("resource_id.commitment_when_unused", "idle", resource_id="'i-0abc'")
    plant("resource_id.not_commitment_when_used", "covered", resource_id="'arn:sp/1'")
    plant("charge_frequency.not_usage_based_on_purchase", "fee", charge_frequency="'Usage-Based'")
