{#- Family of a machine type: the type without its size, in each provider's spelling. -#}
{% macro machine_family(provider, instance_type) -%}
    coalesce(
        nullif(
            case {{ provider }}
                when 'aws'
                    then split_part(regexp_replace({{ instance_type }}, '^ml[.]', ''), '.', 1)
                when 'azure'
                    then concat(
                        regexp_extract(
                            {{ instance_type }}, '^(Standard_)?([A-Z]+)[0-9]+(-[0-9]+)?(.*)$', 2
                        ),
                        regexp_extract(
                            {{ instance_type }}, '^(Standard_)?([A-Z]+)[0-9]+(-[0-9]+)?(.*)$', 4
                        )
                    )
                when 'gcp' then regexp_extract({{ instance_type }}, '^(.*)-[^-]*$', 1)
                when 'oci' then regexp_extract({{ instance_type }}, '^(.*)[.][0-9]+$', 1)
                else {{ instance_type }}
            end,
            ''
        ),
        {{ instance_type }}
    )
{%- endmacro %}

{#- Days that a charge is spread over: one, unless its period is clearly longer than a day. A day of
    another time zone or of 25 hours is one; a month that starts at two has all its days. -#}
{% macro days_charged(started_at, ended_at) -%}
    greatest(
        1, cast(ceil({{ seconds_between(started_at, ended_at) }} / 86400.0 - 0.1) as bigint)
    )
{%- endmacro %}

{#- A parameter of the policy on savings; the seed says why it is what it is. -#}
{% macro gpu_saving_parameter(name) -%}
    (select max(value) from {{ ref('gpu_saving_policy') }} where parameter = '{{ name }}')
{%- endmacro %}

{#- Name of an accelerator without its maker and its memory: NVIDIA H100 80GB is an H100. -#}
{% macro accelerator_base_name(model) -%}
    trim({{ text_without(model, "'(?i)(^nvidia |^tesla |[ -]?[0-9]+ ?gb.*$)'") }})
{%- endmacro %}

{#- Memory of a whole accelerator: as stated, of a part times its parts, else from its name. -#}
{% macro accelerator_whole_memory(model, memory_gib, accelerator_count) -%}
    coalesce(
        cast({{ memory_gib }} / least({{ accelerator_count }}, 1) as decimal(18, 6)),
        try_cast(nullif(regexp_extract({{ model }}, '([0-9]+) ?GB', 1), '') as decimal(18, 6))
    )
{%- endmacro %}

{#- Whether a line of accelerator_specs is of an accelerator: machines show up to a tenth less
    memory than is sold; where the memory is not known, the model has to come in one size only. -#}
{% macro is_spec_of(specs, base_name, memory_gib) -%}
    lower({{ specs }}.accelerator_model) = lower({{ base_name }})
    and (
        abs({{ specs }}.memory_gib - {{ memory_gib }}) <= 0.1 * {{ specs }}.memory_gib
        or ({{ memory_gib }} is null and {{ specs }}.sizes = 1)
    )
{%- endmacro %}
