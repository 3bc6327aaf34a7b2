"""Telemetry in the shapes of the tools that write it, as one row per sample.

Every shape comes to the same columns: time, name of the metric, labels of the series, value. Names,
labels and units stay those of the tool; what they mean is decided by the models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from orchestration.exports.deliveries import Discovery, is_data, loose_deliveries
from orchestration.exports.errors import RefusedDelivery
from orchestration.exports.filesystem import Location
from orchestration.exports.inventory_snapshots import INVENTORY_SUFFIXES, day_in, scope_of
from orchestration.exports.preparing import Preparation
from orchestration.exports.schemas import literal

#: Columns of a sample; values stay text, so that what is no number is held back with its text.
SAMPLE = {
    "sampled_at": "TIMESTAMP",
    "metric_name": "VARCHAR",
    "labels": "VARCHAR",
    "value": "VARCHAR",
}
#: Readings of nvidia-smi: column of the schema -> name of the field.
NVIDIA_SMI = {
    "utilization_gpu": "utilization.gpu",
    "utilization_memory": "utilization.memory",
    "memory_used": "memory.used",
    "memory_free": "memory.free",
    "memory_total": "memory.total",
    "power_draw": "power.draw",
}
ZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*")


def discover_telemetry(location: Location) -> Discovery:
    """Every data file; label files of OpenShift are inventories."""
    found = Discovery()
    files = [file for file in location.files() if is_data(file, INVENTORY_SUFFIXES)]
    loose_deliveries((file for file in files if "_label" not in file.name), found)
    return found


def check_zone(value: str) -> tuple[str, str] | None:
    """What is wrong with a time zone; None where nothing is."""
    if ZONE.fullmatch(value):
        return None
    return "is no time zone.", "Write its name, such as Europe/Berlin."


def prepare_prometheus(preparation: Preparation) -> None:
    """Answers of query and query_range: one row per series, an array of pairs in it."""
    sql = preparation.sql
    metric = sql.text("metric")
    points = f"coalesce({sql.text('values')}, '[' || {sql.text('value')} || ']')"
    name = f"coalesce(json_extract_string({metric}, '$.__name__'), {_named(sql.options, 'metric')})"
    cluster = sql.options.get("cluster")
    first = literal('{"cluster": "' + cluster + '"}') if cluster else "'{}'"
    labels = f"json_merge_patch({first}, json_merge_patch({metric}, '{{\"__name__\": null}}'))"
    _replace_rows(
        preparation,
        f"""
        select
            make_timestamp(cast(try_cast(point[1] as double) * 1000000 as bigint)) as sampled_at,
            metric_name, labels, point[2] as value
        from (
            select {name} as metric_name, cast({labels} as varchar) as labels,
                unnest(from_json({points}, '[["VARCHAR"]]')) as point
            from {sql.relation}
        )""",
    )


def prepare_nvidia_smi(preparation: Preparation) -> None:
    """Captures of nvidia-smi name no host: the file has to, or exports.yml."""
    sql = preparation.sql
    text = f"trim({sql.text('timestamp')})"
    read = (
        f"coalesce(try_strptime({text}, '%Y/%m/%d %H:%M:%S.%g'), "
        f"try_strptime({text}, '%Y/%m/%d %H:%M:%S'), try_cast({text} as timestamp))"
    )
    host = sql.options.get("host") or scope_of(sql.local.source.path)
    labels = (
        f"json_object('hostname', {literal(host)}, 'gpu', trim({sql.text('index')}), "
        f"'UUID', trim({sql.text('uuid')}), 'modelName', trim({sql.text('name')}), "
        f"'mig_mode', trim({sql.text('mig_mode')}))"
    )
    delivered = {column: name for column, name in NVIDIA_SMI.items() if sql.columns(column)}
    readings = ", ".join(
        f"{{'metric_name': {literal(name)}, 'value': {_reading(sql.text(column))}}}"
        for column, name in delivered.items()
    )
    _replace_rows(
        preparation,
        f"""
        select sampled_at, reading.metric_name as metric_name, labels, reading.value as value
        from (
            select {in_utc(read, sql.options)} as sampled_at, cast({labels} as varchar) as labels,
                unnest([{readings}]) as reading
            from {sql.relation}
        )""",
    )


def prepare_cloudwatch(preparation: Preparation, *, sums: bool = False) -> None:
    """Records of a metric stream, or answers of GetMetricData beside what was asked.

    With `sums` a reading is what happened in its interval, not the mean, and metrics bear the name
    of their service: Invocations is a metric of several.
    """
    sql = preparation.sql
    value, queries = sql.text("value"), sql.text("queries")
    count = "1" if sums else f"nullif(cast(json_extract_string({value}, '$.count') as double), 0)"
    named = "lower({0}) || '/' || {1}" if sums else "{1}"
    asked_of = "json_extract_string(metric, '$.Namespace')"
    region = literal(sql.options["region"]) if "region" in sql.options else "null"
    if sums:
        _refuse_other_statistics(preparation, queries)
    where = (
        f"json_object('namespace', {sql.text('namespace')}, 'region', {sql.text('region')}, "
        f"'account_id', {sql.text('account_id')})"
    )
    _replace_rows(
        preparation,
        f"""
        with asked as (
            select id, query
            from (
                select {sql.text("id")} as id,
                    unnest(from_json({queries}, '["JSON"]')) as query
                from {sql.relation}
            )
            where json_extract_string(query, '$.Id') = id
        )
        select
            make_timestamp(cast({sql.text("timestamp")} as bigint) * 1000) as sampled_at,
            {named.format(sql.text("namespace"), sql.text("metric_name"))} as metric_name,
            cast(json_merge_patch({where}, coalesce({sql.text("dimensions")}, '{{}}')) as varchar)
                as labels,
            cast(cast(json_extract_string({value}, '$.sum') as double) / {count} as varchar)
                as value
        from {sql.relation} where {sql.text("metric_name")} is not null
        union all
        select
            try_cast(replace(read_at, 'Z', '') as timestamp),
            {named.format(asked_of, "json_extract_string(metric, '$.MetricName')")},
            cast(json_merge_patch(
                json_object('namespace', {asked_of}, 'account_id', account_id, 'region', {region}),
                cast(to_json(map_from_entries(list_transform(
                    from_json(json_extract(metric, '$.Dimensions'),
                        '[{{"Name": "VARCHAR", "Value": "VARCHAR"}}]'),
                    lambda d: struct_pack(k := d.Name, v := d.Value)
                ))) as varchar)
            ) as varchar),
            reading
        from (
            select json_extract(asked.query, '$.MetricStat.Metric') as metric,
                json_extract_string(asked.query, '$.AccountId') as account_id,
                unnest(from_json({sql.text("timestamps")}, '["VARCHAR"]')) as read_at,
                unnest(from_json({sql.text("values")}, '["VARCHAR"]')) as reading
            from {sql.relation} as answer
            inner join (
                select distinct id as asked_id, cast(query as varchar) as query from asked
            ) as asked
                on {sql.text("id")} = asked_id
        )""",
    )


def _refuse_other_statistics(preparation: Preparation, queries: str) -> None:
    """Means and percentiles do not add up to the requests of an hour."""
    other = preparation.connection.execute(
        f"select min(json_extract_string(query, '$.MetricStat.Stat')) from (select unnest("
        f"""from_json({queries}, '["JSON"]')) as query from {preparation.sql.relation}) """
        "where json_extract_string(query, '$.MetricStat.Stat') <> 'Sum'"
    ).fetchone()[0]
    if other:
        raise RefusedDelivery(
            f"CloudWatch was asked for the statistic {other}, which does not add up.",
            "Ask GetMetricData for Sum.",
            file_path=preparation.sql.local.source.path,
            column_name="Stat",
        )


def prepare_gcp(preparation: Preparation, *, sums: bool = False) -> None:
    """Time series of Cloud Monitoring: a point stands for the interval that ends with it.

    With `sums` it is what happened from the beginning of its interval on; of a distribution too.
    """
    sql = preparation.sql
    metric, resource = sql.text("metric"), sql.text("resource")
    labels = (
        f"json_merge_patch(json_merge_patch(json_object('resource_type', "
        f"json_extract_string({resource}, '$.type')), "
        f"coalesce(json_extract({resource}, '$.labels'), '{{}}')), "
        f"coalesce(json_extract({metric}, '$.labels'), '{{}}'))"
    )
    value = ", ".join(
        f"json_extract_string(point, '$.value.{kind}Value')" for kind in ("double", "int64")
    )
    if sums:
        spread = "json_extract_string(point, '$.value.distributionValue.{}')"
        value += (
            f", cast(cast({spread.format('count')} as double) "
            f"* cast({spread.format('mean')} as double) as varchar)"
        )
    edge = "startTime" if sums else "endTime"
    _replace_rows(
        preparation,
        f"""
        select
            try_cast(replace(json_extract_string(point, '$.interval.{edge}'), 'Z', '')
                as timestamp) as sampled_at,
            metric_name, labels, coalesce({value}) as value
        from (
            select json_extract_string({metric}, '$.type') as metric_name,
                cast({labels} as varchar) as labels,
                unnest(from_json({sql.text("points")}, '["JSON"]')) as point
            from {sql.relation}
        )""",
    )


def prepare_azure(preparation: Preparation, *, sums: bool = False) -> None:
    """Metrics of Azure Monitor; the resource is what the metric's id begins with.

    With `sums` a reading is the total of its interval, but of percentages.
    """
    sql = preparation.sql
    kinds = ["average", "maximum", "total"]
    readings = ", ".join(f"json_extract_string(point, '$.{kind}')" for kind in kinds)
    if sums:
        total = "json_extract_string(point, '$.total')"
        readings = f"case when unit <> 'Percent' then {total} else coalesce({readings}) end"
    resource = f"split_part({sql.text('id')}, '/providers/Microsoft.Insights/', 1)"
    _replace_rows(
        preparation,
        f"""
        select
            try_cast(replace(json_extract_string(point, '$.timeStamp'), 'Z', '') as timestamp)
                as sampled_at,
            metric_name,
            cast(json_merge_patch(
                json_object('resource_id', resource_id), coalesce(to_json(dimensions), '{{}}')
            ) as varchar) as labels,
            coalesce({readings}) as value
        from (
            select metric_name, resource_id, unit,
                map_from_entries(list_transform(
                    from_json(json_extract(series, '$.metadatavalues'),
                        '[{{"name": {{"value": "VARCHAR"}}, "value": "VARCHAR"}}]'),
                    lambda d: struct_pack(k := d.name.value, v := d.value)
                )) as dimensions,
                unnest(from_json(json_extract(series, '$.data'), '["JSON"]')) as point
            from (
                select json_extract_string({sql.text("name")}, '$.value') as metric_name,
                    {resource} as resource_id, {sql.text("unit")} as unit,
                    unnest(from_json({sql.text("timeseries")}, '["JSON"]')) as series
                from {sql.relation}
            )
        )""",
    )


def prepare_slurm(preparation: Preparation) -> None:
    """Times of sacct are local and may be words; the same job comes again in later dumps."""
    sql = preparation.sql
    times = {
        name: in_utc(f"try_cast({sql.text(column)} as timestamp)", sql.options)
        for name, column in {
            "submitted_at": "submit_time",
            "started_at": "start_time",
            "ended_at": "end_time",
        }.items()
    }
    day = day_in(sql.local.source.full_path)
    dumped = literal(day.isoformat(sep=" ")) if day else "null"
    cluster = f"coalesce({sql.text('cluster')}, {_named(sql.options, 'cluster')})"
    added = {name: "TIMESTAMP" for name in (*times, "listed_at", "dumped_at")}
    header = sql.local.header
    header.drift[:] = [drift for drift in header.drift if drift.column_name not in added]
    preparation.rewrite(
        f"select *, coalesce(started_at, submitted_at) as listed_at from ("
        f"select * exclude (file_row_number), "
        f"{', '.join(f'{value} as {name}' for name, value in times.items())}, "
        f"cast({dumped} as timestamp) as dumped_at, {cluster} as cluster_name, "
        f"cast(to_json({_nodes(sql.text('node_list'))}) as varchar) as node_names "
        f"from {sql.relation})",
        {name: "TIMESTAMP" for name in (*times, "dumped_at")}
        | {"cluster_name": "VARCHAR", "node_names": "VARCHAR", "listed_at": "TIMESTAMP"},
    )


def _nodes(text: str) -> str:
    """The nodes of `gpu[01-03,07],cpu2` one by one; none of `None assigned`."""
    first, last = "split_part(part, '-', 1)", "split_part(part, '-', 2)"
    number = f"lpad(cast(n as varchar), cast(length({first}) as int), '0')"
    one = (
        f"case when contains(part, '-') then list_transform(range(cast({first} as int), "
        f"cast({last} as int) + 1), lambda n: prefix || {number}) else [prefix || part] end"
    )
    return (
        f"(select flatten(list({one})) from (select regexp_extract(word, '^[^\\[]+') as prefix, "
        "unnest(string_split(regexp_extract(word, '\\[([^\\]]*)\\]', 1), ',')) as part "
        f"from (select unnest(regexp_extract_all({text}, '[^,\\[]+(?:\\[[^\\]]*\\])?')) as word) "
        "where word <> 'None assigned'))"
    )


def in_utc(local: str, options: Mapping[str, str]) -> str:
    """SQL of a time in UTC, written in the zone of exports.yml (UTC where none is given)."""
    zone = options.get("timezone")
    return f"timezone('UTC', timezone({literal(zone)}, {local}))" if zone else local


def _named(options: Mapping[str, str], name: str) -> str:
    value = options.get(name)
    return literal(value) if value else "cast(null as varchar)"


def _reading(text: str) -> str:
    """The number of ` 69.85 W`; NULL of `[N/A]`: the card was asked and did not know."""
    return (
        f"case when not starts_with(trim({text}), '[') "
        f"then trim(regexp_replace(trim({text}), '(%|MiB|W)$', '')) end"
    )


def _replace_rows(preparation: Preparation, select: str) -> None:
    """Put samples in place of the file's rows; columns of the shape are no drift of samples."""
    header = preparation.sql.local.header
    header.columns.clear()
    header.drift.clear()
    preparation.rewrite(select, SAMPLE)
