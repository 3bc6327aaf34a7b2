"""What of a person the warehouse may know: columns and tags hidden where landed files are read.

Rules stand in seeds/policy/privacy_rules.csv. They hold in the raw views, below all models: what
they hide is in no table, neither private nor public; it stays in the landed files alone. A
pseudonym is an HMAC-SHA256 under the company's key, which no database, file of ours or compiled
statement holds: connections get its two pads as variables.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.exports.errors import ConfigError
from orchestration.exports.schemas import literal
from orchestration.project import ROOT

POLICY = ROOT / "seeds" / "policy" / "privacy_rules.csv"
KEY, KEY_FILE = "AI_FINOPS_PRIVACY_KEY", "AI_FINOPS_PRIVACY_KEY_FILE"
#: Shorter keys can be found by trying: names and addresses are few.
SHORTEST_KEY = 16
BLOCK = 64
ACTIONS = ("keep", "pseudonymise", "drop")
NOTHING_HIDDEN = "nothing hidden"
#: What a pseudonym looks like: 128 bits of the hash.
PREFIX, DIGITS = "p-", 32

#: Columns of landed tables that hold who called, used or logged in, by their names in FOCUS.
PERSONS = {
    "x_principal_id": (
        "aws_line_items.line_item_iam_principal",
        "aws_line_items.line_item_user_identifier",
        "focus_cost_and_usage.principal_id",
        "inventory_slurm_accounts.slurm_user",
        "openai_costs.user_id",
        "openai_usage.user_id",
        "usage_requests.principal",
    ),
    "x_credential_id": (
        "anthropic_cost.api_key_id",
        "anthropic_usage.api_key_id",
        "focus_cost_and_usage.credential_id",
        "openai_costs.api_key_id",
        "openai_usage.api_key_id",
        "usage_requests.credential",
    ),
}
TAGS = "tags."
#: Landed columns that hold tags, labels or cost categories, whatever their shape.
TAG_COLUMNS = re.compile(r"tags|labels|^metric$|^resource_data$|cost_categor|^tag_value$")
COLUMN = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


@dataclass(frozen=True)
class Rule:
    """One row of the policy. `kept` is what of the value stays, from its start; `line` names it."""

    column: str
    provider: str
    action: str
    kept: str
    line: int

    def meets(self, schema: str, column: str, provider: str) -> bool:
        """Whether the rule is about this column of a landed table."""
        if self.provider and self.provider != provider:
            return False
        if self.column.startswith(TAGS):
            return bool(TAG_COLUMNS.search(column))
        return f"{schema}.{column}" in PERSONS.get(self.column, (self.column,))

    @property
    def tag_pattern(self) -> str:
        """Regular expression of the tag key's spellings, with the prefixes that providers add."""
        words = [re.escape(w) for w in re.split(r"[ _.\-]+", self.column[len(TAGS) :]) if w]
        return rf'(?:[^",|]*[:./]|(?:label|user|aws)_)?{"[ _.-]?".join(words)}'


def rules() -> list[Rule]:
    """The rules that hide something. Raises ConfigError with line and remedy where one is wrong."""
    if not POLICY.exists():
        return []
    with POLICY.open(encoding="utf-8", newline="") as lines:
        found = [
            Rule(
                row["column_name"].strip(),
                (row["provider"] or "").strip(),
                row["action"].strip(),
                (row["kept_pattern"] or "").strip(),
                number,
            )
            for number, row in enumerate(csv.DictReader(lines), start=2)
        ]
    for rule in found:
        _check(rule)
    return [rule for rule in found if rule.action != "keep"]


def _check(rule: Rule) -> None:
    is_tag = rule.column.startswith(TAGS) and len(rule.column) > len(TAGS)
    if rule.action not in ACTIONS:
        problem, remedy = f"no action {rule.action!r}.", f"Write one of: {', '.join(ACTIONS)}."
    elif not is_tag and rule.column not in PERSONS and "." not in rule.column:
        problem = f"{rule.column!r} is no column that a rule can hide."
        remedy = (
            f"Write {', '.join(PERSONS)}, tags.<key>, or <landed table>.<column> as in "
            "orchestration/exports/schemas."
        )
    elif not is_tag and not COLUMN.fullmatch(rule.column):
        problem, remedy = f"{rule.column!r} is no column.", "Write <landed table>.<column>."
    elif not is_tag and "." in rule.column and rule.column not in _declared():
        problem = f"no landed table has {rule.column}."
        remedy = "Tables and columns are the files of orchestration/exports/schemas."
    elif rule.kept and (is_tag or rule.action == "drop"):
        problem, remedy = "kept_pattern is for columns that are pseudonymised.", "Leave it empty."
    else:
        try:
            re.compile(rule.kept)
            return
        except re.error as error:
            problem = f"kept_pattern is no regular expression: {error}."
            remedy = r"Such as ^arn:aws:sts::[0-9]+:assumed-role/[^/]+/."
    raise ConfigError(str(POLICY), rule.line, problem, remedy)


def _declared() -> set[str]:
    from orchestration.exports import schemas

    folder = Path(schemas.__file__).parent
    return {
        f"{path.stem}.{column.name}"
        for path in folder.glob("*.csv")
        for column in schemas.declared_columns(path.stem)
    }


def key() -> bytes | None:
    """The company's key, from the environment or the file that it names; None where there is none.

    Raises ConfigError where the file cannot be read or the key is short enough to be guessed.
    """
    text, file = os.environ.get(KEY), os.environ.get(KEY_FILE)
    if not text and file:
        try:
            text = Path(file).expanduser().read_text("utf-8").strip()
        except OSError as error:
            raise ConfigError(
                KEY_FILE, None, f"{file}: {error.strerror}.", "Name a file that can be read."
            ) from error
    if not text:
        return None
    found = text.encode()
    if len(found) < SHORTEST_KEY:
        raise ConfigError(
            KEY,
            None,
            f"the key has {len(found)} bytes; names can then be found by trying.",
            f"Use {SHORTEST_KEY} random bytes or more, such as `openssl rand -hex 32` prints.",
        )
    return found


def required_key() -> bytes | None:
    """The key; None where no rule needs one. Raises ConfigError where one does and none is set."""
    found = key()
    needing = [rule for rule in rules() if rule.action == "pseudonymise"]
    if needing and found is None:
        raise ConfigError(
            str(POLICY),
            needing[0].line,
            f"{needing[0].column} is to be pseudonymised, and there is no key.",
            f"Set {KEY}, or {KEY_FILE} to a file that holds it; keep it, since another key gives "
            "other pseudonyms.",
        )
    return found


def digest() -> str:
    """NOTHING_HIDDEN, or a text that changes with the rules and with the key and tells neither."""
    found = rules()
    if not found:
        return NOTHING_HIDDEN
    text = "\n".join(map(repr, sorted(found, key=lambda rule: rule.line)))
    return hmac.new(required_key() or b"no key", text.encode(), hashlib.sha256).hexdigest()


def pseudonym(text: str) -> str:
    """What stands for a text, as the views make it. Raises ConfigError where there is no key."""
    found = key()
    if found is None:
        raise ConfigError(KEY, None, "there is no key.", f"Set it, or {KEY_FILE}.")
    return PREFIX + hmac.new(found, text.encode(), hashlib.sha256).hexdigest()[:DIGITS]


def open_session(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection read what is pseudonymised. Variables live and die with the connection."""
    found = key()
    if found is None:
        return
    block = (hashlib.sha256(found).digest() if len(found) > BLOCK else found).ljust(BLOCK, b"\0")
    for name, mask in (("privacy_inner", 0x36), ("privacy_outer", 0x5C)):
        pad = bytes(byte ^ mask for byte in block).hex()
        connection.execute(f"set variable {name} = unhex('{pad}')")


def pseudonym_sql(expression: str) -> str:
    """SQL of the pseudonym of a text: an HMAC, of which DuckDB has the hash only."""

    def pad(name: str) -> str:
        missing = literal(f"Columns are pseudonymised by {POLICY.name}: set {KEY}.")
        return f"coalesce(cast(getvariable('{name}') as blob), error({missing}))"

    inner = f"sha256({pad('privacy_inner')} || encode({expression}))"
    return f"{literal(PREFIX)} || left(sha256({pad('privacy_outer')} || unhex({inner})), {DIGITS})"


Protect = Callable[[str, str, str, str, str], str]


def protector(found: Iterable[Rule]) -> Protect:
    """A function that puts the rules around a column: (schema, column, role, provider, SQL)."""
    listed = list(found)

    def protect(schema: str, column: str, role: str, provider: str, sql: str) -> str:
        for rule in listed:
            if rule.meets(schema, column, provider):
                sql = _protected(rule, schema, column, role, sql)
        return sql

    return protect


def _protected(rule: Rule, schema: str, column: str, role: str, sql: str) -> str:
    if rule.column.startswith(TAGS):
        if role == "map":
            return _map(rule, sql)
        if column == "tag_value":
            of_key = f"regexp_full_match(tag_key, {literal(rule.tag_pattern)}, 'i')"
            return f"case when {of_key} then {_value(rule, sql)} else {sql} end"
        return _text(rule, schema, role, sql)
    if rule.action == "drop" or role != "text":
        # A pseudonym is no number and no JSON: hidden, such a column says nothing.
        return f"case when false then {sql} end"
    if not rule.kept:
        return pseudonym_sql(sql)
    kept = f"coalesce(regexp_extract({sql}, {literal(rule.kept)}), '')"
    rest = f"substr({sql}, length({kept}) + 1)"
    return f"case when {rest} = '' then {sql} else {kept} || {pseudonym_sql(rest)} end"


def _value(rule: Rule, sql: str) -> str:
    if rule.action == "drop":
        return "cast(null as varchar)"
    return f"case when {sql} <> '' then {pseudonym_sql(sql)} else {sql} end"


def _map(rule: Rule, sql: str) -> str:
    """A map without the tag, or with its pseudonym."""
    match = f"regexp_full_match(entry.key, {literal(rule.tag_pattern)}, 'i')"
    if rule.action == "drop":
        entries = f"list_filter(map_entries({sql}), lambda entry: not {match})"
    else:
        value = f"case when {match} then {_value(rule, 'entry.value')} else entry.value end"
        entries = (
            f"list_transform(map_entries({sql}), "
            f"lambda entry: struct_pack(key := entry.key, value := {value}))"
        )
    return f"map_from_entries({entries})"


def _text(rule: Rule, schema: str, role: str, sql: str) -> str:
    """Text of tags with the values of the key replaced where they stand, whatever its shape.

    `"key": "value"`, `{"key": "key", "value": "value"}` as clouds list tags, `label_key:value`.
    """
    name = rule.tag_pattern
    if schema == "inventory_kubernetes" and role == "text":
        pattern, end, value = rf"(?:^|\|){name}:([^|]*)", "", "pair.said"
    else:
        names = rf'"(?:tag_?)?key"\s*:\s*"{name}"\s*,\s*"(?:tag_?)?value"\s*:\s*'
        pattern, end = rf'(?:"{name}"\s*:\s*|{names})"((?:[^"\\]|\\.)*)"', '"'
        value = "json_extract_string('\"' || pair.said || '\"', '$')"
    found = f"regexp_extract_all(whole.said, {literal('(?i)' + pattern)}"
    pairs = (
        f"list_transform(list_zip({found}, 0), {found}, 1)), "
        "lambda found: struct_pack(match := found[1], said := found[2]))"
    )
    hidden = "''" if rule.action == "drop" else pseudonym_sql(value)
    before = f"left(pair.match, length(pair.match) - length(pair.said) - {len(end)})"
    replaced = f"replace(text.said, pair.match, {before} || {hidden} || {literal(end)})"
    # A list of one names the text once, however often it is used.
    return (
        f"list_transform([struct_pack(match := '', said := {sql})], lambda whole: list_reduce("
        f"list_prepend(whole, list_filter(list_distinct({pairs}), lambda pair: pair.said <> '')), "
        f"lambda text, pair: struct_pack(match := '', said := {replaced})).said)[1]"
    )
