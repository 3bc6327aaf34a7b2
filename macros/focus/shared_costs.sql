{#- Sharing of costs: what its models have to say in the same words. -#}

{#- Within what a cost is shared; NULL where the charge does not name it. -#}
{% macro scope_key(scope, charges) -%}
    case {{ scope }}
        when 'sub_account'
            then {{ charges }}.source_name || '|' || {{ charges }}.billing_account_id
                || '|' || {{ charges }}.sub_account_id
        when 'billing_account'
            then {{ charges }}.source_name || '|' || {{ charges }}.billing_account_id
        when 'source' then {{ charges }}.source_name
        when 'company' then 'company'
    end
{%- endmacro %}

{#- Amounts weigh within one currency; the whole company weighs them in the reporting currency.
    Quantities have none. -#}
{% macro weight_currency(scope, driver, charges) -%}
    case
        when {{ scope }} <> 'company' and {{ driver }} in ('direct_cost', 'committed_cost')
            then {{ charges }}.billing_currency
        else ''
    end
{%- endmacro %}

{#- Share of an amount. Ratios have twelve digits; the largest share gets what rounding leaves. -#}
{% macro share_of(amount, ratio) -%}
    {{ return(adapter.dispatch('share_of')(amount, ratio)) }}
{%- endmacro %}

{% macro default__share_of(amount, ratio) -%}
    {{ money(amount ~ ' * ' ~ ratio) }}
{%- endmacro %}

{#- Spark cuts the scale of a product of two wide decimals. These widths keep 27 digits. -#}
{% macro spark__share_of(amount, ratio) -%}
    {{ money('cast(' ~ amount ~ ' as decimal(25, 16)) * ' ~ ratio) }}
{%- endmacro %}

{#- An amount shared out to rows that `place` numbers within `whole`: each gets its share, rounded
    by `kind` (money or quantity), the first what the others leave: nothing is won or lost. -#}
{% macro shared_out(amount, share, place, whole, kind) -%}
    {%- set part -%}
        {%- if kind == 'money' -%}{{ share_of(amount, share) }}
        {%- else -%}{{ quantity(
            'cast(' ~ amount ~ ' as decimal(25, 12)) * cast(' ~ share ~ ' as decimal(13, 12))'
        ) }}
        {%- endif -%}
    {%- endset -%}
    case
        when {{ place }} > 1 then {{ part }}
        else {{ amount }} - coalesce(
            sum(case when {{ place }} > 1 then {{ part }} end) over (partition by {{ whole }}), 0
        )
    end
{%- endmacro %}
