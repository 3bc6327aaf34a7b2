"""What models cost is what was planted and what real requests say, in one vocabulary of models."""

from __future__ import annotations

import pytest

from tests.warehouse.warehouse import Warehouse

TOKENS = "ai_finops.inference.token_costs_daily"
ENDPOINTS = "ai_finops.inference.endpoints_hourly"
UNITS = "ai_finops.inference.unit_costs_daily"
VARIANCE = "ai_finops.inference.gateway_variance_daily"
LAWS = (
    "assert_tokens_and_the_rest_are_the_bill",
    "assert_serving_costs_are_the_bill",
    "assert_gateway_parts_are_the_difference",
)

# Spellings of bills, price lists, usage logs and published weights, and the model that they are.
SPELLINGS = {
    "Claude Sonnet 4.5": "claude-sonnet-4.5",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0": "claude-sonnet-4.5",
    "bedrock/anthropic.claude-sonnet-4-5": "claude-sonnet-4.5",
    "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-5-sonnet-20241022-v2:0": (
        "claude-sonnet-3.5"
    ),
    "Claude4Sonnet": "claude-sonnet-4",
    "vertex_ai/claude-haiku-4-5@20251001": "claude-haiku-4.5",
    "gpt-4o": "gpt-4o",
    "azure/gpt-4o-2024-08-06": "gpt-4o",
    "gpt 4o 0806": "gpt-4o",
    "gpt-4o-mini-2024-07-18": "gpt-4o-mini",
    "ft:gpt-4o-mini-2024-07-18:halden::Ab12": "gpt-4o-mini",
    "5.6-sol": "gpt-5.6-sol",
    "NovaPro": "nova-pro",
    "amazon.nova-pro-v1:0": "nova-pro",
    "Amazon Titan Text Embeddings V2": "titan-embed-text-v2",
    "gemini-2.5-flash-ga": "gemini-2.5-flash",
    "meta-llama/Llama-3.1-8B-Instruct": "llama-3.1-8b",
    "meta.llama3-3-70b-instruct-v1:0": "llama-3.3-70b",
    "mistralai/Mistral-7B-Instruct-v0.2": "mistral-7b",
    "deepseek.r1-v1:0": "deepseek-r1",
    "Halden Atlas_2": "halden-atlas-2",
}

# Words of price lists that the sample estate does not bill: service, what is sold; class and tier.
INVENTED = [
    ("AWS", "Amazon Bedrock", "USE1-ProvisionedThroughput-ModelUnits", *["provisioned"] * 2),
    (
        "AWS",
        "Amazon Bedrock",
        "USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units",
        *["provisioned"] * 2,
    ),
    ("AWS", "Amazon Bedrock", "USE1-NovaPro-input-tokens-flex", None, "flex"),
    ("AWS", "Amazon Bedrock", "USE1-gpt-oss-mantle-output-tokens-priority", None, "priority"),
    ("AWS", "Amazon Bedrock", "USE1-GuardrailsTextUnit", "tool_use", "standard"),
    ("AWS", "Amazon Bedrock", "USE1-NovaPro-customization-training", "training", "standard"),
    ("Google Cloud", "Vertex AI", "Gemini 2.5 Pro Provisioned Throughput", *["provisioned"] * 2),
    ("Google Cloud", "Vertex AI", "Gemini 2.5 Flash Audio Input - Batch", "audio_input", "batch"),
    ("Google Cloud", "Vertex AI", "Vertex AI: Workbench management fee", *["no model"] * 2),
    ("Microsoft", "Azure OpenAI", "gpt-4o-0806-FT-Hstng-glbl Unit", "model_hosting", "standard"),
    ("Microsoft", "Azure OpenAI", "gpt-4.1-pp-Inp-DZone PTU", *["provisioned"] * 2),
    ("OpenAI", "OpenAI API", "Image Output Tokens", "image_output", "standard"),
    ("OpenAI", "OpenAI API", "Something new", None, "standard"),
]


@pytest.fixture(scope="module")
def warehouse(whole_home) -> Warehouse:
    return Warehouse(whole_home.home)


@pytest.fixture(scope="module")
def damaged(warehouse, tmp_path_factory) -> Warehouse:
    return warehouse.copy_to(tmp_path_factory.mktemp("damaged") / "home")


def test_every_planted_token_of_bedrock_is_found_to_the_last_digit(warehouse, whole_home):
    """By day, account, principal, owner, model, class and tier: tokens and cost."""
    planted = f"""
        select
            usage_date, source, usage_account_id, iam_principal, team,
            case model
                when 'Amazon Titan Text Embeddings V2' then 'titan-embed-text-v2'
                else replace(replace(lower(model), 'amazon ', ''), ' ', '-') end as model,
            token_kind, replace(token_tier, 'on_demand', 'standard') as tier,
            sum(tokens) as tokens, sum(billed_cost) as cost
        from read_parquet('{whole_home.estate}/truth/tokens_daily.parquet')
        group by all
    """
    found = f"""
        select
            charge_date, source_name, sub_account_id, principal_id, team, model,
            token_class, service_tier, sum(tokens), sum(billed_cost)
        from {TOKENS} where provider = 'aws' group by all
    """
    assert warehouse.rows(f"select count(*) > 100 from ({planted})") == [(True,)]
    assert warehouse.rows(f"({planted}) except all ({found})") == []
    assert warehouse.rows(f"({found}) except all ({planted})") == []


def test_one_model_through_several_doors_is_one_line(warehouse):
    doors = dict(
        warehouse.rows(
            f"select model, list(distinct provider order by provider) from {TOKENS} "
            "where is_known_model group by model having count(distinct provider) > 1"
        )
    )
    assert doors == {
        "claude-haiku-4.5": ["anthropic", "aws"],
        "gpt-4o": ["azure", "openai"],
        "gpt-4o-mini": ["azure", "openai"],
        "text-embedding-3-large": ["azure", "openai"],
    }
    unknown = f"select distinct model, model_class from {TOKENS} where not is_known_model"
    assert warehouse.rows(unknown) == [("rank-xl", "unknown")]
    assert warehouse.rows(f"select count(*) from {TOKENS} where token_class = 'other'") == [(0,)]


def test_caches_save_what_public_prices_say(warehouse):
    """At Anthropic reading costs a tenth, writing for an hour twice the full price."""
    query = f"""
        select token_class, round(sum(cache_saving) / sum(effective_cost), 6)
        from {TOKENS} where provider = 'anthropic' and token_class like 'cache%'
        group by token_class order by token_class
    """
    assert warehouse.rows(query) == [
        ("cache_read", 9.0),
        ("cache_write_1h", -0.5),
        ("cache_write_5m", -0.2),
    ]


def test_tokens_are_billed_at_the_public_price_of_their_day(warehouse):
    """Inference in the United States alone costs a tenth more at Anthropic."""
    found = warehouse.rows(
        f"select distinct provider, price_to_public from {TOKENS} "
        "where provider in ('openai', 'anthropic') and tokens > 0 order by all"
    )
    assert found == [("anthropic", 1.0), ("anthropic", 1.1), ("openai", 1.0)]


@pytest.mark.parametrize(
    "damages",
    [
        (
            f"delete from {TOKENS} where billed_cost = (select max(billed_cost) from {TOKENS})",
            f"update {UNITS} set effective_cost = effective_cost + 0.0000000000000001 "
            "where model = 'atlas-7b' and charge_date = '2026-07-03'",
            f"update {VARIANCE} set unexplained = 0 where unexplained <> 0",
        ),
        (
            f"insert into {TOKENS} select * from {TOKENS} where billed_cost > 0 limit 1",
            f"delete from {ENDPOINTS} where hour_start = '2026-07-03 14:00:00'",
            f"delete from {VARIANCE} where main_cause = 'missing_requests'",
        ),
        (
            f"update {TOKENS} set tokens = tokens + 1 where token_class = 'cache_read'",
            f"insert into {UNITS} select * from {UNITS} where effective_cost > 0 limit 1",
            f"update {VARIANCE} set billed_cost = billed_cost + 1, "
            "missing_requests = missing_requests - 1 where main_cause = 'stale_price'",
        ),
    ],
    ids=["lost or smoothed", "doubled or lost", "miscounted, doubled or moved"],
)
def test_laws_notice_what_is_lost_doubled_or_hidden(damaged, warehouse, damages):
    """One damage for each law: tokens, unit costs, gateway."""
    damaged.execute(*damages)
    assert damaged.dbt("test", "--select", *LAWS) == dict.fromkeys(LAWS, "fail")
    damaged.restore_from(warehouse)


def test_laws_hold_without_damage(warehouse):
    assert warehouse.dbt("test", "--select", *LAWS) == dict.fromkeys(LAWS, "pass")


def test_words_of_price_lists_have_their_class_and_model(warehouse, tmp_path):
    copy = warehouse.copy_to(tmp_path / "home")
    texts = ", ".join(
        f"({number}, '{provider}', '{service}', '{sku}', null)"
        for number, (provider, service, sku, *_) in enumerate(INVENTED)
    )
    names = ", ".join(
        f"({number}, 'OpenAI', 'OpenAI API', 'Input Tokens', '{name}')"
        for number, name in enumerate(SPELLINGS, start=1000)
    )
    copy.execute(
        f"""
        insert into allocation.attribution_keys
        select
            copied.* replace (
                texts.number as attribution_key, texts.provider as service_provider_name,
                texts.provider as host_provider_name, texts.service as service_name,
                null as x_service_code, null as x_product_family, texts.sku as x_usage_type,
                null as sku_meter, null as charge_description, null as sku_price_details,
                texts.model as x_model_id, 'Usage' as charge_category
            )
        from (select * from allocation.attribution_keys limit 1) as copied
        cross join (values {texts}, {names}) as texts (number, provider, service, sku, model)
        """
    )
    assert set(copy.dbt("run", "--select", "model_aliases", "model_charges").values()) == {
        "success"
    }
    decided = {
        number: found
        for number, *found in copy.rows(
            "select attribution_key, ruled_class, service_tier, model "
            "from allocation.model_charges where attribution_key < 2000"
        )
    }
    for number, (*words, token_class, tier) in enumerate(INVENTED):
        expected = ["provisioned_throughput" if token_class == "provisioned" else token_class, tier]
        if token_class == "no model":
            assert number not in decided, words
        else:
            assert decided[number][:2] == expected, words
    models = {name: decided[1000 + number][2] for number, name in enumerate(SPELLINGS)}
    assert models == SPELLINGS
