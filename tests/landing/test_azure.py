"""Azure exports as they land: two files per month, layouts, header dialects, dates, refusals."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.landing.azure_bills import Row, actual, amortized, charge, run, text_of, write

ROWS = "raw_azure.cost_details"


@pytest.fixture
def exports(house) -> Path:
    house.export("azure", "azure_cost_details", "./cost")
    return house.folder / "cost"


def totals(house) -> list[tuple[Any, ...]]:
    return house.query(
        f"select _dataset, count(*), sum(cost_in_billing_currency) from {ROWS} group by all "
        "order by all"
    )


BOTH = [("actual", 5, Decimal("9.75")), ("amortized", 5, Decimal("9.75"))]


# ---- the two files -----------------------------------------------------------------------------


def test_manifests_tell_actual_from_amortized(house, exports):
    run(exports / "a", {"part_0_0001.csv": actual()})
    run(exports / "b", {"part_0_0001.csv": amortized()}, kind="AmortizedCost")
    report = house.land()
    assert report.refusals == []
    assert totals(house) == BOTH


def test_names_tell_actual_from_amortized_even_without_commitments(house, exports):
    plain = [charge(1), charge(2)]
    write(exports / "halden-ActualCost.csv", plain)
    write(exports / "halden-AmortizedCost.csv", plain)
    assert house.land().refusals == []
    assert totals(house) == [("actual", 2, Decimal("0.5")), ("amortized", 2, Decimal("0.5"))]


def test_content_tells_actual_from_amortized(house, exports):
    write(exports / "one.csv", actual())
    write(exports / "two.csv", amortized())
    assert house.land().refusals == []
    assert totals(house) == BOTH


def test_both_files_are_never_added_up(house, exports):
    run(exports / "a", {"part_0_0001.csv": actual()})
    run(exports / "b", {"part_0_0001.csv": amortized()}, kind="AmortizedCost")
    house.land()
    counted = house.query(
        "select counts_as, sum(landed_cost) from raw_ops.delivery_totals where is_current "
        "group by all order by all"
    )
    assert counted == [("billed", Decimal("9.75")), ("effective", Decimal("9.75"))]


# ---- layouts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("stamp", ["", "202606020500"])
def test_parts_of_a_run_add_up(house, exports, stamp):
    run(
        exports / "a",
        {"part_0_0001.csv": actual()[:2], "part_1_0001.csv": actual()[2:]},
        stamp=stamp,
    )
    assert house.land().refusals == []
    assert totals(house)[0] == BOTH[0]


def test_the_run_that_was_asked_for_last_counts(house, exports):
    for day, cost, run_id in (("04", "1", "f"), ("28", "2", "a"), ("15", "3", "z")):
        run(
            exports / "a",
            {"part_0_0001.csv": [charge(1, cost=cost)]},
            submitted=f"2026-05-{day}T05:00:00Z",
            run_id=run_id,
        )
    house.land()
    assert totals(house) == [("actual", 1, Decimal("2"))]


def test_run_folders_without_manifest_are_ordered_by_their_time(house, exports):
    for stamp, cost in (("202605040500", "1"), ("202605280500", "2")):
        write(
            exports / "actual" / "20260501-20260531" / stamp / "guid" / "part_0_0001.csv",
            [charge(1, cost=cost)],
        )
    assert house.land().refusals == []
    assert totals(house) == [("actual", 1, Decimal("2"))]


def test_a_classic_file_lands_by_its_month_folder(house, exports):
    guid = "a243c6f2-199f-4074-9a2c-40e671cf1584"
    write(exports / "20260501-20260531" / f"costs_{guid}.csv", [charge(1)])
    write(exports / "20260601-20260630" / f"costs_{guid}.csv", [charge(1, day="2026-06-02")])
    assert house.land().refusals == []
    assert house.query(f"select _billing_period, count(*) from {ROWS} group by 1 order by 1") == [
        ("2026-05", 1),
        ("2026-06", 1),
    ]


def test_two_classic_files_of_a_month_are_refused(house, exports):
    for guid in ("aaaa", "bbbb"):
        write(exports / "20260501-20260531" / f"costs_{guid}.csv", [charge(1)])
    refusal = house.refused()
    assert "nothing says which is newest" in refusal
    assert "costs_aaaa.csv, costs_bbbb.csv" in refusal
    assert "keep the newest only" in refusal


def test_a_run_that_lacks_a_part_waits(house, exports):
    run(
        exports / "a",
        {"part_0_0001.csv": actual()},
        listed=["part_0_0001.csv", "part_1_0001.csv"],
    )
    refusal = house.refused()
    assert "lists 'part_1_0001.csv', which is not there (2 blobs listed)" in refusal


def test_a_file_shorter_than_its_manifest_says_waits(house, exports):
    place = run(exports / "a", {"part_0_0001.csv": actual()})
    file = place / "part_0_0001.csv"
    file.write_bytes(file.read_bytes()[:-40])
    assert "the manifest states" in house.refused()


def test_a_newer_broken_run_leaves_the_older_one(house, exports):
    run(exports / "a", {"part_0_0001.csv": [charge(1)]}, submitted="2026-05-04T05:00:00Z")
    run(
        exports / "a",
        {"part_0_0001.csv": [charge(1)]},
        submitted="2026-05-05T05:00:00Z",
        run_id="later",
        listed=["part_0_0009.csv"],
    )
    report = house.land()
    assert len(report.refusals) == 1
    assert totals(house) == [("actual", 1, Decimal("0.25"))]


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("FocusCost", "kind: focus"),
        ("PriceSheet", "kind: azure_price_sheet"),
        ("ReservationTransactions", "leave it out of `location`"),
    ],
)
def test_exports_of_another_type_say_where_they_belong(house, exports, kind, remedy):
    run(exports / "a", {"part_0_0001.csv": actual()}, kind=kind)
    refusal = house.refused()
    assert f"of type {kind}" in refusal and remedy in refusal


@pytest.mark.parametrize("name", ["part_0_0001.csv", "part_0_0001.csv.gz", "part_0_0001.parquet"])
def test_every_format_lands_the_same_bill(house, exports, name):
    run(exports / "a", {name: actual()})
    assert house.land().refusals == []
    assert totals(house)[0] == BOTH[0]


# ---- header dialects and dates ----------------------------------------------------------------

LEGACY = [
    "SubscriptionGuid",
    "UsageDateTime",
    "MeterCategory",
    "UsageQuantity",
    "PreTaxCost",
    "InstanceId",
    "Tags",
    "Currency",
]
GERMAN = [
    "Abonnement-GUID (SubscriptionGuid)",
    "UsageDateTime (UsageDateTime)",
    "Kategorie der Verbrauchseinheit (MeterCategory)",
    "UsageQuantity (UsageQuantity)",
    "PreTaxCost (PreTaxCost)",
    "InstanceId (InstanceId)",
    "Tags (Tags)",
    "Currency",
]
FRENCH = [
    "GUID d'abonnement (SubscriptionGuid)",
    "Date (UsageDateTime)",
    "Catégorie du compteur (MeterCategory)",
    "Quantité (UsageQuantity)",
    "Coût avant impôt (PreTaxCost)",
    "Instance (InstanceId)",
    "Balises (Tags)",
    "Devise (Currency)",
]
EA = [
    "SubscriptionId",
    "Date",
    "MeterCategory",
    "Quantity",
    "Cost",
    "ResourceId",
    "Tags",
    "BillingCurrencyCode",
]
CAMEL = [
    "subscriptionGuid",
    "usageDateTime",
    "meterCategory",
    "quantity",
    "preTaxCost",
    "resourceId",
    "tags",
    "currency",
]
MIXED = [
    "subscriptionId",
    "date",
    "meterCategory",
    "UsageQuantity (UsageQuantity)",
    "costInBillingCurrency",
    "InstanceName",
    "tags",
    "Currency",
]
VALUES = ["0042", "2026-05-03", "Bandwidth", "4.2", "0.05", "/subscriptions/0042", "", "EUR"]


@pytest.mark.parametrize("header", [LEGACY, GERMAN, FRENCH, EA, CAMEL, MIXED])
@pytest.mark.parametrize("bom", [False, True])
def test_header_dialects_read_as_one(house, exports, header, bom):
    row = dict(zip(header, VALUES, strict=True))
    write(exports / "bill.csv", [row], bom=bom, line_end="\r\n")
    assert house.land().refusals == []
    assert house.query(
        f"""
        select subscription_id, cast(date as varchar), meter_category, quantity,
            cost_in_billing_currency, resource_id, billing_currency
        from {ROWS}
        """
    ) == [
        (
            "0042",
            "2026-05-03 00:00:00",
            "Bandwidth",
            Decimal("4.2"),
            Decimal("0.05"),
            "/subscriptions/0042",
            "EUR",
        )
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-05-03", "2026-05-29"),
        ("2026-05-03 00:00:00", "2026-05-29 00:00:00"),
        ("05/03/2026", "05/29/2026"),
        ("5/3/2026", "5/29/2026"),
        ("03/05/2026", "29/05/2026"),
        ("03.05.2026", "29.05.2026"),
    ],
)
def test_dates_are_read_by_one_format_per_file(house, exports, first, second):
    rows = [charge(1, date=first), charge(2, date=second)]
    for row in rows:
        del row["billingPeriodStartDate"]
    write(exports / "bill.csv", rows)
    assert house.land().refusals == []
    assert house.query(f"select cast(cast(date as date) as varchar) from {ROWS} order by 1") == [
        ("2026-05-03",),
        ("2026-05-29",),
    ]


def test_a_row_without_a_readable_date_is_held_back(house, exports):
    write(exports / "bill.csv", [charge(1), charge(2, date="soon")])
    report = house.land()
    assert report.refusals == []
    assert totals(house) == [("actual", 1, Decimal("0.25"))]
    [(column, reason)] = house.query("select column_name, reason from raw_ops.quarantined_rows")
    assert column == "date" and "no UTC timestamp" in reason


def test_a_row_without_payer_or_currency_is_held_back(house, exports):
    write(
        exports / "bill.csv",
        [
            charge(1),
            charge(2, billingCurrency=""),
            charge(3, billingProfileId="", SubscriptionId=""),
        ],
    )
    house.land()
    assert totals(house) == [("actual", 1, Decimal("0.25"))]
    assert house.query("select count(*) from raw_ops.quarantined_rows") == [(2,)]


def test_rows_one_field_short_are_refused_whole_not_shifted(house, exports):
    """As a template of another project has it: no bill of one column, no cost in a wrong one."""
    lines = text_of([charge(n) for n in range(1, 30)], line_end="\r\n").split("\r\n")
    short = [lines[0], *(line.rsplit(",", 1)[0] for line in lines[1:] if line)]
    exports.mkdir()
    (exports / "bill.csv").write_bytes("\r\n".join(short).encode() + b"\r\n")
    assert "none of its 29 rows can be landed" in house.refused()
    assert house.query(f"select count(*) from {ROWS}") == [(0,)]


def test_a_bill_without_a_currency_is_refused(house, exports):
    rows = [charge(1)]
    del rows[0]["billingCurrency"]
    write(exports / "bill.csv", rows)
    assert "required column billing_currency is missing" in house.refused()


# ---- price sheets ------------------------------------------------------------------------------


def price(number: int, **changed: Any) -> Row:
    """A price as an EA sheet writes it."""
    return {
        "EnrollmentNumber": "8611537",
        "MeterID": f"meter-{number}",
        "PartNumber": f"AAA-{number:05d}",
        "EffectiveStartDate": "05/01/2026",
        "EffectiveEndDate": "05/31/2026",
        "CurrencyCode": "EUR",
        "UnitOfMeasure": "100 Hours",
        "PriceType": "Consumption",
        "MarketPrice": "2.5",
        "UnitPrice": "2.25",
        **changed,
    }


def test_price_sheets_land_as_prices(house):
    house.export("sheet", "azure_price_sheet", "./prices")
    run(
        house.folder / "prices" / "sheets",
        {"part_0_0001.csv": [price(1), price(2)]},
        kind="PriceSheet",
    )
    assert house.land().refusals == []
    assert house.query(
        """
        select billing_account_id, currency, market_price, unit_price,
            cast(effective_start_date as varchar)
        from raw_azure.prices order by meter_id limit 1
        """
    ) == [("8611537", "EUR", Decimal("2.5"), Decimal("2.25"), "2026-05-01 00:00:00")]
    assert house.query("select distinct counts_as from raw_ops.delivery_totals") == [("prices",)]


def test_a_bill_is_no_price_sheet(house):
    house.export("sheet", "azure_price_sheet", "./prices")
    write(house.folder / "prices" / "bill.csv", actual())
    refusal = house.refused()
    assert "required column currency, effective_start_date, meter_id is missing" in refusal
    assert "set `kind: azure_cost_details`" in refusal


# ---- bills that others wrote -------------------------------------------------------------------

SAMPLES = {
    "ftk_EA_ActualCost_Small.csv": ("actual", 11, "8.54500779"),
    "ftk_EA_AmortizedCost_Small.csv": ("amortized", 28, "16.29693214"),
    "koku_az_azure_camelCased.csv": ("actual", 3, "0.00011016"),
    "koku_az_azure_version_2.csv": ("actual", 5, "19.99841375"),
    "koku_az_costreport_a243c6f2-199f-4074-9a2c-40e671cf1584.csv": ("actual", 3, "0.00011016"),
    "headersets/Enterprise.csv": ("actual", 1, "0"),
    "headersets/EnterpriseCamel.csv": ("actual", 1, "0.012"),
    "headersets/German.csv": ("actual", 1, "0.075"),
    "headersets/PayAsYouGo.csv": ("actual", 1, "0.075"),
    "headersets/YA.csv": ("actual", 1, "0.075"),
    "../nise/azure_costreport_resource_group_variant.csv": ("actual", 248, "38.25029701"),
    "../nise/azure_costreport_v2.csv": ("actual", 155, "21.47691908"),
    "optscale_azure_api_rows.jsonl": ("actual", 110, "52.82555303"),
}
REFUSED = {
    "opencost_template.csv": "required column billing_currency is missing",
    "spruce_native-iso-dates.csv": "required column billing_currency is missing",
    "spruce_native-us-dates.csv": "required column billing_currency is missing",
    "headersets/BOM.csv": "required value is empty in cost_in_billing_currency",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_third_party_bills_land(house, samples, name):
    house.export("azure", "azure_cost_details", samples / "native" / "azure" / name)
    assert house.land().refusals == []
    dataset, count, cost = SAMPLES[name]
    [(found, rows, total)] = totals(house)
    assert (found, rows, round(total, 8)) == (dataset, count, Decimal(cost))


@pytest.mark.parametrize("name", REFUSED)
def test_third_party_bills_that_lack_the_currency_say_so(house, samples, name):
    house.export("azure", "azure_cost_details", samples / "native" / "azure" / name)
    assert REFUSED[name] in house.refused()


def test_every_azure_sample_is_accounted_for(samples):
    folder = samples / "native" / "azure"
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert found == {name for name in {**SAMPLES, **REFUSED} if not name.startswith("..")}
