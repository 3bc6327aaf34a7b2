{#- Tag key in FOCUS form. User keys lose their prefix, keys that AWS makes keep `aws:`; CUR 2.0
    writes both prefixes with an underscore (user_team, aws_created_by). -#}
{% macro aws_tag_key(tag_key) -%}
    case
        when {{ tag_key }} like 'resourceTags/user:%' then substr({{ tag_key }}, 19)
        when {{ tag_key }} like 'resourceTags/%' then substr({{ tag_key }}, 14)
        when substr({{ tag_key }}, 1, 5) in ('user:', 'user_') then substr({{ tag_key }}, 6)
        when substr({{ tag_key }}, 1, 4) = 'aws_' then concat('aws:', substr({{ tag_key }}, 5))
        else {{ tag_key }}
    end
{%- endmacro %}
