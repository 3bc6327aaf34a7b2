-- One row per delivery that landing refused whole, each time a different reason was found.
select
    source_name,
    delivery,
    file_path,
    column_name,
    reason,
    remedy,
    cast(refused_at as timestamp) as refused_at,
    is_open
from {{ source('raw_ops', 'refusals') }}
