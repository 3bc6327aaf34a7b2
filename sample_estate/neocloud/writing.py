"""``corvid_rows`` as the vendor writes them: FOCUS 1.2, csv.gz, with its small liberties.

Casing (`Usage-based`), `N/A` for a missing zone, blanks in timestamps, token keys of a draft of
1.5 and two x_ columns, of which only one is known to readers.
"""

from __future__ import annotations

from pathlib import Path

from sample_estate.clock import Month
from sample_estate.context import EstateContext
from sample_estate.neocloud.rows import COMMITMENT

ISSUER = "Corvid Compute GmbH"
# One month is written with blanks instead of T and Z.
TIME_FORMATS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ")


def write_month(estate: EstateContext, month: Month, folder: Path) -> None:
    """One month of Cost and Usage."""
    target = folder / "cost_and_usage" / f"billing_period={month.name}"
    target.mkdir(parents=True, exist_ok=True)
    invoice = f"'{invoice_id(month)}'" if estate.is_closed(month) else "null"
    written = TIME_FORMATS[month.index % len(TIME_FORMATS)]
    select = _SELECT.format(
        invoice=invoice,
        commitment=COMMITMENT,
        issuer=ISSUER,
        first=month.start,
        next=month.end,
        month=month.name,
        time=written,
    )
    estate.con.execute(
        f"copy ({select}) to '{target / 'cost_and_usage-00001.csv.gz'}' "
        "(format csv, header, compression gzip)"
    )


def invoice_id(month: Month) -> str:
    """The number of a month's invoice."""
    return f"CCI-{month.name}-0917"


_SELECT = """
    select
        case
            when sku is null or resource_id = '{commitment}' then null
            when service_category = 'Compute' then 'eu-de-1b'
            when sku <> 'support' then 'N/A'
        end as "AvailabilityZone",
        billed_cost as "BilledCost",
        billing_account_id as "BillingAccountId",
        'Halden AI' as "BillingAccountName",
        'Organisation' as "BillingAccountType",
        'EUR' as "BillingCurrency",
        strftime(timestamp '{next}', '{time}') as "BillingPeriodEnd",
        strftime(timestamp '{first}', '{time}') as "BillingPeriodStart",
        null as "CapacityReservationId",
        null as "CapacityReservationStatus",
        charge_category as "ChargeCategory",
        charge_class as "ChargeClass",
        description as "ChargeDescription",
        replace(charge_frequency, 'Usage-Based', 'Usage-based') as "ChargeFrequency",
        strftime(period_end, '{time}') as "ChargePeriodEnd",
        strftime(period_start, '{time}') as "ChargePeriodStart",
        case when is_committed then 'Usage' end as "CommitmentDiscountCategory",
        case when is_committed then '{commitment}' end as "CommitmentDiscountId",
        case when is_committed then 'H100 nodes 2026' end as "CommitmentDiscountName",
        case when is_committed then quantity end as "CommitmentDiscountQuantity",
        commitment_status as "CommitmentDiscountStatus",
        case when is_committed then 'Reserved Nodes' end as "CommitmentDiscountType",
        case when is_committed then 'Hours' end as "CommitmentDiscountUnit",
        case when is_consumed then cast(quantity * block_size as decimal(28,6)) end
            as "ConsumedQuantity",
        case when is_consumed then consumed_unit end as "ConsumedUnit",
        contracted_cost as "ContractedCost",
        rows.contracted_price as "ContractedUnitPrice",
        effective_cost as "EffectiveCost",
        {invoice} as "InvoiceId",
        '{issuer}' as "InvoiceIssuerName",
        list_cost as "ListCost",
        rows.list_price as "ListUnitPrice",
        pricing_category as "PricingCategory",
        'EUR' as "PricingCurrency",
        rows.contracted_price as "PricingCurrencyContractedUnitPrice",
        effective_cost as "PricingCurrencyEffectiveCost",
        rows.list_price as "PricingCurrencyListUnitPrice",
        quantity as "PricingQuantity",
        case when quantity is not null then pricing_unit end as "PricingUnit",
        'Corvid Compute' as "ProviderName",
        'Corvid Compute' as "PublisherName",
        case when sku <> 'support' then 'eu-de-1' end as "RegionId",
        case when sku <> 'support' then 'Frankfurt' end as "RegionName",
        resource_id as "ResourceId",
        case when resource_id <> '{commitment}' then split_part(resource_id, '/', 2) end
            as "ResourceName",
        case
            when resource_id = '{commitment}' then 'Commitment'
            when resource_id is not null then resource_type
        end as "ResourceType",
        coalesce(service_category, 'Other') as "ServiceCategory",
        coalesce(service_name, 'Corvid Account') as "ServiceName",
        coalesce(service_subcategory, 'Other (Other)') as "ServiceSubcategory",
        sku as "SkuId",
        sku_meter as "SkuMeter",
        sku_price_details as "SkuPriceDetails",
        case
            when charge_category = 'Purchase' and is_committed then sku || '-fee'
            when is_committed then sku || '-1y' else sku || '-od'
        end as "SkuPriceId",
        project as "SubAccountId",
        'halden-' || project as "SubAccountName",
        case when project is not null then 'Project' end as "SubAccountType",
        tags as "Tags",
        case when resource_id <> '{commitment}' then instance_type end as "x_InstanceType",
        case when instance_type is not null then 'pool-' || (1 + number % 3) end as "x_NodePool"
    from (
        select
            *,
            commitment_status is not null
            or (charge_category = 'Purchase' and resource_id = '{commitment}') as is_committed,
            charge_category = 'Usage' and charge_class is null
            and commitment_status is distinct from 'Unused' as is_consumed
        from corvid_rows
        where month = '{month}'
    ) as rows
    left join corvid_prices using (sku)
    order by number, period_start, charge_kind
"""
