{#- Team and project as a map of tags; a project that is not told has no entry. -#}
{% macro owner_tags(team, project) -%}
    {{ return(adapter.dispatch('owner_tags')(team, project)) }}
{%- endmacro %}

{% macro duckdb__owner_tags(team, project) -%}
    case
        when {{ project }} is null then map(['team'], [{{ team }}])
        else map(['team', 'project'], [{{ team }}, {{ project }}])
    end
{%- endmacro %}

{% macro spark__owner_tags(team, project) -%}
    case
        when {{ project }} is null then map('team', {{ team }})
        else map('team', {{ team }}, 'project', {{ project }})
    end
{%- endmacro %}
