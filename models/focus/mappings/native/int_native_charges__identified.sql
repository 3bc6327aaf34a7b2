-- One row per charge of a native FOCUS export with its seller, host and periods as FOCUS 1.4 has
-- them, whatever version it was delivered in.
with charges as (

    select * from {{ ref('int_native_charges__cleaned') }}

),

known_names as (

    select * from {{ ref('native_provider_names') }}

),

named as (

    select
        charges.*,
        coalesce(offering.provider_name, charges.provider_name) as offering_name,
        coalesce(offering.owns_infrastructure, false) as is_offered_by_host,
        coalesce(publishing.provider_name, charges.publisher_name) as publishing_name,
        coalesce(serving.provider_name, charges.service_provider_name) as serving_name,
        coalesce(hosting.provider_name, charges.host_provider_name) as hosting_name
    from charges
    left join known_names as offering on lower(charges.provider_name) = offering.spelling
    left join known_names as publishing on lower(charges.publisher_name) = publishing.spelling
    left join known_names as serving on lower(charges.service_provider_name) = serving.spelling
    left join known_names as hosting on lower(charges.host_provider_name) = hosting.spelling

),

-- Up to 1.2 a cloud calls itself the provider of what others sell through it, and the seller the
-- publisher. Since 1.3 the seller is the service provider and the cloud is the host.
sold as (

    select
        *,
        serving_name is null
        and is_offered_by_host
        and coalesce(publishing_name <> offering_name, false) as is_resold,
        -- A fee line may end with the last second of its period.
        case
            when extract(second from charge_period_end) = 59
                then charge_period_end + interval 1 second
            else charge_period_end
        end as exclusive_end_at,
        case
            when billing_period_end is null then billing_period_start + interval 1 month
            when extract(second from billing_period_end) = 59
                then billing_period_end + interval 1 second
            else billing_period_end
        end as period_end_at
    from named

)

select
    *,
    case
        when serving_name is not null then serving_name
        when is_resold then publishing_name
        else coalesce(offering_name, invoice_issuer_name)
    end as seller_name,
    case
        when serving_name is not null or hosting_name is not null then hosting_name
        when is_offered_by_host and (not is_resold or region_id is not null) then offering_name
    end as host_name,
    least(charge_period_start, exclusive_end_at) as charge_start_at,
    case
        when exclusive_end_at is null or exclusive_end_at = charge_period_start
            then charge_period_start + interval 1 second
        else greatest(charge_period_start, exclusive_end_at)
    end as charge_end_at
from sold
