{#- How a machine is bought, in one vocabulary: what the charge itself is priced as decides. A
    machine in a capacity reservation that a commitment discounts is committed; without one, it is
    reserved and pays on demand. -#}
{% macro purchase_option(provider, pricing_category, commitment_discount_status, reservation) -%}
    case
        when {{ provider }} = 'on_prem' then 'on_prem'
        when {{ pricing_category }} = 'Dynamic' then 'spot'
        when {{ commitment_discount_status }} = 'Used' or {{ pricing_category }} = 'Committed'
            then 'committed'
        when {{ reservation }} is not null then 'reserved'
        else 'on_demand'
    end
{%- endmacro %}
