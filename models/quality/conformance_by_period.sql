{# Exception to the folder: only changed periods are read, 5 s for a million rows. #}
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_queued('source_name', 'billing_period') }}"
) }}
{%- set rules = conformance_rules() %}
{#- Many rules are asked of the same rows: those are counted once. -#}
{%- set asked = rules | map(attribute='applies') | unique | list %}

-- One row per source, billing period and rule: how many rows it was asked of and how many broke it.
-- One pass over the wide table asks all rules of a row side by side; counts are turned into rows.
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
        {%- for condition in asked %},
        {{ condition }} as is_asked_{{ loop.index }}
        {%- endfor %}
        {%- for rule in rules %},
        ({{ rule.applies }}) and ({{ rule.holds }}) is not true as {{ rule.slot }}_broken
        {%- endfor %}
    from {{ ref('cost_and_usage') }} as charges
    left join listed_subcategories
        on
            charges.service_category = listed_subcategories.listed_category
            and charges.service_subcategory = listed_subcategories.listed_subcategory
    where {{ rebuild_predicate('charges.x_source_name', 'charges.x_billing_period') }}

),

totalled as (

    select
        source_name,
        billing_period
        {%- for condition in asked %},
        count_if(is_asked_{{ loop.index }}) as asked_{{ loop.index }}
        {%- endfor %}
        {%- for rule in rules %},
        count_if({{ rule.slot }}_broken) as {{ rule.slot }}_broken_rows,
        min(
            case when {{ rule.slot }}_broken then {{ row_label() }} end
        ) as {{ rule.slot }}_example
        {%- endfor %}
    from judged
    group by source_name, billing_period

),

counted as (

    select
        source_name,
        billing_period
        {%- for rule in rules %},
        asked_{{ asked.index(rule.applies) + 1 }} as {{ rule.slot }}_rows,
        {{ rule.slot }}_broken_rows,
        {{ rule.slot }}_example
        {%- endfor %}
    from totalled

),

results as (

    select
        source_name,
        billing_period,
        rule_id,
        rows_checked,
        rows_failing,
        example
    from counted
    unpivot include nulls (
        (rows_checked, rows_failing, example) for rule_id in (
            {%- for rule in rules %}
            ({{ rule.slot }}_rows, {{ rule.slot }}_broken_rows, {{ rule.slot }}_example)
            as {{ adapter.quote(rule.id) }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )

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

)

select
    source_name,
    billing_period,
    rule_id,
    cast(rows_checked as bigint) as rows_checked,
    cast(rows_failing as bigint) as rows_failing,
    example
from results
union all
select
    source_name,
    billing_period,
    'row.unique' as rule_id,
    cast(sum(copies) as bigint) as rows_checked,
    cast(sum(case when copies > 1 then copies else 0 end) as bigint) as rows_failing,
    min(case when copies > 1 then example end) as example
from repeated_rows
group by source_name, billing_period
