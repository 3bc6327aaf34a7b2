{#- Lists of (tag_key, tag_value) out of the shapes in which inventories hold tags. DuckDB only:
    they serve staging. A tag without a value has empty text. -#}
{% macro inventory_tag_list(json_text, key_field, value_field) -%}
    list_transform(
        coalesce(from_json(
            {{ json_text }}, '[{"{{ key_field }}":"VARCHAR","{{ value_field }}":"VARCHAR"}]'
        ), []),
        lambda entry: {
            'tag_key': entry."{{ key_field }}", 'tag_value': coalesce(entry."{{ value_field }}", '')
        }
    )
{%- endmacro %}

{% macro inventory_one_tag(key, value) -%}
    [{'tag_key': {{ key }}, 'tag_value': coalesce({{ value }}, '')}]
{%- endmacro %}

{% macro inventory_tag_object(json_text) -%}
    list_transform(
        coalesce(map_entries(try_cast(cast({{ json_text }} as json) as map(varchar, varchar))), []),
        lambda entry: {'tag_key': entry.key, 'tag_value': coalesce(entry.value, '')}
    )
{%- endmacro %}

{#- Labels of a series (label_team="ml") or of an OpenShift list (label_team:ml|label_app:x). -#}
{% macro inventory_label_list() -%}
    case
        when metric is not null then list_transform(
            list_filter(
                map_entries(cast(cast(metric as json) as map(varchar, varchar))),
                lambda entry: starts_with(entry.key, 'label_')
            ),
            lambda entry: {'tag_key': substr(entry.key, 7), 'tag_value': coalesce(entry.value, '')}
        )
        else list_transform(
            list_filter(
                string_split(coalesce(pod_labels, namespace_labels, node_labels), '|'),
                lambda label: contains(label, ':')
            ),
            lambda label: {
                'tag_key': regexp_replace(split_part(label, ':', 1), '^label_', ''),
                'tag_value': substr(label, strpos(label, ':') + 1)
            }
        )
    end
{%- endmacro %}

{#- Slurm has no tags: the organisation stands for one, and sites keep key=value in the comment. -#}
{% macro inventory_slurm_tags() -%}
    list_concat(
        case
            when organization is not null
                then [{'tag_key': 'organization', 'tag_value': organization}]
            else []
        end,
        list_transform(
            list_filter(
                regexp_split_to_array(coalesce(comment, ''), '[;, ]+'),
                lambda pair: contains(pair, '=')
            ),
            lambda pair: {
                'tag_key': split_part(pair, '=', 1),
                'tag_value': substr(pair, strpos(pair, '=') + 1)
            }
        )
    )
{%- endmacro %}
