{#- Columns that tell series of one metric apart: labels as JSON, or as columns of a dump. -#}
{% macro series_columns() -%}
    {{ return([
        'labels', 'gpu', 'gpu_uuid', 'hostname', 'instance_id', 'node', 'cluster', 'namespace',
        'pod', 'exported_namespace', 'exported_pod', 'mig_instance', 'mig_profile', 'model_name',
    ]) }}
{%- endmacro %}

{#- Labels as a map whose names are in one spelling: exporters change case (Hostname, hostname) and
    dots. Where two names become one, all stay as they are. -#}
{% macro label_map(labels) -%}
    {{ return(adapter.dispatch('label_map')(labels)) }}
{%- endmacro %}

{% macro duckdb__label_map(labels) -%}
    coalesce(
        try(map_from_entries(list_transform(
            map_entries(cast(cast({{ labels }} as json) as map(varchar, varchar))),
            lambda entry: struct_pack(k := lower(replace(entry.key, '.', '_')), v := entry.value)
        ))),
        cast(cast({{ labels }} as json) as map(varchar, varchar)),
        map {}
    )
{%- endmacro %}

{% macro spark__label_map(labels) -%}
    coalesce(
        map_from_entries(array_distinct(transform(
            map_entries(from_json({{ labels }}, 'map<string,string>')),
            entry -> struct(lower(replace(entry.key, '.', '_')), entry.value)
        ))),
        map()
    )
{%- endmacro %}

{#- Several columns as one value, so that one of a group is taken with all its columns. -#}
{% macro as_one_value(columns) -%}
    {{ return(adapter.dispatch('as_one_value')(columns)) }}
{%- endmacro %}

{% macro duckdb__as_one_value(columns) -%}
    {{ '{' }}
    {%- for column in columns %}'{{ column }}': {{ column }}{{ ', ' if not loop.last }}{% endfor -%}
    {{ '}' }}
{%- endmacro %}

{% macro spark__as_one_value(columns) -%}
    struct({{ columns | join(', ') }})
{%- endmacro %}

{#- The minutes of an hour at which a condition held, as bits of one number. -#}
{% macro minutes_as_bits(condition, sampled_at) -%}
    {{ return(adapter.dispatch('minutes_as_bits')(condition, sampled_at)) }}
{%- endmacro %}

{% macro duckdb__minutes_as_bits(condition, sampled_at) -%}
    bit_or(case
        when {{ condition }} then cast(1 as bigint) << extract('minute' from {{ sampled_at }})
    end)
{%- endmacro %}

{% macro spark__minutes_as_bits(condition, sampled_at) -%}
    bit_or(case
        when {{ condition }} then shiftleft(cast(1 as bigint), minute({{ sampled_at }}))
    end)
{%- endmacro %}

{#- Whether nowhere between the first and the last of these minutes an idle stretch can be as long
    as either limit, in minutes: so many minutes less one would have to follow each other. -#}
{% macro has_no_long_pause(minutes_as_bits, limit, other_limit) -%}
    not contains(
        trim(both '0' from bin({{ minutes_as_bits }})),
        repeat('0', cast(greatest(0, least({{ limit }}, {{ other_limit }}) - 1) as int))
    )
{%- endmacro %}

{#- Samples from one instant up to another that is not counted, on the grid of a device. -#}
{% macro samples_between(started_at, ended_at) -%}
    cast(round({{ seconds_between(started_at, ended_at) }} / step_seconds) as bigint)
{%- endmacro %}

{#- A parameter of the idle policy; the seed says why it is what it is. -#}
{% macro idle_parameter(name) -%}
    (select max(value) from {{ ref('idle_policy') }} where parameter = '{{ name }}')
{%- endmacro %}

{#- What a node's provider id names, under the key of the bill. A bill of Azure knows the scale set
    and not its machines. -#}
{% macro provider_of_id(provider_id) -%}
    case split_part({{ provider_id }}, '://', 1)
        when 'aws' then 'aws' when 'azure' then 'azure' when 'gce' then 'gcp'
    end
{%- endmacro %}

{% macro resource_key_of_id(provider_id) -%}
    case split_part({{ provider_id }}, '://', 1)
        when 'aws' then split_part({{ provider_id }}, '/', -1)
        when 'azure' then
            rtrim(lower(split_part(substr({{ provider_id }}, 9), '/virtualMachines/', 1)), '/')
        when 'gce' then
            '//compute.googleapis.com/projects/' || split_part({{ provider_id }}, '/', 3)
            || '/locations/' || split_part({{ provider_id }}, '/', 4)
            || '/instances/' || split_part({{ provider_id }}, '/', 5)
    end
{%- endmacro %}

{#- Labels or tags as a list of key and value, keys in one spelling. -#}
{% macro label_entries(labels) -%}
    {{ return(adapter.dispatch('label_entries')(labels)) }}
{%- endmacro %}

{% macro default__label_entries(labels) -%}
    map_entries({{ label_map(labels) }})
{%- endmacro %}

{#- Key of a JSON object whatever the order of its members; NULL where there is none. -#}
{% macro label_key_of_map(object) -%}
    {{ return(adapter.dispatch('label_key_of_map')(object)) }}
{%- endmacro %}

{% macro duckdb__label_key_of_map(object) -%}
    case when {{ object }} not in ('', '{}') then
        md5(cast(list_sort({{ label_entries(object) }}) as varchar))
    end
{%- endmacro %}

{% macro spark__label_key_of_map(object) -%}
    case when {{ object }} not in ('', '{}') then
        md5(to_json(array_sort({{ label_entries(object) }})))
    end
{%- endmacro %}

{#- Members of a JSON list of texts. -#}
{% macro json_list_items(list) -%}
    {{ return(adapter.dispatch('json_list_items')(list)) }}
{%- endmacro %}

{% macro duckdb__json_list_items(list) -%}
    from_json({{ list }}, '["VARCHAR"]')
{%- endmacro %}

{% macro spark__json_list_items(list) -%}
    from_json({{ list }}, 'array<string>')
{%- endmacro %}

{#- A JSON list of texts with something before each of them. -#}
{% macro prefixed_json_list(list, prefix) -%}
    {{ return(adapter.dispatch('prefixed_json_list')(list, prefix)) }}
{%- endmacro %}

{% macro duckdb__prefixed_json_list(list, prefix) -%}
    cast(to_json(list_transform(
        {{ json_list_items(list) }}, lambda item: {{ prefix }} || item
    )) as varchar)
{%- endmacro %}

{% macro spark__prefixed_json_list(list, prefix) -%}
    to_json(transform({{ json_list_items(list) }}, item -> concat({{ prefix }}, item)))
{%- endmacro %}

{#- What part of an accelerator a MIG slice is: 3 of 7 for 3g.40gb; instances that share the memory
    of a slice (1c.3g.40gb) weigh their own. Unknown cards have seven slices, as most do. -#}
{% macro mig_share(profile, slices) -%}
    cast(nullif(regexp_extract({{ profile }}, '^([0-9]+)[cg]', 1), '') as double)
    / coalesce({{ slices }}, 7)
{%- endmacro %}

{#- States of an accelerator, in the order in which they are named where two are equally long. -#}
{% macro accelerator_states() -%}
    {{ return(['used', 'idle_held', 'idle_free', 'unallocated', 'unknown']) }}
{%- endmacro %}

{#- The part of an amount that is in a state; the state that lasted longest has what rounding
    leaves, so that the five make the amount. -#}
{% macro amount_in_state(amount, state, kind) -%}
    {%- set part -%}
        {%- if kind == 'money' -%}{{ share_of(amount, 'STATE_part') }}
        {%- else -%}{{ quantity('cast(' ~ amount ~ ' as decimal(25, 12)) * STATE_part') }}
        {%- endif -%}
    {%- endset -%}
    case
        when state = '{{ state }}' then {{ amount }}
        {%- for other in accelerator_states() if other != state %}
            - {{ part | replace('STATE', other) }}
        {%- endfor %}
        else {{ part | replace('STATE', state) }}
    end
{%- endmacro %}

{#- Whether a key of a Google Cloud instance ends with its number, which bills do not have. -#}
{% macro is_numbered_instance(resource_key) -%}
    {{ text_matches_pattern(resource_key, "'^//compute[.].*/instances/[0-9]+$'") }}
{%- endmacro %}
