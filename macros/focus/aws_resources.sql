{#- Name in an ARN, after its last slash or colon. Plain ids have no name of their own. -#}
{% macro aws_resource_name(resource_id) -%}
    case
        when {{ resource_id }} like 'arn:%'
            then split_part(split_part({{ resource_id }}, '/', -1), ':', -1)
    end
{%- endmacro %}

{#- Kind of resource: in an ARN the word after the account, which a slash or a colon ends; else
    what the shape of the id or the product family tells. -#}
{% macro aws_resource_type(resource_id, product_code, product_family) -%}
    {%- set word = "split_part(" ~ resource_id ~ ", ':', 6)" -%}
    case
        when {{ resource_id }} is null then null
        when {{ resource_id }} like 'arn:%'
            then case
                when {{ resource_id }} like 'arn:%:s3:::%' then 'bucket'
                when position('/' in {{ word }}) > 0 then split_part({{ word }}, '/', 1)
                when split_part({{ resource_id }}, ':', 7) <> '' then {{ word }}
                else coalesce({{ product_family }}, {{ product_code }})
            end
        when {{ resource_id }} like 'i-%' then 'instance'
        when {{ resource_id }} like 'vol-%' then 'volume'
        when {{ product_code }} = 'AmazonS3' then 'bucket'
        else coalesce({{ product_family }}, {{ product_code }})
    end
{%- endmacro %}

{#- Pod ARNs are pod/<cluster>/<namespace>/<pod>/<uid>, task ARNs end with the task. -#}
{% macro aws_pod_name(pod_id) -%}
    case
        when {{ pod_id }} like '%:pod/%/%/%/%' then split_part({{ pod_id }}, '/', -2)
        else split_part({{ pod_id }}, '/', -1)
    end
{%- endmacro %}
