"""From kinds of usage to streams: one row per resource x kind of line, with all its texts.

A line of the bill is then only (stream, hour, quantity, money); the 60 text columns and maps are
joined when a file is written, so ten million lines stay narrow until they leave.
"""

import duckdb

from sample_estate.aws.pods import POD_COLUMNS, pod_rows
from sample_estate.aws.templates import REGIONS, TEMPLATE_COLUMNS, Template
from sample_estate.company import (
    ACCOUNTS,
    ENVIRONMENTS,
    IAM_PRINCIPALS,
    PROJECTS,
    TAG_KEY_ALIASES,
    TEAMS,
)
from sample_estate.engine import load_rows


def load_company(con: duckdb.DuckDBPyConnection, templates: list[Template]) -> None:
    """Load the company and the templates as small tables."""
    load_rows(
        con,
        "accounts",
        {
            "key": "varchar",
            "account_id": "varchar",
            "name": "varchar",
            "payer_id": "varchar",
            "payer_name": "varchar",
            "source": "varchar",
            "tag_team": "varchar",
        },
        [vars(a) for a in ACCOUNTS],
    )
    load_rows(
        con,
        "teams",
        {
            "team": "varchar",
            "business_unit": "varchar",
            "cost_centre": "varchar",
            "aliases": "varchar[]",
        },
        [vars(t) | {"team": t.key, "aliases": list(t.aliases)} for t in TEAMS],
    )
    load_rows(
        con,
        "projects",
        {
            "project": "varchar",
            "team": "varchar",
            "model": "varchar",
            "experiment": "varchar",
            "principal_arn": "varchar",
        },
        [
            vars(p) | {"project": p.key, "principal_arn": IAM_PRINCIPALS.get(p.key)}
            for p in PROJECTS
        ],
    )
    load_rows(
        con,
        "environments",
        {"environment": "varchar", "aliases": "varchar[]"},
        [{"environment": k, "aliases": list(v)} for k, v in ENVIRONMENTS.items()],
    )
    load_rows(
        con,
        "tag_keys",
        {"tag": "varchar", "aliases": "varchar[]"},
        [{"tag": k, "aliases": list(v)} for k, v in TAG_KEY_ALIASES.items()],
    )
    load_rows(
        con,
        "regions",
        {"region": "varchar", "transfer_code": "varchar", "location": "varchar"},
        list(REGIONS.values()),
    )
    load_rows(con, "templates", TEMPLATE_COLUMNS, [t.as_row() for t in templates])
    load_rows(con, "pods", POD_COLUMNS, pod_rows())


def create_seeds(con: duckdb.DuckDBPyConnection, replicas: int, last_share_pct: int) -> None:
    """Create ``seeds``: one row per resource (or job run) with its interval of hours.

    ``replicas`` whole repetitions of what scales, and ``last_share_pct`` percent of one more.
    """
    con.execute(
        f"""
        create or replace table seeds as
        with repeated as (
            select templates.*, replica, copy
            from templates
            cross join range({replicas + 1}) as replicas (replica)
            cross join range(2) as copies (copy)
            where copy < templates.copies
                and (replica = 0 or templates.scales)
                -- The lab stays small: it grows once while the company grows four times.
                and (replica % 4 = 0 or templates.account not in ('lab', 'lab_payer'))
                and (
                    replica < {replicas}
                    or (replica = {replicas} and draw('last' || key || copy, 100)
                        < {last_share_pct})
                )
        ),
        estate as (select max(last_hour) as hours from months),
        whole_time as (
            select repeated.*, 0 as run, 0 as from_hour, estate.hours as to_hour
            from repeated
            cross join estate
            where run_every is null and window_from is null
        ),
        windows as (
            select
                repeated.*, months.month_index as run,
                months.first_hour + window_from as from_hour,
                least(months.first_hour + window_to, months.last_hour) as to_hour
            from repeated
            cross join months
            where window_from is not null
        ),
        numbered_runs as (
            select repeated.*, unnest(range(0, estate.hours // run_every + 1)) as run
            from repeated
            cross join estate
            where run_every is not null
        ),
        -- The first run starts within six hours, so that even a one-day estate has one of each.
        started_runs as (
            select
                *,
                run * run_every + draw(key || replica || '.' || copy || 'start' || run,
                    case when run = 0 then 6 else greatest(run_every // 3, 1) end) as from_hour,
                run_min + draw(key || replica || '.' || copy || 'length' || run,
                    run_max - run_min + 1) as run_hours
            from numbered_runs
        ),
        runs as (
            select
                started_runs.* exclude (run_hours),
                least(from_hour + run_hours, estate.hours) as to_hour
            from started_runs
            cross join estate
            where from_hour < estate.hours
        ),
        placed as (
            select * from whole_time
            union all by name
            select * from windows
            union all by name
            select * from runs
        )
        select
            row_number() over (order by key, replica, copy, run) as seed_id,
            key || '#' || replica || '.' || copy || '.' || run as seed_key,
            placed.*
        from placed
        where from_hour < to_hour
        order by seed_id
        """
    )


def create_resources(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``resources``: seeds with account, identifiers, owners and tags."""
    con.execute(
        """
        create or replace table resources as
        with owned as (
            select
                seeds.*,
                accounts.account_id, accounts.name as account_name, accounts.payer_id,
                accounts.payer_name, accounts.source, accounts.tag_team,
                projects.team, projects.experiment as project_experiment,
                teams.business_unit, teams.cost_centre, teams.aliases as team_aliases,
                environments.aliases as environment_aliases,
                regions.location, regions.transfer_code,
                -- One bucket or gateway has several kinds of usage, one set of tags and one id.
                case
                    when id_kind = 'capacity_reservation' then cr || replica
                    when resource_name is not null then account || resource_name || replica
                    else seed_key
                end as id_key,
                projects.principal_arn || if(replica = 0, '', '-' || replica) as principal_arn
            from seeds
            inner join accounts on accounts.key = seeds.account
            inner join projects on projects.project = seeds.project
            inner join teams on teams.team = projects.team
            inner join environments on environments.environment = seeds.environment
            inner join regions on regions.region = seeds.region
        ),
        identified as (
            select
                *,
                case when model is not null and phase in ('training', 'retraining', 'validation')
                    then project_experiment end as experiment,
                case id_kind
                    when 'instance' then 'i-' || hex_id(id_key, 17)
                    when 'volume' then 'vol-' || hex_id(id_key, 17)
                    when 'snapshot' then 'arn:aws:ec2:' || region || ':' || account_id
                        || ':snapshot/snap-' || hex_id(id_key, 17)
                    when 'bucket' then resource_name
                        || if(replica = 0, '', '-' || lpad(replica::varchar, 3, '0'))
                    when 'capacity_reservation' then 'arn:aws:ec2:' || region || ':'
                        || account_id || ':capacity-reservation/cr-' || hex_id(id_key, 17)
                    when 'training_job' then 'arn:aws:sagemaker:' || region || ':' || account_id
                        || ':training-job/' || project || '-' || hex_id(id_key, 8) || '-'
                        || lpad(run::varchar, 4, '0')
                    when 'processing_job' then 'arn:aws:sagemaker:' || region || ':'
                        || account_id || ':processing-job/' || project || '-'
                        || hex_id(id_key, 8)
                    when 'endpoint' then 'arn:aws:sagemaker:' || region || ':' || account_id
                        || ':endpoint/' || project || '-' || hex_id(id_key, 6)
                    when 'notebook' then 'arn:aws:sagemaker:' || region || ':' || account_id
                        || ':notebook-instance/' || project || '-' || hex_id(id_key, 6)
                    when 'app' then 'arn:aws:sagemaker:' || region || ':' || account_id
                        || ':app/d-' || hex_id(account, 12) || '/' || project
                        || '/kernelgateway/default-' || hex_id(id_key, 6)
                    when 'file_system' then 'arn:aws:fsx:' || region || ':' || account_id
                        || ':file-system/fs-' || hex_id(id_key, 17)
                    when 'nat' then 'arn:aws:ec2:' || region || ':' || account_id
                        || ':natgateway/nat-' || hex_id(id_key, 17)
                    when 'transit_gateway' then 'arn:aws:ec2:' || region || ':' || account_id
                        || ':transit-gateway/tgw-' || hex_id(id_key, 17)
                    when 'distribution' then 'arn:aws:cloudfront::' || account_id
                        || ':distribution/E' || upper(hex_id(id_key, 13))
                    when 'function' then 'arn:aws:lambda:' || region || ':' || account_id
                        || ':function:' || project || '-' || hex_id(id_key, 6)
                end as resource_id
            from owned
        ),
        styled as (
            select
                *,
                coalesce(tag_style, case
                    when draw(id_key || 'style', 100) < 55 then 'clean'
                    when draw(id_key || 'style', 100) < 82 then 'aliased'
                    when draw(id_key || 'style', 100) < 93 then 'partial'
                    else 'none'
                end) as style
            from identified
        ),
        alias_list as (select map_from_entries(list((tag, aliases))) as aliases from tag_keys),
        spelled as (
            select
                styled.*, alias_list.aliases,
                case style when 'clean' then 0 else draw(id_key || 'key', 4) end as spelling,
                case style when 'clean' then 0 else 1 end as is_messy
            from styled
            cross join alias_list
        ),
        labelled as (
            select
                *,
                list_filter([
                    {k: aliases['team'][1 + spelling],
                     v: case when style in ('clean', 'aliased')
                            or (style = 'partial' and draw(id_key || 'part', 2) = 0)
                        then case is_messy when 0 then team
                            else pick(id_key || 'team', team_aliases) end end},
                    {k: aliases['environment'][1 + spelling],
                     v: case when style in ('clean', 'aliased', 'partial')
                        then case is_messy when 0 then environment
                            else pick(id_key || 'env', environment_aliases) end end},
                    {k: aliases['project'][1 + spelling],
                     v: case when style in ('clean', 'aliased') then project
                        || case when is_messy = 1 and draw(id_key || 'space', 4) = 0
                            then ' ' else '' end end},
                    {k: aliases['cost_centre'][1 + spelling],
                     v: case when style = 'clean' then cost_centre end},
                    {k: aliases['model'][1 + spelling],
                     v: case when style in ('clean', 'aliased') then model end},
                    {k: aliases['experiment'][1 + spelling],
                     v: case when style in ('clean', 'aliased') then experiment end},
                    {k: aliases['phase'][1],
                     v: case when style = 'clean' and id_kind = 'instance'
                            and phase <> 'unknown' then phase end},
                    {k: 'Name',
                     v: case when style <> 'none' and id_kind in ('instance', 'volume')
                        then key || '-' || replica end}
                ], lambda tag: tag.v is not null) as user_tags,
                list_filter([
                    {k: 'createdBy',
                     v: case when id_kind in ('instance', 'training_job', 'notebook')
                        then 'AssumedRole:AROA' || upper(hex_id(account || project, 16))
                        || ':' || project end},
                    {k: 'eks:cluster-name', v: eks_cluster}
                ], lambda tag: tag.v is not null) as system_tags
            from spelled
        )
        select
            * exclude (aliases, team_aliases, environment_aliases, spelling, is_messy,
                user_tags, system_tags),
            -- CUR 2.0 writes tag keys in snake case, the legacy report as they were typed.
            case source
                when 'aws_main' then map_from_entries(list_concat(
                    list_transform(user_tags, lambda tag:
                        {k: 'user_' || lower(regexp_replace(tag.k, '([a-z])([A-Z])', '\\1_\\2')),
                         v: tag.v}),
                    list_transform(system_tags, lambda tag:
                        {k: 'aws_' || case tag.k when 'createdBy' then 'created_by'
                            else replace(replace(tag.k, ':', '_'), '-', '_') end, v: tag.v})))
                else map_from_entries(list_concat(
                    list_transform(user_tags, lambda tag: {k: 'user:' || tag.k, v: tag.v}),
                    list_transform(system_tags, lambda tag: {k: 'aws:' || tag.k, v: tag.v})))
            end as resource_tags,
            case
                when len(list_filter(user_tags, lambda tag:
                    lower(tag.k) in ('team', 'squad', 'owner_team', 'project', 'proj',
                        'project_name'))) > 0 then 'resource_tag'
                when principal is not null and source = 'aws_main' then 'iam_principal'
                when tag_team is not null then 'cost_category'
                else 'not_derivable'
            end as owner_evidence
        from labelled
        order by seed_id
        """
    )
