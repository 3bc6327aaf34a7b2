{#- Key of everything that labels and project say about a row. -#}
{% macro gcp_label_key() -%}
    {{ text_key([
        'labels', 'system_labels', 'resource_tags', 'project_labels', 'project_ancestors',
        'project_ancestry_numbers',
    ]) }}
{%- endmacro %}

{#- What a SKU is made of, read from its words: commitments cover one of these each. -#}
{% macro gcp_resource_class(sku_description) -%}
    case
        when lower({{ sku_description }}) like '%dollar based%' then 'spend'
        when lower({{ sku_description }}) like '%flexible%' then 'spend'
        when lower({{ sku_description }}) like '%tpu%' then 'tpu'
        when lower({{ sku_description }}) like '%gpu%' then 'gpu'
        when lower({{ sku_description }}) like '%local ssd%' then 'ssd'
        when lower({{ sku_description }}) like '%local storage%' then 'ssd'
        when {{ text_matches(sku_description, '(^|[^A-Za-z])(Ram|RAM)([^A-Za-z]|$)') }} then 'ram'
        when {{ text_matches(sku_description, '(Cpu|CPU|Core)') }} then 'cpu'
        else 'other'
    end
{%- endmacro %}

{#- Midnight of a month's first day in Pacific time, as UTC: 8 hours from December to March, else 7,
    as daylight saving time begins after 1 March and ends after midnight of 1 November. -#}
{% macro gcp_month_start(month_start) -%}
    case
        when extract(month from {{ month_start }}) in (12, 1, 2, 3)
            then {{ month_start }} + interval 8 hour
        else {{ month_start }} + interval 7 hour
    end
{%- endmacro %}

{#- Part of a figure between two cumulative shares; the figure itself where nothing is shared. The
    part that ends at 1 takes the rest, so the parts add up to the figure exactly. -#}
{% macro gcp_share(figure, kind='money') -%}
    case
        when share_to is null then {{ figure }}
        when share_to = 1 then ({{ figure }}) - {{ aws_cut(figure, 'share_from', kind) }}
        else {{ aws_cut(figure, 'share_to', kind) }} - {{ aws_cut(figure, 'share_from', kind) }}
    end
{%- endmacro %}
