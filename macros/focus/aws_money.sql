{#- Idle part of a commitment fee. -#}
{% macro aws_unused_cost() -%}
    case
        when charge_kind = 'sp_recurring_fee'
            then {{ aws_net_commitment(
                'coalesce(savings_plan_total_commitment_to_date, 0)'
                ~ ' - coalesce(savings_plan_used_commitment, 0)'
            ) }}
        when has_net_costs
            then
                coalesce(
                    reservation_net_unused_amortized_upfront_fee_for_billing_period,
                    reservation_unused_amortized_upfront_fee_for_billing_period, 0
                )
                + coalesce(
                    reservation_net_unused_recurring_fee, reservation_unused_recurring_fee, 0
                )
        else
            coalesce(reservation_unused_amortized_upfront_fee_for_billing_period, 0)
            + coalesce(reservation_unused_recurring_fee, 0)
    end
{%- endmacro %}

{#- A commitment amount, which the bill states before discounts, at the level of the net fee. -#}
{% macro aws_net_commitment(amount) -%}
    case
        when has_net_costs
            and savings_plan_net_recurring_commitment_for_billing_period is not null
            then {{ money(
                '(' ~ amount ~ ') * ' ~ 'coalesce(' ~ ratio(
                    'savings_plan_net_recurring_commitment_for_billing_period + coalesce('
                    ~ 'savings_plan_net_amortized_upfront_commitment_for_billing_period, 0)',
                    'savings_plan_recurring_commitment_for_billing_period + coalesce('
                    ~ 'savings_plan_amortized_upfront_commitment_for_billing_period, 0)'
                ) ~ ', 1)'
            ) }}
        else {{ amount }}
    end
{%- endmacro %}

{#- Part of a figure between two cumulative shares; the figure itself where nothing is shared. The
    parts of one line add up to it exactly, because each bound is rounded once and used twice.
    Quantities are cut at 6 digits so that price times quantity still fits the 16 of money. -#}
{% macro aws_share(figure, kind='money') -%}
    case
        when share_to is null then {{ figure }}
        when source_part = 'split_remainder'
            then ({{ figure }}) - {{ aws_cut(figure, 'share_from', kind) }}
        else {{ aws_cut(figure, 'share_to', kind) }} - {{ aws_cut(figure, 'share_from', kind) }}
    end
{%- endmacro %}

{% macro aws_cut(figure, share, kind) -%}
    {%- if kind == 'money' -%}
        cast(cast({{ figure }} as decimal(24, 16)) * {{ share }} as decimal(38, 16))
    {%- else -%}
        {#- The outer cast matters: a CASE over two scales takes the smaller one for all rows. -#}
        cast(cast(
            cast({{ figure }} as decimal(24, 12)) * {{ share }} as decimal(38, 6)
        ) as decimal(38, 12))
    {%- endif -%}
{%- endmacro %}

{#- Hours of a reservation's lease; its end is stated as the last second. -#}
{% macro aws_lease_hours() -%}
    {{ dbt.datediff(
        'try_cast(reservation_start_time as timestamp)',
        "(try_cast(reservation_end_time as timestamp) + interval 1 second)",
        'hour'
    ) }}
{%- endmacro %}

{#- What one unit of a quantity costs, where the bill states the amount only. -#}
{% macro aws_price_of(amount, quantity) -%}
    case
        when {{ amount }} >= 0 and {{ quantity }} > 0
            then cast({{ ratio(amount, quantity) }} as decimal(38, 18))
    end
{%- endmacro %}
