{#- The name under which bill and inventory know the same resource. AWS writes an ARN here and a
    bare id there, Azure any case of letters, Google Cloud short and full names of services. -#}
{% macro resource_key(provider, resource_id) -%}
    case {{ provider }}
        when 'aws' then {{ aws_resource_key(resource_id) }}
        when 'azure' then rtrim(lower({{ resource_id }}), '/')
        when 'gcp' then {{ gcp_resource_key(resource_id) }}
        else {{ resource_id }}
    end
{%- endmacro %}

{#- Ids that EC2 gives (i-0abc...) are unique in the world, bucket names too; other ARNs stay. A pod
    is billed with an ARN and listed by its cluster. -#}
{% macro aws_resource_key(resource_id) -%}
    case
        when {{ resource_id }} like 'arn:%:eks:%:pod/%' then
            split_part(split_part({{ resource_id }}, ':pod/', 2), '/', 1)
            || '/namespaces/' || split_part(split_part({{ resource_id }}, ':pod/', 2), '/', 2)
            || '/pods/' || split_part(split_part({{ resource_id }}, ':pod/', 2), '/', 3)
        when {{ resource_id }} like 'arn:%:s3:::%' then split_part({{ resource_id }}, ':::', 2)
        when {{ resource_id }} like 'arn:%:ec2:%/%' then split_part({{ resource_id }}, '/', -1)
        else {{ resource_id }}
    end
{%- endmacro %}

{#- Bills spell the product (computeengine), assets the service (compute); a place is a zone, a
    region or a location. Names of buckets are unique in the world and bear no project; those of SQL
    instances are unique in their project and bear no place. -#}
{% macro gcp_resource_key(resource_id) -%}
    replace(replace(replace(replace(
        case
            when {{ resource_id }} like '//%storage.googleapis.com/%/buckets/%'
                then concat('//storage.googleapis.com/', split_part({{ resource_id }}, '/', -1))
            when {{ resource_id }} like '//cloudsql.googleapis.com/projects/%/instances/%'
                then concat(
                    '//cloudsql.googleapis.com/projects/', split_part({{ resource_id }}, '/', 5),
                    '/instances/', split_part({{ resource_id }}, '/', -1)
                )
            when {{ resource_id }} like 'https://%.googleapis.com/%/v1/projects/%' then
                '//' || split_part(split_part({{ resource_id }}, '.googleapis.com/', 2), '/', 1)
                || '.googleapis.com/projects/' || split_part({{ resource_id }}, '/v1/projects/', 2)
            else {{ resource_id }}
        end,
        '//computeengine.', '//compute.'), '//vertexai.', '//aiplatform.'),
        '/zones/', '/locations/'), '/regions/', '/locations/')
{%- endmacro %}

{#- Code of the provider whose inventory lists a billed resource; vendors that bill in FOCUS go by
    their name. -#}
{% macro inventory_provider(source_kind, service_provider_name, host_provider_name) -%}
    case
        when {{ source_kind }} like 'aws%' then 'aws'
        when {{ source_kind }} like 'azure%' then 'azure'
        when {{ source_kind }} like 'gcp%' then 'gcp'
        when {{ source_kind }} like 'oci%' then 'oci'
        when {{ source_kind }} like 'on_prem%' then 'on_prem'
        else case coalesce({{ host_provider_name }}, {{ service_provider_name }})
            when 'AWS' then 'aws'
            when 'Microsoft' then 'azure'
            when 'Google Cloud' then 'gcp'
            when 'Oracle' then 'oci'
            when 'OpenAI' then 'openai'
            when 'Anthropic' then 'anthropic'
            else {{ service_provider_name }}
        end
    end
{%- endmacro %}
