-- One row per name of a model as a bill, a price list or a log spells it: the model that it is.
-- Patterns are tried once per name, never per charge.
with told as (

    select x_model_id as model_name from {{ ref('attribution_keys') }}
    where x_model_id is not null
    union
    select model_id as model_name from {{ ref('ai_vendor_token_prices') }}
    union
    select model_name from {{ ref('usage_hours') }}
    where model_name is not null

),

keyed as (

    select
        model_name,
        {{ model_key('model_name') }} as model_key
    from told

),

-- Patterns hold for a whole key; of two that do, the longer one says more.
known as (

    select
        keyed.model_name,
        names.model,
        names.family,
        names.vendor,
        names.model_class,
        names.has_open_weights
    from keyed
    inner join {{ ref('model_names') }} as names
        on {{ text_matches_pattern(
            'keyed.model_key', "concat('^(', names.name_pattern, ')$')"
        ) }}
    qualify
        row_number() over (
            partition by keyed.model_name order by length(names.name_pattern) desc, names.model
        ) = 1

)

-- A model that nobody named keeps its own name, spelled as it is compared.
select
    keyed.model_name,
    coalesce(known.model, keyed.model_key) as model,
    known.family as model_family,
    known.vendor as model_vendor,
    coalesce(known.model_class, 'unknown') as model_class,
    known.has_open_weights,
    known.model is not null as is_known_model
from keyed
left join known on keyed.model_name = known.model_name
