{#- Spelling under which names of models are compared with model_names: small letters, hyphens; no
    path, region, vendor, release date or first version, so that Claude Sonnet 4.5 and
    us.anthropic.claude-sonnet-4-5-20250929-v1:0 are one pattern. -#}
{% macro model_key(name) -%}
    {%- set spelled = "translate(lower(trim(" ~ name ~ ")), ' _', '--')" -%}
    {%- set plain = "regexp_replace(" ~ spelled ~ ", '^(ft:)?(.*/)?', '')" -%}
    {%- set short = "regexp_replace(" ~ plain ~ ", '[:@].*$', '')" -%}
    {%- set bare = "regexp_replace(" ~ short ~ ", '^([a-z0-9-]*[a-z][.])+', '')" -%}
    {%- set undated = "regexp_replace(" ~ bare ~ ", '-20[0-9]{2}-?[0-9]{2}-?[0-9]{2}', '')" -%}
    regexp_replace({{ undated }}, '-(v[01]|latest)$', '')
{%- endmacro %}
