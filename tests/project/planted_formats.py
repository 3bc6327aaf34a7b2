"""Breaks of the rules about formats, JSON and keys; the others are in planted_breaks."""

from __future__ import annotations

NULL = "null"


def plant_texts(plant) -> None:
    """Currencies, units, tags, stand-ins for absent text."""
    for column, charge in (("pricing_unit", "usage"), ("consumed_unit", "usage")):
        plant(f"{column}.unit_format", charge, **{column: "'Hrs'"})
    plant(
        "commitment_discount_unit.unit_format",
        "covered",
        {
            "commitment_discount_unit.currency_when_spend",
            "commitment_discount_unit.one_per_commitment",
        },
        commitment_discount_unit="'hours'",
    )
    plant("tags.no_nested_value", "usage", tags="""map {'team': '{"name": "vision"}'}""")
    plant("allocated_tags.no_nested_value", "share", allocated_tags="map {'a': '[1]'}")
    plant("tags.no_blank_key", "usage", tags="map {'': 'vision'}")
    plant("allocated_tags.no_blank_key", "share", allocated_tags="map {'': 'vision'}")
    # Three capital letters, and no currency.
    plant("billing_currency.iso_4217", "usage", billing_currency="'UST'", invoice_id="'INV-2'")
    plant("text_columns.no_placeholder", "usage", availability_zone="'Not Applicable'")
    plant("x_text_columns.no_placeholder", "usage", x_operation="''")


def plant_json(plant) -> None:
    """JSON objects, their lists and what the elements of a list must say."""
    elements = {
        "allocated_method_details": {"elements"},
        "contract_applied": {"elements", "cost_or_quantity"},
        "commitment_program_eligibility_details": {"elements"},
    }
    for column, charge in (
        ("allocated_method_details", "share"),
        ("contract_applied", "reserved"),
        ("commitment_program_eligibility_details", "reserved"),
    ):
        also = {f"{column}.{rule}" for rule in {"json_list"} | elements[column]}
        plant(f"{column}.json_object", charge, also, **{column: "'{broken'"})
        plant(f"{column}.json_list", charge, **{column: """'{"Elements": {}}'"""})
    for name, element in (
        ("allocated_method_details.elements", '{"AllocatedRatio": 1.5}'),
        ("contract_applied.elements", '{"ContractId": "c1", "ContractCommitmentAppliedCost": 1}'),
        (
            "contract_applied.cost_or_quantity",
            '{"ContractId": "c1", "ContractCommitmentId": "cc1",'
            ' "ContractCommitmentAppliedCost": 1, "ContractCommitmentAppliedQuantity": 1,'
            ' "ContractCommitmentAppliedUnit": "Hours"}',
        ),
    ):
        column = name.partition(".")[0]
        charge = "share" if column == "allocated_method_details" else "reserved"
        plant(name, charge, **{column: f"""'{{"Elements": [{element}]}}'"""})
    plant(
        "commitment_program_eligibility_details.elements",
        "reserved",
        commitment_program_eligibility_details=(
            """'{"CommitmentPrograms": [{"ProgramType": "Spend"}, {"Name": "EDP"}]}'"""
        ),
    )
    plant(
        "sku_price_details.json_object",
        "usage",
        {"sku_price_details.known_keys", "sku_price_details.no_nested_value"},
        sku_price_details="'GpuCount=8'",
    )
    plant("sku_price_details.known_keys", "usage", sku_price_details="""'{"gpu_count": 8}'""")
    plant("sku_price_details.value_types", "usage", sku_price_details="""'{"GpuCount": "8"}'""")
    plant(
        "sku_price_details.no_nested_value",
        "usage",
        sku_price_details="""'{"x_Disks": [1, 2], "GpuCount": 8}'""",
    )


def plant_keys(plant) -> None:
    """Keys that have one value each, and rows that are there once."""
    plant(
        "service_category.one_per_service",
        "usage",
        {"service_subcategory.one_per_service"},
        service_category="'Storage'",
        service_subcategory="'Block Storage'",
    )
    plant("service_subcategory.one_per_service", "usage", service_subcategory="'Containers'")
    # A SKU of its own, so that it may have any meter.
    plant("sku_id.one_per_sku_price", "usage", sku_id="'SKU2'")
    plant("sku_meter.one_per_sku", "usage", sku_meter="'EBS:VolumeUsage'")
    plant(
        "commitment_discount_unit.one_per_commitment",
        "covered",
        commitment_discount_unit="'EUR'",
    )
    plant(
        "commitment_discount_category.one_per_commitment",
        "covered",
        commitment_discount_category="'Usage'",
    )
    plant(
        "commitment_discount_type.one_per_commitment",
        "covered",
        commitment_discount_type="'Reserved Instance'",
    )
    plant("billing_account_type.one_per_account", "usage", billing_account_type="'Profile'")
    plant("sub_account_type.one_per_account", "usage", sub_account_type="'Project'")
    plant("billing_currency.one_per_invoice", "usage", billing_currency="'GBP'")
    plant("invoice_issuer_name.one_per_invoice", "usage", invoice_issuer_name="'AWS'")
    plant(
        "billing_account_id.one_per_invoice",
        "usage",
        billing_account_id="'999988887777'",
    )
    plant("region_name.one_per_region", "usage", region_name="'N. Virginia'")
    plant("row.unique", "usage", x_source_row="2")
