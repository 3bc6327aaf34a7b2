"""Flat text of the Google Cloud billing export, and placeholders of the statement over it."""

from __future__ import annotations

#: The columns of the detailed export; those with fields come out as `outer.inner`.
COLUMNS: dict[str, tuple[str, ...]] = {
    "billing_account_id": (),
    "service": ("id", "description"),
    "sku": ("id", "description"),
    "usage_start_time": (),
    "usage_end_time": (),
    "project": ("id", "number", "name", "labels", "ancestry_numbers", "ancestors"),
    "labels": (),
    "system_labels": (),
    "location": ("location", "country", "region", "zone"),
    "resource": ("name", "global_name"),
    "tags": (),
    "price": (
        "effective_price",
        "tier_start_amount",
        "unit",
        "pricing_unit_quantity",
        "list_price",
        "effective_price_default",
        "list_price_consumption_model",
    ),
    "subscription": ("instance_id",),
    "transaction_type": (),
    "seller_name": (),
    "export_time": (),
    "cost": (),
    "currency": (),
    "currency_conversion_rate": (),
    "usage": ("amount", "unit", "amount_in_pricing_units", "pricing_unit"),
    "credits": (),
    "invoice": ("month", "publisher_type"),
    "cost_type": (),
    "adjustment_info": ("id", "description", "mode", "type"),
    "cost_at_list": (),
    "consumption_model": ("id", "description", "applied_subscription_instance_id"),
    "cost_at_effective_price_default": (),
    "cost_at_list_consumption_model": (),
}


def json_source(files: list[str]) -> str:
    """All fields of JSON Lines files as flat text; lists stay JSON text."""
    types = ", ".join(
        f"'{name}': '{_struct(fields) if fields else 'VARCHAR'}'"
        for name, fields in COLUMNS.items()
    )
    flat = ", ".join(
        f'{name}.{field} as "{name}.{field}"' if field else name
        for name, fields in COLUMNS.items()
        for field in fields or ("",)
    )
    return f"select {flat} from read_json({files!r}, format = 'nd', columns = {{{types}}})"


def _struct(fields: tuple[str, ...]) -> str:
    return f"STRUCT({', '.join(f'{field} VARCHAR' for field in fields)})"


def placeholders(source: str) -> dict[str, str]:
    """Casts of text; a moment ends in UTC."""

    def moment(column: str) -> str:
        return f"cast(left({column}, 19) as timestamp)"

    def decimal(column: str, precision: int, scale: int) -> str:
        return f"cast({column} as decimal({precision}, {scale}))"

    def pairs(column: str, prefix: str) -> str:
        read = f"""from_json({column}, '[{{"key":"VARCHAR","value":"VARCHAR"}}]')"""
        pair = f"lambda p: struct_pack(k := '{prefix}' || p.key, v := p.value)"
        return f"coalesce(list_transform({read}, {pair}), [])"

    return {
        "source": source,
        "cost": decimal("cost", 38, 16),
        "list_cost": decimal("cost_at_list", 38, 16),
        "default_cost": decimal("cost_at_effective_price_default", 38, 16),
        "pricing_amount": decimal('"usage.amount_in_pricing_units"', 26, 12),
        "list_price": decimal('"price.list_price"', 38, 18),
        "default_price": decimal('"price.effective_price_default"', 38, 18),
        "block_size": 'coalesce(cast("price.pricing_unit_quantity" as double), 1)',
        "conversion_rate": "cast(currency_conversion_rate as double)",
        "month": "strptime(\"invoice.month\" || '01', '%Y%m%d')",
        "usage_start": moment("usage_start_time"),
        "usage_end": moment("usage_end_time"),
        "pairs_labels": pairs("labels", ""),
        "pairs_project": pairs('"project.labels"', "project:"),
        "pairs_tags": pairs("tags", "tag:"),
    }
