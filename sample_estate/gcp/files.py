"""Writes the bill as files extracted from the BigQuery table: JSONL shards or nested Parquet."""

from __future__ import annotations

from pathlib import Path

from sample_estate.context import EstateContext
from sample_estate.engine import literal
from sample_estate.gcp.streams import FLEX_CUD, ORGANISATION

_ORGANISATION_ID, _ORGANISATION_NAME = ORGANISATION
#: Base units of an amount in pricing units; gibibytes are 2^30 bytes, a month has 730 hours.
_BASE = """
    case pricing_unit
        when 'hour' then 3600
        when 'gibibyte hour' then 1073741824::bigint * 3600
        when 'gibibyte month' then 1073741824::bigint * 3600 * 730
        when 'gibibyte' then 1073741824
        when 'tebibyte' then 1099511627776
        else 1
    end
"""


def nested_rows(account: str, where: str, as_text: bool) -> str:
    """SQL of one account's rows in the shape of the detailed export.

    ``as_text``: timestamps and NUMERIC columns as BigQuery writes them to JSON.
    """

    def moment(column: str) -> str:
        if as_text:
            return f"strftime({column}, '%Y-%m-%d %H:%M:%S UTC')"
        return f"cast({column} as timestamptz)"

    def numeric(column: str) -> str:
        if as_text:
            return f"rtrim(rtrim(cast({column} as varchar), '0'), '.')"
        return f"cast({column} as decimal(38, 9))"

    pairs = "coalesce({0}, cast([] as struct(key varchar, value varchar)[]))"
    return f"""
        select
            account as billing_account_id,
            {{'id': service_id, 'description': service}} as service,
            {{'id': sku_id, 'description': description}} as sku,
            {moment("start_at")} as usage_start_time,
            {moment("end_at")} as usage_end_time,
            {{
                'id': project_id, 'number': project_number, 'name': project_name,
                'labels': {pairs.format("project_labels")},
                'ancestry_numbers': case
                    when project_id is not null
                        then '/' || split_part('{_ORGANISATION_ID}', '/', 2) || '/'
                        || substr(project_number, 1, 9) || '/'
                end,
                'ancestors': case when project_id is not null then [
                    {{'resource_name': 'projects/' || project_number,
                      'display_name': project_name}},
                    {{'resource_name': 'folders/' || substr(project_number, 1, 9),
                      'display_name': folder}},
                    {{'resource_name': '{_ORGANISATION_ID}',
                      'display_name': '{_ORGANISATION_NAME}'}}
                ] else [] end
            }} as project,
            {pairs.format("labels")} as labels,
            case when machine is not null then [
                {{'key': 'compute.googleapis.com/machine_spec', 'value': machine}}
            ] else [] end as system_labels,
            {{
                'location': location,
                'country': case when location like 'us%' then 'US' end,
                'region': region,
                'zone': case when location <> region then location end
            }} as location,
            {{
                'name': resource,
                'global_name': case when resource is not null then
                    '//' || lower(replace(service, ' ', '')) || '.googleapis.com/projects/'
                    || project_id || '/locations/' || location || '/' || collection || '/'
                    || resource
                end
            }} as resource,
            case when tags is not null and len(tags) > 0 then [
                {{'key': entry.key, 'value': entry.value, 'inherited': false,
                  'namespace': '{_ORGANISATION_ID}'}} for entry in tags
            ] else [] end as tags,
            {{
                'effective_price': {numeric("price")},
                'tier_start_amount': case when price is not null then {numeric("0.0")} end,
                'unit': pricing_unit,
                'pricing_unit_quantity': case when price is not null then {numeric("block / 1.0")}
                    end,
                'list_price': {numeric("list_price")},
                'effective_price_default': {numeric("default_price")},
                'list_price_consumption_model': {numeric("list_price")}
            }} as price,
            {{'instance_id': subscription}} as subscription,
            case when seller like 'Google%' then 'GOOGLE' else 'THIRD_PARTY_RESELLER' end
                as transaction_type,
            seller as seller_name,
            {moment("exported_at")} as export_time,
            cast(cost as double) as cost,
            currency,
            cast(rate as double) as currency_conversion_rate,
            {{
                'amount': cast(quantity * {_BASE} as double), 'unit': usage_unit,
                'amount_in_pricing_units': cast(quantity as double),
                'pricing_unit': pricing_unit
            }} as usage,
            coalesce([
                {{'name': entry.name, 'amount': cast(entry.amount as double),
                  'full_name': entry.full_name, 'id': entry.id, 'type': entry.type}}
                for entry in credits
            ], []) as credits,
            {{'month': invoice_month, 'publisher_type': case
                when seller like 'Google%' then 'GOOGLE' else 'PARTNER' end}} as invoice,
            cost_type,
            {{
                'id': case when adjustment is not null
                    then hex_id(adjustment || invoice_month, 16) end,
                'description': case adjustment
                    when 'PRICE_CORRECTION' then 'Contract price applied late'
                    when 'GENERAL_ADJUSTMENT' then 'Goodwill'
                end,
                'mode': case when adjustment is not null then 'PARTIAL_CORRECTION' end,
                'type': adjustment
            }} as adjustment_info,
            cast(list_cost as double) as cost_at_list,
            {{
                'id': case when flexible then 'F1X7-0C2B-99A4' when price is not null
                    then '7754-699E-0EBF' end,
                'description': case when flexible then 'Compute Flexible CUD 1 Year'
                    when price is not null then 'Default' end,
                'applied_subscription_instance_id':
                    case when flexible then '{FLEX_CUD}' end
            }} as consumption_model,
            cast(default_cost as double) as cost_at_effective_price_default,
            cast(list_cost as double) as cost_at_list_consumption_model
        from gcp_bill
        where account = {literal(account)} and {where}
        order by exported_at, start_at, description, project_id, resource, labels
    """


def write_delivery(
    estate: EstateContext, folder: Path, account: str, delivery: str, file_format: str
) -> int:
    """Write one month's export run and return its rows; JSONL comes in two shards."""
    where = f"delivery = '{delivery}'"
    target = folder / delivery
    target.mkdir(parents=True, exist_ok=True)
    if file_format == "parquet":
        path = target / "billing-000000000000.parquet"
        query = nested_rows(account, where, as_text=False)
        estate.con.execute(f"copy ({query}) to {literal(path)} (format parquet)")
    else:
        for shard in (0, 1):
            path = target / f"billing-{shard:012d}.jsonl.gz"
            parity = "coalesce(stream, 0) // 1000 % 2"
            query = nested_rows(account, f"{where} and {parity} = {shard}", as_text=True)
            estate.con.execute(f"copy ({query}) to {literal(path)} (format json, compression gzip)")
    counted = estate.con.execute(
        f"select count(*) from gcp_bill where account = {literal(account)} and {where}"
    ).fetchone()
    return int(counted[0])
