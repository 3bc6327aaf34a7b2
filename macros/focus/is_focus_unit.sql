{#- Whether a unit follows the unit grammar of FOCUS: `GB`, `GB-Hours`, `1000 Tokens`, `GB/Hour`,
    `Units/3 Months`. A count noun may be any capitalised words (`Normalized Hours`), so what would
    pass as such, the usual abbreviations of time and size (Hrs, Mo, Gigabytes, GBs) and a size
    without its hyphen (GB Hours), is named and refused. -#}
{% macro is_focus_unit(unit) -%}
    {%- set base = '(([KMGTPE]i?)?[bB]|[A-Z][A-Za-z0-9]*( [A-Z][A-Za-z0-9]*)*)' -%}
    {%- set amount = '([1-9][0-9]* )?' -%}
    {%- set shape = '^' ~ amount ~ base ~ '(-' ~ base ~ ')?(/' ~ amount ~ base ~ ')?$' -%}
    {%- set abbreviated_time = 'Hrs?|Mos?|Mth|Mins?|Secs?|Yrs?' -%}
    {%- set spelled_size = '[KMGTPE]i?Bs|((Kilo|Mega|Giga|Tera|Peta)?(byte|bit)|Byte|Bit)s?' -%}
    {%- set refused = '(^|[ /-])(' ~ abbreviated_time ~ '|' ~ spelled_size ~ ')($|[ /-])'
                      ~ '|([KMGTPE]i?)?[bB] ' -%}
    ({{ text_matches(unit, shape) }} and not {{ text_matches(unit, refused) }})
{%- endmacro %}
