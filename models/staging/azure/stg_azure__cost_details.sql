-- One row per charge as Azure Cost Management exports it, of the actual and of the amortized file;
-- renamed, nothing dropped.
with source as (

    select * from {{ source('raw_azure', 'cost_details') }}

),

renamed as (

    select
        -- lineage
        _source_name as source_name,
        _source_kind as source_kind,
        _billing_period as billing_period,
        _source_file as source_file,
        _source_row as source_row,
        _dataset as dataset,
        _account as stated_account_id,
        -- identity
        invoice_id,
        previous_invoice_id,
        billing_account_id,
        billing_account_name,
        billing_profile_id,
        billing_profile_name,
        invoice_section_id,
        invoice_section_name,
        account_name,
        account_owner_id,
        subscription_id,
        subscription_name,
        customer_name,
        customer_tenant_id,
        partner_name,
        reseller_name,
        reseller_mpn_id,
        provider as cloud_provider,
        publisher_id,
        publisher_name,
        publisher_type,
        -- time
        billing_period_start_date as invoice_period_start,
        billing_period_end_date as invoice_period_last_day,
        service_period_start_date,
        service_period_end_date,
        date as charge_date,
        -- money
        billing_currency,
        pricing_currency,
        cost_in_billing_currency as charged_cost,
        cost_in_pricing_currency,
        cost_in_usd,
        payg_cost_in_billing_currency,
        payg_cost_in_usd,
        effective_price,
        unit_price,
        payg_price,
        exchange_rate_pricing_to_billing as exchange_rate,
        exchange_rate_date,
        -- commitments
        benefit_id,
        benefit_name,
        reservation_id,
        reservation_name,
        product_order_id,
        product_order_name,
        term,
        -- usage
        charge_type,
        frequency,
        pricing_model,
        quantity,
        unit_of_measure,
        consumed_service,
        resource_type,
        resource_id,
        resource_name,
        resource_group,
        resource_location,
        location,
        availability_zone,
        service_family,
        service_name as legacy_service_name,
        service_tier as legacy_service_tier,
        meter_id,
        meter_category,
        meter_sub_category,
        meter_name,
        meter_region,
        product_id,
        product_name,
        part_number,
        plan_name,
        offer_id,
        is_azure_credit_eligible,
        -- labels
        tags as tags_text,
        additional_info,
        cost_center,
        cost_allocation_rule_name,
        service_info1 as service_info_1,
        service_info2 as service_info_2
    from source

)

select * from renamed
