"""Streams: every text, map and rate that the lines of one resource share."""

import duckdb

# How a resource's usage can appear on the bill. SavingsPlanNegation rows carry no resource in real
# reports and are summed per account, SKU, zone and plan; pods are rows of their own.
_VARIANTS = """
    select resources.*, 'usage' as variant, null::integer as pod, null as split_resource,
        null::decimal(18, 4) as split_quantity, null::decimal(18, 4) as split_used,
        null::decimal(10, 4) as split_ratio, null::decimal(10, 4) as unused_ratio
    from resources
    union all by name
    select resources.*, 'sp_covered' as variant from resources where sp is not null
    union all by name
    select resources.*, 'ri_covered' as variant from resources where ri is not null
    union all by name
    select * replace (null as resource_id, map() as resource_tags, 'not_derivable' as
        owner_evidence, 'none' as style), 'sp_negation' as variant
    from resources
    where sp is not null
    qualify row_number() over (
        partition by account, usage_type, operation, zone, sp order by seed_id
    ) = 1
    union all by name
    select
        resources.* replace (
            pods.project as project, pods.phase as phase, pods.model as model,
            owners.team as team, owners.experiment as experiment,
            teams.business_unit as business_unit, teams.cost_centre as cost_centre,
            'kubernetes_namespace' as owner_evidence,
            'arn:aws:eks:' || region || ':' || account_id || ':pod/' || resources.eks_cluster
            || '/' || namespace || '/' || workload || '-' || hex_id(seed_key || pod, 5) || '/'
            || uuid_id(seed_key || 'pod' || pod) as resource_id,
            map {
                'aws_eks_cluster_name': resources.eks_cluster, 'aws_eks_namespace': namespace,
                'aws_eks_workload_name': workload,
                'aws_eks_workload_type': 'Deployment',
                'aws_eks_deployment': workload, 'aws_eks_node': resources.resource_id
            } as resource_tags,
            null as planted
        ),
        'split' as variant, pod, resource as split_resource, quantity as split_quantity,
        used as split_used, pods.split_ratio, pods.unused_ratio
    from resources
    inner join pods on pods.eks_cluster = resources.eks_cluster
    inner join projects as owners on owners.project = pods.project
    inner join teams on teams.team = owners.team
"""


def create_streams(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``streams`` from ``resources`` and the commitments' terms."""
    con.execute(
        f"""
        create or replace table streams as
        with varied as ({_VARIANTS}),
        numbered as (
            select
                row_number() over (order by seed_id, variant, pod, split_resource) as stream_id,
                seed_key || '/' || variant || coalesce('/' || pod || split_resource, '')
                    as stream_key,
                varied.*
            from varied
        ),
        priced as (
            select
                numbered.* exclude (charge_kind, attributes, usage_type, operation, rate,
                    list_rate, description, product_code, product_name, product_family, unit,
                    instance_type),
                case variant
                    when 'usage' then charge_kind
                    else variant
                end as charge_kind,
                case variant
                    when 'sp_covered' then 'SavingsPlanCoveredUsage'
                    when 'sp_negation' then 'SavingsPlanNegation'
                    when 'ri_covered' then 'DiscountedUsage'
                    else 'Usage'
                end as line_type,
                case variant when 'split' then transfer_code || '-EKS-EC2-' || split_resource
                    || '-Hours' else numbered.usage_type end as usage_type,
                case variant when 'split' then 'EKSPod-EC2' else operation end as operation,
                case variant when 'split' then 'AmazonEKS' else product_code end as product_code,
                case variant when 'split' then 'Amazon Elastic Container Service for Kubernetes'
                    else product_name end as product_name,
                case variant when 'split' then 'Compute' else product_family end
                    as product_family,
                case variant when 'split' then split_resource || '-Hours' else unit end as unit,
                case variant when 'split' then null else numbered.instance_type end
                    as instance_type,
                case variant when 'ri_covered' then 0 when 'split' then 0 else rate end as rate,
                case variant when 'split' then 0 else list_rate end as list_rate,
                case variant
                    when 'sp_negation' then null
                    when 'ri_covered' then instance_type || ' reserved instance applied'
                    when 'split' then split_resource || ' hours of pod ' || coalesce(pod, 0)
                        || ' on ' || instance_type
                    else description
                end as plain_description,
                case variant when 'split' then map() else attributes end as attributes,
                if(variant = 'usage' and token_model is not null, principal_arn, null)
                    as caller,
                -- Models of the marketplace are products of their own that share usage types.
                sku_id(case variant when 'split' then split_resource else product_code end
                    || usage_type || operation
                    || if(product_name like '%Bedrock Edition%', product_name, '')) as sku
            from numbered
        )
        select
            priced.* exclude (plain_description, attributes, resource_tags, region, amount,
                amount_kind, amount_spread_pct, amount_digits, follows_day, growth_pct, edp,
                private_pct, bundled_pct, presence_pct, run_min, run_max, window_from,
                window_to, restated, copies, scales, tag_style),
            case when product_code in ('AWSLambda') then null else region end as region,
            case variant
                when 'sp_negation' then 'SavingsPlanNegation used by AccountId : ' || account_id
                    || ' and UsageSku : ' || sku
                else plain_description
            end as description,
            case when split_part(instance_type, '.', -1) is null then null
                else attributes['normalization_size_factor'] end as normalization_factor,
            case
                when variant = 'sp_negation' or charge_kind = 'split' then null
                when variant = 'ri_covered' then 'Reserved'
                when charge_kind = 'spot_usage' then 'Spot'
                else 'OnDemand'
            end as pricing_term,
            case when variant in ('sp_negation', 'split') then null else sku || '.'
                || case variant when 'ri_covered' then '4NA7Y494T4' else 'JRTCKXETXF' end
                || '.6YS6EN2CT7' end as rate_code,
            cast(30000000000 + hash(sku) % 60000000000 as varchar) as rate_id,
            case when transfer_type is not null then 'AWSDataTransfer'
                when product_code = '7pd41r2mmmo3cx0zlslqt8wvx' then null
                else product_code end as servicecode,
            from_places.location as from_location,
            case
                when transfer_type in ('AWS Outbound', 'CloudFront Outbound') then 'External'
                when transfer_type = 'AWS Inbound' then region_location
                else to_places.location
            end as to_location,
            map_from_entries(list_filter([
                {{key: 'product_name', value: product_name}},
                {{key: 'servicename', value: case when transfer_type is null then product_name
                    else 'AWS Data Transfer' end}},
                {{key: 'region', value: priced.region}},
                {{key: 'transfer_type', value: transfer_type}},
                {{key: 'capacitystatus', value: case charge_kind
                    when 'capacity_unused' then 'UnusedCapacityReservation'
                    when 'capacity_reserved' then 'AllocatedCapacityReservation'
                    else case when product_family = 'Compute Instance' then 'Used' end end}},
                {{key: 'availability_zone', value: zone}}
            ], lambda entry: entry.value is not null)
            || list_filter(map_entries(attributes),
                lambda entry: entry.key not in ('servicename'))) as product,
            resource_tags,
            map_from_entries(list_filter([
                {{key: 'Team', value: tag_team}},
                {{key: 'Organisation', value: case source when 'aws_main' then 'halden'
                    else 'halden-lab' end}}
            ], lambda entry: entry.value is not null)) as cost_category,
            plans.sp_arn, plans.sp_offering, plans.sp_payment_option, plans.sp_term_start,
            reserved.ri_arn, reserved.ri_subscription_id, reserved.recurring_rate,
            reserved.amortised_rate, nodes.parent_resource_id,
            coalesce(holders.holder_arn, blocks.prepaid_arn) as cr_arn,
            case priced.charge_kind
                when 'capacity_reserved' then 'Reserved'
                when 'capacity_unused' then 'Unused'
                else 'Used'
            end as cr_status,
            case priced.cr when 'odcr-p5' then 'ODCR'
                when 'cb-p5' then 'EC2 Capacity Blocks for ML' end as cr_type
        from priced
        inner join (select region, location as region_location from regions) as regions
            using (region)
        left join regions as from_places on from_places.region = priced.from_region
        left join regions as to_places on to_places.region = priced.to_region
        left join (
            select
                sp, sp_arn, offering as sp_offering,
                payment_option as sp_payment_option, term_start as sp_term_start
            from savings_plans
        ) as plans
            on plans.sp = priced.sp and priced.variant in ('sp_covered', 'sp_negation')
        left join (
            select
                ri, ri_arn, subscription_id as ri_subscription_id, recurring_rate, amortised_rate
            from reservations
        ) as reserved on reserved.ri = priced.ri and priced.variant = 'ri_covered'
        left join (
            select seed_id as node_seed_id, resource_id as parent_resource_id from resources
        ) as nodes on node_seed_id = priced.seed_id and priced.variant = 'split'
        left join (
            select cr as held_cr, resource_id as holder_arn
            from resources
            where charge_kind = 'capacity_reserved'
        ) as holders on held_cr = priced.cr
        left join (
            select prepaid, month_index as block_month, prepaid_arn
            from prepaid
            where kind = 'capacity_block'
        ) as blocks on blocks.prepaid = priced.cr and block_month = priced.run
        order by stream_id
        """
    )
    con.execute(
        """
        -- Where the lines of a resource go when a commitment covers them.
        create or replace table routes as
        with variants as (
            select
                seed_id,
                max(case variant when 'usage' then stream_id end) as stream_id,
                max(case variant when 'sp_covered' then stream_id end) as covered_stream_id,
                max(case variant when 'ri_covered' then stream_id end) as reserved_stream_id
            from streams
            where variant <> 'split'
            group by seed_id
        ),
        negations as (
            select account, usage_type, operation, zone, sp, stream_id as negation_stream_id
            from streams
            where variant = 'sp_negation'
        )
        select
            variants.stream_id, variants.covered_stream_id, variants.reserved_stream_id,
            negations.negation_stream_id, key_hash(resources.seed_key) as key_hash,
            resources.from_hour,
            resources.to_hour, resources.run_every is not null as is_run, resources.calendar,
            resources.presence_pct, resources.amount_kind, cast(resources.amount as double)
                as amount, resources.amount_spread_pct, resources.follows_day,
            resources.amount_digits, resources.growth_pct, streams.rate, streams.list_rate,
            resources.sp, resources.sp_rate, resources.sp_priority, resources.ri, resources.cr,
            resources.charge_kind, resources.edp, resources.private_pct, resources.bundled_pct,
            resources.restated, resources.eks_cluster is not null as is_node
        from variants
        inner join resources using (seed_id)
        inner join streams on streams.stream_id = variants.stream_id
        left join negations
            on negations.account = resources.account
            and negations.usage_type = resources.usage_type
            and negations.operation = resources.operation
            and negations.zone is not distinct from resources.zone
            and negations.sp = resources.sp
        order by variants.stream_id
        """
    )
    con.execute(
        """
        -- Numbers only: which lines are a node's, and what its pods take of each of its hours.
        create or replace table node_routes as
        select stream_id, stream_id as node_stream_id, key_hash, false as is_covered
        from routes
        where is_node
        union all
        select covered_stream_id, stream_id, key_hash, true
        from routes
        where is_node and covered_stream_id is not null
        order by stream_id;
        create or replace table pod_routes as
        select
            cast(pods.stream_id as integer) as stream_id, nodes.stream_id as node_stream_id,
            pods.split_quantity as reserved, pods.split_used as used, pods.split_ratio,
            pods.unused_ratio, pods.split_resource = 'GB' as is_memory
        from streams as pods
        inner join streams as nodes
            on nodes.seed_id = pods.seed_id and nodes.variant = 'usage'
        where pods.variant = 'split'
        order by pods.stream_id
        """
    )
