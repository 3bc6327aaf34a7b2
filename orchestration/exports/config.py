"""exports.yml: which bills to land, and inventories, telemetry and runs beside them; and which
export wins where two hold the same account.

Every error names the file, the line, what is wrong and what to do.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from orchestration.exports.errors import ConfigError
from orchestration.exports.kinds import KINDS, Kind

__all__ = ["ConfigError", "Export", "ExportsConfig", "Preference", "load_exports"]

#: Sections that list what to land, in the order of landing, and what an entry of each is called.
SECTIONS = {
    "exports": "an export",
    "inventories": "an inventory",
    "telemetry": "a telemetry source",
    "ml_runs": "a source of runs",
    "usage": "a list of usage",
    "rates": "a list of exchange rates",
}
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Collect(BaseModel):
    """Whom to ask for a live inventory; no role is whoever runs it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    regions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    profile: str | None = None


class Export(BaseModel):
    """One entry of any section. `location` is absolute: a path or a URL that fsspec opens.

    `account` is the billing account of rows that name none. `options` are what else the kind
    takes; a kind that does not belong to one provider takes its provider there.
    The location of an entry with `collect` follows from the data folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: str
    location: str
    account: str | None = None
    options: dict[str, str] = {}
    collect: Collect | None = None

    @property
    def definition(self) -> Kind:
        """What the kind says about layout, columns and checks."""
        return KINDS[self.kind]

    @property
    def provider(self) -> str:
        """Whose bills it is, or whose bills it tells about."""
        return self.options.get("provider", self.definition.provider)


class Preference(BaseModel):
    """Where exports overlap, `use` is the export to read for a billing account's months.

    `from_month` and `to_month` are inclusive, 'YYYY-MM'; None is unlimited.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    billing_account: str
    use: str
    from_month: str | None = None
    to_month: str | None = None

    def covers(self, provider: str, billing_account: str, period: str) -> bool:
        """Whether this preference decides for the account's month."""
        return (
            self.provider == provider
            # A native bill and a FOCUS export of it spell the account as an id or as a path.
            and _last_part(self.billing_account) == _last_part(billing_account)
            and (self.from_month or "") <= period
            and (self.to_month is None or period <= self.to_month)
        )


class ExportsConfig(BaseModel):
    """What exports.yml says, section by section in the order of SECTIONS, bills first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    exports: list[Export]
    prefer: list[Preference] = []

    def export(self, name: str) -> Export:
        """The export of that name; ConfigError naming the known ones where there is none."""
        for export in self.exports:
            if export.name == name:
                return export
        known = ", ".join(export.name for export in self.exports) or "none"
        raise ConfigError(self.path, None, f"no export is named {name!r}.", f"Known: {known}.")


class _Reader:
    """Walks the YAML nodes, which know their lines, and raises ConfigError at the right one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, node: yaml.Node | None, problem: str, remedy: str) -> ConfigError:
        line = node.start_mark.line + 1 if node is not None else None
        return ConfigError(str(self.path), line, problem, remedy)

    def fields(
        self, node: yaml.Node, what: str, required: Iterable[str], optional: Iterable[str] = ()
    ) -> dict[str, yaml.Node]:
        """The entries of a mapping; unknown, repeated and missing names are errors."""
        known = [*required, *optional]
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(
                node, f"{what} must be a mapping.", f"Write it as {{{', '.join(known)}}}."
            )
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in known:
                raise self.fail(
                    key, f"{what} has no field {key.value!r}.", _known(key.value, known)
                )
            if key.value in found:
                raise self.fail(key, f"{what} names {key.value!r} twice.", "Keep one of the two.")
            found[key.value] = value
        for name in required:
            if name not in found:
                raise self.fail(node, f"{what} has no {name!r}.", f"Add `{name}: ...` to it.")
        return found

    def text(self, node: yaml.Node, what: str) -> str:
        """A non-empty scalar as it is written (so that 0123 keeps its zero), variables filled."""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self.fail(node, f"{what} must be text.", "Give it a value.")

        def fill(match: re.Match[str]) -> str:
            value = os.environ.get(match[1])
            if value is None:
                raise self.fail(
                    node,
                    f"{what} uses the environment variable {match[1]!r}, which is not set.",
                    f"Set it before the run (export {match[1]}=...), or write the value.",
                )
            return value

        return VARIABLE.sub(fill, node.value.strip())

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.fail(
                node, f"{what} must be a list.", f"Start each entry of {what} with `- `."
            )
        return node.value

    def export(self, node: yaml.Node, taken: dict[str, int], section: str = "exports") -> Export:
        what = SECTIONS[section]
        optional = ("account",) if section == "exports" else ("account", "options", "collect")
        # An inventory that is collected has no location of its own.
        live = isinstance(node, yaml.MappingNode) and "collect" in [k.value for k, _ in node.value]
        place = () if live and section != "exports" else ("location",)
        fields = self.fields(node, what, ("name", "kind", *place), optional)
        name = self.text(fields["name"], "name")
        if not NAME.fullmatch(name):
            raise self.fail(
                fields["name"],
                f"the name {name!r} is not usable as a folder and column value.",
                "Use lower-case letters, digits and _ only, a letter first, 63 at most.",
            )
        if name in taken:
            raise self.fail(
                fields["name"],
                f"the name {name!r} is used twice (first on line {taken[name]}).",
                "Give each entry a name of its own: landed data is kept by name.",
            )
        taken[name] = fields["name"].start_mark.line + 1
        kind = self.text(fields["kind"], "kind")
        known = [other.name for other in KINDS.values() if other.section == section]
        if kind in KINDS and kind not in known:
            raise self.fail(
                fields["kind"],
                f"kind {kind!r} is not listed under {section}.",
                f"Move the entry to the section `{KINDS[kind].section}:`.",
            )
        if kind not in known:
            raise self.fail(fields["kind"], f"kind {kind!r} is unknown.", _known(kind, known))
        location = ""
        if place:
            location = _absolute(self.text(fields["location"], "location"), self.path.parent)
        return Export(
            name=name,
            kind=kind,
            location=location,
            account=self.text(fields["account"], "account") if "account" in fields else None,
            options=self.options(fields.get("options"), node, KINDS[kind]),
            collect=self.collect(fields["collect"], KINDS[kind]) if "collect" in fields else None,
        )

    def collect(self, node: yaml.Node, kind: Kind) -> Collect:
        """Whom to ask instead of reading a location."""
        if not kind.collects:
            known = [other.name for other in KINDS.values() if other.collects]
            raise self.fail(
                node,
                f"kind {kind.name!r} cannot be collected.",
                f"Give it a location; {' and '.join(known)} can.",
            )
        required = [name for name, needed in kind.collects.items() if needed]
        optional = [name for name in kind.collects if name not in required]
        fields = self.fields(node, "collect", required, optional)
        told = {
            name: tuple(self.text(item, name) for item in self.items(value, name))
            for name, value in fields.items()
            if name != "profile"
        }
        for name in told:
            if not told[name]:
                raise self.fail(fields[name], f"{name} is empty.", "Name at least one.")
        if "regions" not in kind.collects and len(told.get("roles", ())) > 1:
            raise self.fail(
                fields["roles"],
                "an organisation is asked in one account.",
                "Name the role in its management account only.",
            )
        if "profile" in fields:
            return Collect(profile=self.text(fields["profile"], "profile"), **told)
        return Collect(**told)

    def options(self, node: yaml.Node | None, entry: yaml.Node, kind: Kind) -> dict[str, str]:
        """What an entry says beyond name, kind and location; checked by the kind's own list."""
        required = [name for name, needed in kind.options.items() if needed]
        optional = [name for name in kind.options if name not in required]
        if node is None:
            if required:
                missing = ", ".join(f"{name}: ..." for name in required)
                raise self.fail(
                    entry,
                    f"an entry of kind {kind.name!r} needs options.",
                    f"Add `options: {{{missing}}}` to it.",
                )
            return {}
        if not kind.options:
            raise self.fail(node, f"kind {kind.name!r} takes no options.", "Remove `options`.")
        fields = self.fields(node, "options", required, optional)
        values = {name: self.text(value, name) for name, value in fields.items()}
        for name, value in values.items():
            problem = kind.check_option(name, value)
            if problem:
                raise self.fail(fields[name], f"{name} {value!r} {problem[0]}", problem[1])
        return values

    def preference(self, node: yaml.Node, exports: list[Export]) -> Preference:
        fields = self.fields(
            node, "a preference", ("provider", "billing_account", "use"), ("from", "to")
        )
        use = self.text(fields["use"], "use")
        if use not in [export.name for export in exports]:
            names = [export.name for export in exports]
            raise self.fail(fields["use"], f"no export is named {use!r}.", _known(use, names))
        provider = self.text(fields["provider"], "provider")
        known = sorted({k.provider for k in KINDS.values() if k.section == "exports"})
        if provider not in known:
            raise self.fail(
                fields["provider"], f"provider {provider!r} is unknown.", _known(provider, known)
            )
        months = {}
        for name in ("from", "to"):
            if name in fields:
                months[name] = self.text(fields[name], name)
                if not MONTH.fullmatch(months[name]):
                    raise self.fail(
                        fields[name],
                        f"{name} {months[name]!r} is no month.",
                        "Write a billing month as YYYY-MM, such as 2026-05.",
                    )
        return Preference(
            provider=provider,
            billing_account=self.text(fields["billing_account"], "billing_account"),
            use=use,
            from_month=months.get("from"),
            to_month=months.get("to"),
        )


def load_exports(path: str | Path) -> ExportsConfig:
    """Read and check exports.yml. Raises ConfigError with file, line and remedy."""
    path = Path(path).expanduser()
    reader = _Reader(path)
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise reader.fail(None, "the file does not exist.", "Create it, or name another.") from None
    except UnicodeDecodeError as error:
        raise reader.fail(None, f"the file is not UTF-8 ({error}).", "Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(
            str(path), line, f"this is not YAML: {error.problem}.", "Correct indentation or quotes."
        ) from None
    if node is None:
        raise reader.fail(None, "the file is empty.", "Start it with `exports:` and a list.")
    optional = ("prefer", *(name for name in SECTIONS if name != "exports"))
    sections = reader.fields(node, "exports.yml", ("exports",), optional)
    taken: dict[str, int] = {}
    exports = [reader.export(item, taken) for item in reader.items(sections["exports"], "exports")]
    if not exports:
        raise reader.fail(sections["exports"], "no export is listed.", "Add at least one entry.")
    bills = list(exports)
    for section in optional[1:]:
        items = reader.items(sections[section], section) if section in sections else []
        exports += [reader.export(item, taken, section) for item in items]
    prefer = [
        reader.preference(item, bills)
        for item in (reader.items(sections["prefer"], "prefer") if "prefer" in sections else [])
    ]
    return ExportsConfig(path=str(path), exports=exports, prefer=prefer)


def _last_part(account: str) -> str:
    return account.rsplit("/", 1)[-1].lower()


def _absolute(location: str, base: Path) -> str:
    """Paths are relative to exports.yml, those of SQLite too; other URLs stay as they are."""
    if location.startswith("sqlite:///") and not location.startswith("sqlite:////"):
        return f"sqlite:///{os.path.abspath(base / location.removeprefix('sqlite:///'))}"
    if "://" in location:
        return location
    joined = os.path.abspath(base / Path(location).expanduser())
    return joined + ("/" if location.endswith("/") else "")


def _known(wrong: Any, known: list[str]) -> str:
    near = difflib.get_close_matches(str(wrong), known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"Known: {', '.join(known)}.{hint}"
