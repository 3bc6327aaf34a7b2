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
