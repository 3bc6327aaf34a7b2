"""Persons are hidden by policy: pseudonyms that last, found nowhere but in the landed files."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import duckdb
import pytest

from orchestration import pipeline, privacy
from orchestration.exports.config import load_exports
from orchestration.exports.errors import ConfigError
from orchestration.privacy import Rule, protector, pseudonym
from orchestration.project import private_file, public_build_file, published_file
from tests.warehouse.warehouse import Warehouse

KEY = "a key of the company, not to be guessed"
HEAD = "column_name,provider,action,kept_pattern,reason\n"
# Roles stay readable, and sessions that are named after a service; people's do not.
KEPT = "^arn:aws:(sts|iam)::[0-9]+:(assumed-role/[^/]+/(gateway|nightly|batch)?|user/)"
CHARGES = "ai_finops.focus.cost_and_usage"
OWNED = "ai_finops.ownership.cost_and_usage"
CREATORS = "'aws:createdBy', 'aws:created_by'"


@pytest.fixture
def key(monkeypatch) -> None:
    monkeypatch.setenv(privacy.KEY, KEY)


@pytest.fixture
def session(key) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    privacy.open_session(connection)
    return connection


def expected(text: str) -> str:
    return "p-" + hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def hidden(session, text, *, column="x_principal_id", action="pseudonymise", kept="", **place):
    """A value as a raw view shows it under one rule."""
    schema, name, role = place.get("place", ("openai_costs", "user_id", "text"))
    protect = protector([Rule(column, "", action, kept, 2)])
    query = protect(schema, name, role, "openai", "said")
    return session.execute(f"select {query} from (select ? as said)", [text]).fetchone()[0]


def test_a_pseudonym_is_an_hmac_and_the_same_everywhere(session, monkeypatch):
    for text in ("ada@example.com", "Jürgen", "x" * 500):
        assert hidden(session, text) == pseudonym(text) == expected(text)
    assert hidden(session, None) is None
    monkeypatch.setenv(privacy.KEY, "k" * 100)  # longer than a block: hashed first
    privacy.open_session(session)
    long_key = hmac.new(b"k" * 100, b"ada", hashlib.sha256).hexdigest()[:32]
    assert hidden(session, "ada") == f"p-{long_key}"


def test_what_is_kept_of_a_value_stays_readable(session):
    role = "arn:aws:sts::222233334444:assumed-role/evals/"
    assert hidden(session, role + "ada", kept=KEPT) == role + expected("ada")
    assert hidden(session, role, kept=KEPT) == role
    assert hidden(session, "ada", kept=KEPT) == expected("ada")


TAGS = {
    "an object": '{{"team":"ada","Owner_Email":"{0}"}}',
    "an object without braces, as Azure writes it": '"OwnerEmail": "{0}","team": "ada"',
    "a list, as Google writes it": '[{{"key":"owner-email","value":"{0}"}},{{"key":"a"}}]',
    "a list, as AWS writes it": '[{{"Key":"user:owner.email","Value":"{0}"}}]',
}


@pytest.mark.parametrize("shape", TAGS.values(), ids=TAGS)
def test_a_tag_is_hidden_in_every_shape(session, shape):
    place = ("gcp_billing_rows", "labels", "json")
    options = {"column": "tags.owner-email", "place": place}
    assert hidden(session, shape.format("ada"), **options) == shape.format(expected("ada"))
    accented = shape.format("j\\u00fcrgen")
    assert hidden(session, accented, **options) == shape.format(expected("jürgen"))
    assert hidden(session, shape.format("ada"), action="drop", **options) == shape.format("")
    for untouched in (shape.format(""), None, "[]", "no tags at all"):
        assert hidden(session, untouched, **options) == untouched


def test_a_tag_is_hidden_in_maps_labels_and_lists_of_tags(session):
    owner = protector([Rule("tags.owner_email", "", "pseudonymise", "", 2)])
    dropped = protector([Rule("tags.owner_email", "", "drop", "", 2)])
    said = "map {'user_owner_email': 'ada', 'team': 'ada'}"
    tags = ("aws_line_items", "resource_tags", "map", "aws", said)
    assert session.execute(f"select {owner(*tags)}").fetchone()[0] == {
        "user_owner_email": expected("ada"),
        "team": "ada",
    }
    assert session.execute(f"select {dropped(*tags)}").fetchone()[0] == {"team": "ada"}
    labels = owner("inventory_kubernetes", "pod_labels", "text", "", "said")
    row = session.execute(
        f"select {labels} from (select 'label_a:b|label_owner_email:ada' as said)"
    )
    assert row.fetchone()[0] == f"label_a:b|label_owner_email:{expected('ada')}"
    listed = owner("inventory_tag_csv", "tag_value", "text", "", "tag_value")
    rows = session.execute(f"""
        select {listed}
        from (values ('Owner-Email', 'ada'), ('team', 'ada')) as said (tag_key, tag_value)""")
    assert rows.fetchall() == [(expected("ada"),), ("ada",)]


def test_a_rule_of_one_provider_is_for_that_one(session):
    protect = protector([Rule("x_principal_id", "openai", "drop", "", 2)])
    assert protect("openai_costs", "user_id", "text", "openai", "said") != "said"
    principal = ("line_item_iam_principal", "text", "aws", "said")
    assert protect("aws_line_items", *principal) == "said"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("x_principal_id,,hide,,", "no action 'hide'"),
        ("principal,,drop,,", "is no column that a rule can hide"),
        ("azure_cost_details.owner,,drop,,", "no landed table has azure_cost_details.owner"),
        ("x_principal_id,,pseudonymise,(,", "no regular expression"),
        ("tags.owner,,drop,^a,", "kept_pattern is for columns"),
    ],
)
def test_a_rule_that_would_hide_nothing_is_refused(tmp_path, monkeypatch, row, words):
    monkeypatch.setattr(privacy, "POLICY", tmp_path / "privacy_rules.csv")
    privacy.POLICY.write_text(f"{HEAD}{row}\n")
    with pytest.raises(ConfigError) as refused:
        privacy.rules()
    assert words in str(refused.value) and refused.value.line == 2


def test_without_a_key_nothing_runs(tmp_path, monkeypatch, built_home):
    monkeypatch.setattr(privacy, "POLICY", tmp_path / "privacy_rules.csv")
    privacy.POLICY.write_text(f"{HEAD}x_principal_id,,pseudonymise,,\n")
    monkeypatch.delenv(privacy.KEY, raising=False)
    config = load_exports(built_home.estate / "exports.yml")
    with pytest.raises(ConfigError, match="there is no key"):
        pipeline.run_pipeline(config, tmp_path / "home")
    monkeypatch.setenv(privacy.KEY, "short")
    with pytest.raises(ConfigError, match="5 bytes"):
        pipeline.run_pipeline(config, tmp_path / "home")


@pytest.fixture(scope="module")
def private_home(built_home, tmp_path_factory):
    """The AWS bills, built with persons in the clear, then again with rules that hide them."""
    folder = tmp_path_factory.mktemp("privacy")
    home = folder / "home"
    Warehouse(built_home.home).copy_to(home)
    policy = folder / "privacy_rules.csv"
    policy.write_text(
        f'{HEAD}x_principal_id,aws,pseudonymise,"{KEPT}",\ntags.created_by,,pseudonymise,,\n'
        "tags.name,aws,drop,,\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(privacy, "POLICY", policy)
        patch.setenv(privacy.KEY_FILE, str(folder / "key"))
        (folder / "key").write_text(KEY)
        report = pipeline.run_pipeline(load_exports(built_home.estate / "exports.yml"), home)
        assert report.build.ok, report.build.failures
        assert report.build.full and report.published
        yield home


def _creators(home: Path) -> set[str]:
    rows = Warehouse(home).rows(f"""
        select distinct tag.value
        from (select unnest(map_entries(tags)) as tag from {CHARGES})
        where tag.key in ({CREATORS})""")
    return {value for (value,) in rows}


def test_persons_are_in_no_file_but_the_landed_ones(built_home, private_home):
    creators = _creators(built_home.home)
    names = {*creators, "search-indexer"}
    assert len(creators) > 3
    files = (private_file, public_build_file, published_file)
    clear = b"".join(file(built_home.home).read_bytes() for file in files)
    assert all(name.encode() in clear for name in names)
    after = b"".join(file(private_home).read_bytes() for file in files)
    # The rules of the sample company name a service by its principal; that stands in their seed.
    rules = b"user/search-indexer(-[0-9]+)?"
    after = after.replace(rules, b"")
    assert [name for name in names if name.encode() in after] == []
    assert KEY.encode() not in after
    assert KEY.encode().hex().encode() not in after


def test_pseudonyms_are_of_the_values_that_were_there(built_home, private_home):
    assert _creators(private_home) == {expected(name) for name in _creators(built_home.home)}
    assert Warehouse(private_home).rows(
        f"select count(*) from {CHARGES} where map_contains(tags, 'name')"
    ) == [(0,)]


def test_rules_on_roles_find_the_same_owners_and_the_money_stays(built_home, private_home):
    query = f"""
        select x_team, x_project, x_owner_class, sum(billed_cost), sum(effective_cost), count(*)
        from {OWNED} where x_principal_id is null or x_principal_id like '%role%' group by all"""
    before, after = (set(Warehouse(home).rows(query)) for home in (built_home.home, private_home))
    assert before == after
    total = f"select sum(billed_cost), sum(effective_cost), count(*) from {CHARGES}"
    assert Warehouse(built_home.home).rows(total) == Warehouse(private_home).rows(total)


def test_compiled_statements_hold_no_key(private_home, dbt_paths):
    block = hashlib.sha256(KEY.encode()).digest() if len(KEY) > 64 else KEY.encode()
    pads = {bytes(b ^ mask for b in block.ljust(64, b"\0")).hex()[:32] for mask in (0x36, 0x5C)}
    for path in Path(dbt_paths).rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            assert not any(pad.encode() in text.lower() for pad in pads), path
            assert KEY.encode() not in text, path


def test_quarantined_rows_are_not_shown_as_delivered(tmp_path, key, monkeypatch):
    from orchestration.exports.raw_tables import WITHHELD
    from tests.landing.conftest import House

    monkeypatch.setattr(privacy, "POLICY", tmp_path / "privacy_rules.csv")
    privacy.POLICY.write_text(f"{HEAD}x_principal_id,,drop,,\n")
    house = House(tmp_path)
    house.export("costs", "openai_costs", "./in")
    (tmp_path / "in").mkdir()
    result = {
        "object": "organization.costs.result",
        "amount": {"value": "1.5", "currency": "usd"},
        "user_id": "ada",
        "organization_id": "org-1",
    }
    broken = result | {"amount": {"value": "much", "currency": "usd"}}
    page = {
        "data": [{"start_time": 1777593600, "end_time": 1777680000, "results": [result, broken]}],
        "has_more": False,
    }
    (tmp_path / "in" / "page.json").write_text(json.dumps(page))
    assert not house.land().refusals
    rows = house.query("select value, raw_text from raw_ops.quarantined_rows")
    assert rows == [(None, WITHHELD)]
    assert house.query("select user_id from raw_openai.costs") == [(None,)]
