"""Rules of the dbt project, read from its manifest: layers, names, grain, contracts, docs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from orchestration.project import ROOT

PUBLIC_DATABASE = "ai_finops"
MODEL_LINES = 160

# Longest matching folder wins. What a model may read: layers, seeds, and sources by their name.
LAYERS = {
    "models/staging": {"source:raw"},
    # Of what landing keeps, only the books of closed months.
    "models/allocation": {"allocation", "evidence", "focus", "seed", "source:raw_ops"},
    "models/focus/mappings": {"staging", "mappings", "seed"},
    "models/focus/totals": {"totals", "focus", "mappings", "seed"},
    "models/focus": {"focus", "totals", "mappings", "staging", "seed"},
    "models/focus/export": {"focus"},
    "models/evidence": {"evidence", "staging", "focus", "seed", "source:raw_ops"},
    "models/marts/ownership": {
        "ownership",
        "allocation",
        "evidence",
        "focus",
        "seed",
        "source:raw_ops",
    },
    "models/marts/egress": {"egress", "allocation", "seed"},
    # What machines and runs did, joined with what they cost. GPU marts ask training which runs
    # were of no use; never the other way.
    "models/marts/gpu": {"gpu", "training", "allocation", "evidence", "focus", "seed"},
    "models/marts/training": {"training", "allocation", "evidence", "focus", "seed"},
    "models/marts/inference": {"inference", "allocation", "evidence", "focus", "seed"},
    "models/marts/rates": {"rates", "allocation", "evidence", "focus", "seed"},
    "models/quality": {
        "quality",
        "focus",
        "totals",
        "mappings",
        "staging",
        "seed",
        "source:raw_ops",
    },
}
# What a layer may read from above: whether a period is closed is decided once, for all.
FROM_ABOVE = {("focus", "period_status")}
# Incremental models of any layer ask the queue which periods to replace.
ALWAYS_READABLE = {"source.ai_finops.raw_ops.rebuild_queue"}

NAMES = {
    "staging": r"stg_{folder}__[a-z0-9_]+",
    "mappings": r"focus_[a-z0-9_]+|int_[a-z0-9]+_[a-z0-9_]+__[a-z0-9_]+ed",
    "export": r"focus_export_[a-z0-9_]+",
}


def layer_of(node: dict[str, Any]) -> str:
    """Layer of a model by its folder, e.g. mappings; seeds and sources by what they are."""
    if node["resource_type"] == "seed":
        return "seed"
    if node["resource_type"] == "source":
        return "source:raw_ops" if node["source_name"] == "raw_ops" else "source:raw"
    folders = [folder for folder in LAYERS if node["original_file_path"].startswith(folder + "/")]
    assert folders, f"{node['original_file_path']} is in no known layer: name it in LAYERS"
    return max(folders, key=len).rsplit("/", 1)[1]


def reads_of(layer: str) -> set[str]:
    (folder,) = (folder for folder in LAYERS if folder.rsplit("/", 1)[1] == layer)
    return LAYERS[folder]


def parents(manifest: dict[str, Any], node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in node["depends_on"]["nodes"]:
        yield manifest["nodes"].get(key) or manifest["sources"][key]


def of_type(manifest: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == kind]


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return of_type(manifest, "model")


@pytest.fixture(scope="session")
def public_models(models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [model for model in models if model["access"] == "public"]


def grain_comment(model: dict[str, Any]) -> str:
    """The line above which a model has nothing but its configuration, or the first line of SQL."""
    for line in model["raw_code"].splitlines():
        if re.match(r"--|with\b|select\b", line):
            return line
    return ""


def opening(text: str) -> list[str]:
    """The words of a sentence up to its first pause."""
    return re.split(r"[.:;,(]", text, maxsplit=1)[0].split()


def test_a_model_reads_only_layers_below(
    manifest: dict[str, Any], models: list[dict[str, Any]]
) -> None:
    wrong = [
        f"{model['original_file_path']} ({layer_of(model)}) reads {parent['name']} "
        f"({layer_of(parent)})"
        for model in models
        for parent in parents(manifest, model)
        if parent["unique_id"] not in ALWAYS_READABLE
        and layer_of(parent) not in reads_of(layer_of(model))
        and (layer_of(model), parent["name"]) not in FROM_ABOVE
    ]
    assert wrong == []


def test_a_public_view_reads_no_private_relation(
    manifest: dict[str, Any], models: list[dict[str, Any]]
) -> None:
    """A reader opens the public file alone, so a view in it cannot reach into the private one."""
    wrong = [
        f"{model['name']} reads {parent['name']} in {parent['database']}"
        for model in models
        if model["database"] == PUBLIC_DATABASE and model["config"]["materialized"] == "view"
        for parent in parents(manifest, model)
        if parent["database"] != PUBLIC_DATABASE
    ]
    assert wrong == []


def test_public_models_are_built_in_the_public_file(public_models: list[dict[str, Any]]) -> None:
    assert public_models, "no model is public"
    assert [m["name"] for m in public_models if m["database"] != PUBLIC_DATABASE] == []


def test_models_of_the_public_file_are_public(models: list[dict[str, Any]]) -> None:
    """Whatever is in the file can be read, so it is an interface whether meant or not."""
    private = [
        m["name"] for m in models if m["database"] == PUBLIC_DATABASE and m["access"] != "public"
    ]
    assert private == []


def test_names_tell_the_layer(models: list[dict[str, Any]]) -> None:
    wrong = []
    for model in models:
        pattern = NAMES.get(layer_of(model), r"[a-z0-9_]+")
        folder = model["original_file_path"].split("/")[-2]
        if not re.fullmatch(pattern.format(folder=folder), model["name"]):
            wrong.append(f"{model['original_file_path']}: expected {pattern}")
    assert wrong == []


def test_the_first_line_states_the_grain(models: list[dict[str, Any]]) -> None:
    wrong = [
        f"{model['original_file_path']}: {grain_comment(model)}"
        for model in models
        if not re.match(r"-- (Grain: |One row per )", grain_comment(model))
    ]
    assert wrong == []


def test_the_description_opens_with_the_same_grain(models: list[dict[str, Any]]) -> None:
    wrong = []
    for model in models:
        code = opening(grain_comment(model).removeprefix("-- ").removeprefix("Grain: "))
        text = opening(model["description"])
        # A comment line may end before the first pause.
        if not text or text[: len(code)] != code[: len(text)]:
            wrong.append(f"{model['name']}: '{' '.join(code)}' / '{' '.join(text)}'")
    assert wrong == []


def test_public_models_have_contract_and_grain(public_models: list[dict[str, Any]]) -> None:
    wrong = []
    for model in public_models:
        if not model["config"]["contract"]["enforced"]:
            wrong.append(f"{model['name']}: no enforced contract")
        grain = model["config"]["meta"].get("grain")
        columns = {column["name"] for column in model["columns"].values()}
        if not grain or not set(grain) <= columns:
            wrong.append(f"{model['name']}: config.meta.grain {grain} is not a list of its columns")
    assert wrong == []


def test_every_column_in_a_yaml_file_is_described(manifest: dict[str, Any]) -> None:
    wrong = [
        f"{node['name']}.{column['name']}"
        for kind in ("model", "seed")
        for node in of_type(manifest, kind)
        for column in node["columns"].values()
        if not column["description"].strip()
    ]
    assert wrong == []


def test_seeds_are_documented_and_say_where_rows_come_from(manifest: dict[str, Any]) -> None:
    wrong = []
    for seed in of_type(manifest, "seed"):
        header = (ROOT / seed["original_file_path"]).read_text().splitlines()[0].split(",")
        if not seed["description"].startswith("One row per "):
            wrong.append(f"{seed['name']}: description does not open with its grain")
        if {column["name"] for column in seed["columns"].values()} != set(header):
            wrong.append(f"{seed['name']}: documented columns differ from {header}")
        if not {"source", "reason", "meaning"} & set(header):
            wrong.append(f"{seed['name']}: no column says where a row comes from")
    assert wrong == []


def test_singular_tests_name_the_asset_they_check(manifest: dict[str, Any]) -> None:
    """Without a model by name Dagster shows a test over two models nowhere."""
    names = {node["name"] for node in manifest["nodes"].values()}
    wrong = []
    for test in of_type(manifest, "test"):
        if test.get("test_metadata") or not test["depends_on"]["nodes"]:
            continue  # a generic test has its model; a test of a generic test reads none
        asset = test["config"]["meta"].get("dagster", {}).get("ref", {}).get("name")
        if asset not in names:
            wrong.append(f"{test['name']}: config.meta.dagster.ref.name is {asset}")
        if not test["description"].strip():
            wrong.append(f"{test['name']}: no description")
    assert wrong == []


def test_models_stay_readable_in_one_go(models: list[dict[str, Any]]) -> None:
    long = {
        model["original_file_path"]: lines
        for model in models
        if (lines := model["raw_code"].count("\n") + 1) > MODEL_LINES
    }
    assert long == {}
