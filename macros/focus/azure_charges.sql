{#- Exclusive end of the invoice period: the bill names its last day. -#}
{% macro azure_period_end() -%}
    {%- set month = "cast(concat(billing_period, '-01') as timestamp)" -%}
    cast(coalesce(
        {{ dbt.dateadd('day', 1, 'invoice_period_last_day') }},
        {{ dbt.dateadd('month', 1, 'coalesce(billing_period_start, ' ~ month ~ ')') }}
    ) as timestamp)
{%- endmacro %}

{#- How much of a commitment the row bought, used or wasted: money of a savings plan, hours of a
    reservation. A fee buys the hours of its month, or of the whole term when paid at once. -#}
{% macro azure_commitment_quantity() -%}
    case
        when charge_class is not null then null
        when commitment_category = 'Spend' and charge_category = 'Purchase'
            then {{ quantity('billed_cost') }}
        when commitment_category = 'Spend' then {{ quantity('effective_cost') }}
        when charge_category = 'Usage' and commitment_status = 'Used'
            then {{ quantity('single_quantity * coalesce(normalization_ratio, 1)') }}
        when charge_category = 'Usage' then {{ quantity('single_quantity') }}
        when charge_frequency = 'Recurring'
            then {{ quantity('quantity * ' ~ dbt.datediff(
                "cast(concat(billing_period, '-01') as timestamp)",
                dbt.dateadd('month', 1, "cast(concat(billing_period, '-01') as timestamp)"),
                'hour'
            )) }}
        else {{ quantity('quantity * 8760 * ' ~ azure_term_years()) }}
    end
{%- endmacro %}

{#- Terms are written in months (12, 36) or as P1Y, P3Y, P5Y. Unknown terms count as one year. -#}
{% macro azure_term_years() -%}
    case
        when term in ('36', 'P3Y') then 3
        when term in ('60', 'P5Y') then 5
        else 1
    end
{%- endmacro %}

{#- What a period's use of a commitment takes from a fee that an earlier period billed: all of it
    where the period bills no recurring fee. -#}
{% macro azure_prepaid_cost() -%}
    case
        when
            commitment_id is not null and commitment_status is not null
            and dataset = 'amortized' and coalesce(recurring_fee_cost, 0) = 0
            then {{ money('effective_cost') }}
    end
{%- endmacro %}

{% macro azure_repairs() -%}
    {{ repairs(
        usual={
            'list_price_from_sheet': 'is_list_price_kept and sheet_list_price is not null'
                ~ ' and coalesce(payg_price, 0) = 0',
            'list_cost_missing': "price_rule in ('usage', 'committed') and known_list_cost is null",
        },
        rare={
            'unknown_charge_type': "charge_kind = 'unknown'",
            'amortized_file_missing': 'not has_amortized and commitment_id is not null',
            'actual_file_missing': 'not has_actual',
            'files_disagree': "source_part = 'amortized_difference'",
            'covered_usage_billed':
                "charge_kind = 'covered_usage' and dataset = 'actual' and billed_cost <> 0",
            'contracted_cost_missing':
                "price_rule = 'committed' and known_contracted_cost is null",
            'contracted_price_from_sheet':
                'is_contracted_price_kept and sheet_contracted_price is not null'
                ~ ' and coalesce(unit_price, 0) = 0',
            'list_unit_price_dropped': 'native_list_price is not null and not is_list_price_kept',
            'contracted_unit_price_dropped':
                'native_contracted_price is not null and not is_contracted_price_kept',
            'exchange_rate_missing':
                "rate is null and price_rule in ('usage', 'committed', 'paid')",
            'pricing_unit_unmapped':
                'block_size is null and unit_of_measure is not null'
                ~ ' and pricing_quantity is not null',
            'region_unmapped': 'is_unknown_region',
            'service_category_unmapped': 'service_category is null',
            'marketplace_category_unknown': 'is_unknown_product',
            'tags_unreadable': 'has_unreadable_tags',
        }
    ) }}
{%- endmacro %}
