{# Exception to the folder: only changed periods are read, 2 s for a million rows. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
{%- set rules = conformance_rules() %}
{%- set figures = [
    ('rows', 'rows_checked'), ('broken_rows', 'rows_failing'), ('example', 'example')
] %}

-- One row per source, billing period and rule: how many rows it was asked of and how many broke it.
-- All rules are counted side by side in one pass over the wide table, then turned into rows.
with listed_subcategories as (

    select
        service_category as listed_category,
        service_subcategory as listed_subcategory
    from {{ ref('focus_service_subcategories') }}

),

judged as (

    select
        charges.x_source_name as source_name,
        charges.x_billing_period as billing_period,
        charges.x_source_file,
        charges.x_source_row,
        charges.x_source_part
        {%- for rule in rules %},
        {{ rule.applies }} as {{ rule.slot }}_asked,
        ({{ rule.applies }}) and ({{ rule.holds }}) is not true as {{ rule.slot }}_broken
        {%- endfor %}
    from {{ ref('cost_and_usage') }} as charges
    left join listed_subcategories
        on
            charges.service_category = listed_subcategories.listed_category
            and charges.service_subcategory = listed_subcategories.listed_subcategory
    where {{ rebuild_predicate('charges.x_source_name', 'charges.x_billing_period') }}

),

counted as (

    select
        source_name,
        billing_period
        {%- for rule in rules %},
        count_if({{ rule.slot }}_asked) as {{ rule.slot }}_rows,
        count_if({{ rule.slot }}_broken) as {{ rule.slot }}_broken_rows,
        min(
            case when {{ rule.slot }}_broken then {{ row_label() }} end
        ) as {{ rule.slot }}_example
        {%- endfor %}
    from judged
    group by source_name, billing_period

),

rule_ids as (
    {% for rule in rules %}
    select '{{ rule.id }}' as rule_id
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

-- Reads the table by itself: a step that two others read is written out in full first, and writing
-- the wide rows takes twice as long as all the rules.
repeated_rows as (

    select
        x_source_name as source_name,
        x_billing_period as billing_period,
        count(*) as copies,
        min({{ row_label() }}) as example
    from {{ ref('cost_and_usage') }}
    where {{ rebuild_predicate('x_source_name', 'x_billing_period') }}
    group by {{ row_key() }}

),

results as (

    select
        counted.source_name,
        counted.billing_period,
        rule_ids.rule_id,
        {%- for figure, name in figures %}
        case rule_ids.rule_id
            {%- for rule in rules %}
            when '{{ rule.id }}' then counted.{{ rule.slot }}_{{ figure }}
            {%- endfor %}
        end as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from counted
    cross join rule_ids
    union all
    select
        source_name,
        billing_period,
        'row.unique' as rule_id,
        sum(copies) as rows_checked,
        sum(case when copies > 1 then copies else 0 end) as rows_failing,
        min(case when copies > 1 then example end) as example
    from repeated_rows
    group by source_name, billing_period

)

select
    source_name,
    billing_period,
    rule_id,
    cast(rows_checked as bigint) as rows_checked,
    cast(rows_failing as bigint) as rows_failing,
    example
from results
