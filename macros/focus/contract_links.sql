{#- Links from a charge to its invoice line and its commitment, for bills that name the invoice and
    the commitment but not the line or the contract. Both are made of the row's own columns alone:
    an invoice or a commitment that is described better later changes no row of the bill. -#}

{#- The columns of a mapping, with what no provider delivers filled in: the invoice line where the
    bill has none, and the key of what rules may look at. -#}
{% macro linked_columns(columns) -%}
    {%- for column in columns -%}
        {%- if column == 'invoice_detail_id' -%}
            coalesce(invoice_detail_id, {{ derived_invoice_detail_id() }}) as invoice_detail_id
        {%- elif column == 'x_attribution_key' -%}
            {{ attribution_key() }} as x_attribution_key
        {%- else -%}
            {{ column }}
        {%- endif -%}
        {{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Line of an invoice that its charges are grouped into; NULL while they name no invoice. -#}
{% macro derived_invoice_detail_id() -%}
    case
        when invoice_id is not null
            then concat_ws(
                '/', x_source_name, invoice_id, x_billing_period, billing_account_id,
                billing_currency, charge_category
            )
    end
{%- endmacro %}

{#- What a charge draws from the commitment that pays for it, or leaves idle of it. A reservation or
    savings plan is bought as a contract of its own, so its id stands for both. Views make this text
    when it is asked for: to store it took 20 MB and 0.5 s a million rows. -#}
{% macro derived_contract_applied() -%}
    case
        when commitment_discount_id is not null and commitment_discount_status is not null
            then concat(
                '{"Elements":[{"ContractId":', {{ json_string('commitment_discount_id') }},
                ',"ContractCommitmentId":', {{ json_string('commitment_discount_id') }},
                case
                    when
                        commitment_discount_category = 'Usage'
                        and commitment_discount_quantity is not null
                        and commitment_discount_unit is not null
                        then concat(
                            ',"ContractCommitmentAppliedQuantity":',
                            {{ json_number('commitment_discount_quantity') }},
                            ',"ContractCommitmentAppliedUnit":',
                            {{ json_string('commitment_discount_unit') }}
                        )
                    else concat(
                        ',"ContractCommitmentAppliedCost":', {{ json_number('effective_cost') }}
                    )
                end,
                '}]}'
            )
    end
{%- endmacro %}

{#- A decimal as JSON writes it, without the zeros of its scale. -#}
{% macro json_number(expression) -%}
    rtrim(rtrim(cast({{ expression }} as string), '0'), '.')
{%- endmacro %}
