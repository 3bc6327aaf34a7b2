-- One row per source, billing period, currency, provider, subject and native term for which a
-- charge found no FOCUS word: rows and cost. Read once per changed period.
with charges as (

    select * from {{ ref('cost_and_usage') }}
    where
        {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
        and x_source_part <> 'rounding'

),

-- A mapping leaves NULL what it cannot translate, or says in x_source_changes that it kept the
-- provider's word.
judged as (

    select
        *,
        service_category is null as lacks_category,
        service_category is not null and service_subcategory is null as lacks_subcategory,
        coalesce(x_source_changes like '%region_unmapped%', false)
        or (region_id is not null and region_name is null)
        or coalesce(
            region_name = region_id and x_source_kind not in ('focus', 'on_prem_rate_card'), false
        ) as lacks_region,
        coalesce(x_source_changes like '%pricing_unit_unmapped%', false)
        or (pricing_quantity is not null and pricing_unit is null) as lacks_unit,
        resource_id is not null and resource_type is null as lacks_resource_type
    from charges

),

-- Grouped before it is split by subject: hundreds of rows instead of the bill.
grouped as (

    select
        x_source_name as source_name,
        x_billing_period as billing_period,
        billing_currency,
        service_provider_name,
        coalesce(x_service_code, service_name) as service_term,
        region_id,
        pricing_unit,
        lacks_category,
        lacks_subcategory,
        lacks_region,
        lacks_unit,
        lacks_resource_type,
        min(coalesce(sku_meter, charge_description)) as example,
        count(*) as charge_rows,
        sum(abs(effective_cost)) as cost
    from judged
    where
        lacks_category or lacks_subcategory or lacks_region or lacks_unit or lacks_resource_type
    group by
        x_source_name, x_billing_period, billing_currency, service_provider_name,
        coalesce(x_service_code, service_name), region_id, pricing_unit, lacks_category,
        lacks_subcategory, lacks_region, lacks_unit, lacks_resource_type

),

terms as (

    {% for subject, lacks, term in [
        ('service category', 'lacks_category', 'service_term'),
        ('service subcategory', 'lacks_subcategory', 'service_term'),
        ('region', 'lacks_region', 'region_id'),
        ('pricing unit', 'lacks_unit', 'pricing_unit'),
        ('resource type', 'lacks_resource_type', 'service_term'),
    ] -%}
    select
        source_name, billing_period, billing_currency, service_provider_name,
        '{{ subject }}' as subject, {{ term }} as term, example, charge_rows, cost
    from grouped
    where {{ lacks }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    source_name,
    billing_period,
    billing_currency,
    service_provider_name,
    subject,
    term,
    min(example) as example,
    cast(sum(charge_rows) as bigint) as charge_rows,
    {{ money('sum(cost)') }} as unmapped_cost
from terms
group by source_name, billing_period, billing_currency, service_provider_name, subject, term
