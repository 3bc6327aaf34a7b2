-- Fails with each bill (source, billing period, account, currency) whose statement lines do not
-- add up to it: billed by account, as it is invoiced, and effective by source.
with stated as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('statement_monthly') }}
    group by source_name, billing_period, billing_account_id, billing_currency

),

invoiced as (

    select
        source_name,
        billing_period,
        billing_account_id,
        billing_currency,
        sum(billed_cost) as billed_cost
    from {{ ref('charged_invoices') }}
    group by source_name, billing_period, billing_account_id, billing_currency

),

charged as (

    select source_name, billing_period, billing_currency, sum(effective_cost) as effective_cost
    from {{ ref('charged_days') }}
    group by source_name, billing_period, billing_currency

),

stated_sources as (

    select source_name, billing_period, billing_currency, sum(effective_cost) as effective_cost
    from stated
    group by source_name, billing_period, billing_currency

)

select
    'billed' as basis,
    coalesce(invoiced.source_name, stated.source_name) as source_name,
    coalesce(invoiced.billing_period, stated.billing_period) as billing_period,
    coalesce(invoiced.billing_account_id, stated.billing_account_id) as billing_account_id,
    invoiced.billed_cost as expected,
    stated.billed_cost as actual
from invoiced
full outer join stated
    on
        invoiced.source_name = stated.source_name
        and invoiced.billing_period = stated.billing_period
        and invoiced.billing_account_id is not distinct from stated.billing_account_id
        and invoiced.billing_currency = stated.billing_currency
where coalesce(invoiced.billed_cost, 0) <> coalesce(stated.billed_cost, 0)
union all
select
    'effective' as basis,
    coalesce(charged.source_name, stated_sources.source_name) as source_name,
    coalesce(charged.billing_period, stated_sources.billing_period) as billing_period,
    cast(null as string) as billing_account_id,
    charged.effective_cost as expected,
    stated_sources.effective_cost as actual
from charged
full outer join stated_sources
    on
        charged.source_name = stated_sources.source_name
        and charged.billing_period = stated_sources.billing_period
        and charged.billing_currency = stated_sources.billing_currency
where coalesce(charged.effective_cost, 0) <> coalesce(stated_sources.effective_cost, 0)
