-- One row per source and rule of FOCUS 1.4: how much was checked, how much failed, and one example.
{%- set rules = conformance_rules() + conformance_key_rules() + conformance_table_rules() %}
{%- for dataset in conformance_datasets() if dataset.label is defined %}
    {%- do rules.extend(conformance_record_rules(dataset.model)) %}
{%- endfor %}

-- An export in FOCUS form can be of any provider: of the one that most of its rows name.
with named as (

    select
        source_name,
        service_provider_name
    from (
        select
            x_source_name as source_name,
            service_provider_name,
            count(*) as charge_rows
        from {{ ref('cost_and_usage') }}
        where x_source_kind = 'focus'
        group by x_source_name, service_provider_name
    ) as providers
    qualify
        row_number() over (
            partition by source_name order by charge_rows desc, service_provider_name asc
        ) = 1

),

sources as (

    select
        ledger.source_name,
        coalesce(min(named.service_provider_name), min(ledger.provider)) as provider
    from {{ ref('ledger') }} as ledger
    left join named on ledger.source_name = named.source_name
    group by ledger.source_name

),

rules as (
    {% for rule in rules %}
    select
        '{{ rule.id }}' as rule_id,
        '{{ rule.dataset }}' as dataset,
        '{{ rule.level }}' as requirement_level,
        '{{ rule.column }}' as column_name,
        {{ 'true' if rule.if_supported else 'false' }} as is_asked_if_supported,
        '{{ rule.words | replace("'", "''") }}' as description
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

answered as (

    select * from {{ ref('conformance_results') }}

),

-- A source is asked about the shape of the data sets that it has rows in.
known_sources as (

    select distinct
        answered.source_name,
        rules.dataset
    from answered
    inner join rules on answered.rule_id = rules.rule_id

),

table_results as (

    select
        known_sources.source_name,
        shapes.rule_id,
        shapes.rows_checked,
        shapes.rows_failing,
        shapes.example
    from {{ ref('conformance_shapes') }} as shapes
    inner join known_sources on shapes.dataset = known_sources.dataset

),

results as (

    select * from answered
    union all
    select * from table_results

),

-- Where no row has what only a supporter of the concept must give, the source is no supporter.
asked as (

    select
        results.source_name,
        rules.*,
        results.rows_checked,
        results.rows_failing,
        results.example,
        not rules.is_asked_if_supported or results.rows_failing < results.rows_checked as is_asked
    from results
    inner join rules on results.rule_id = rules.rule_id

)

select
    asked.source_name,
    sources.provider,
    asked.dataset,
    asked.rule_id,
    asked.requirement_level,
    asked.column_name,
    asked.description,
    cast(case when asked.is_asked then asked.rows_checked else 0 end as bigint) as rows_checked,
    cast(case when asked.is_asked then asked.rows_failing else 0 end as bigint) as rows_failing,
    case when asked.is_asked then asked.example end as example
from asked
left join sources on asked.source_name = sources.source_name
