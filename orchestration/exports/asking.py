"""Live systems among the locations of exports.yml: asked at every landing, their answers landed."""

from __future__ import annotations

from pathlib import Path

from orchestration.exports.config import Export
from orchestration.exports.filesystem import Location
from orchestration.exports.workspace import Workspace

#: Addresses of systems that are asked, where the kind knows how.
LIVE = ("http://", "https://", "sqlite:", "postgresql://", "postgres://")


def is_live(export: Export) -> bool:
    """Whether the location is a system that is asked, not a place where files lie."""
    return export.definition.ask is not None and export.location.startswith(LIVE)


def ask(export: Export, workspace: Workspace) -> None:
    """Write what a live system answers where `location_of` finds it; nothing for other locations.

    Raises RefusedDelivery where it does not answer: what was landed before stays.
    """
    if is_live(export) and export.definition.ask:
        export.definition.ask(export.location, answers_folder(export, workspace), export.options)


def location_of(export: Export, workspace: Workspace) -> Location:
    """Where the files of an export lie: those of a live system in the data folder."""
    return Location(str(answers_folder(export, workspace)) if is_live(export) else export.location)


def answers_folder(export: Export, workspace: Workspace) -> Path:
    """Where the answers of a live system are kept; not there before it was asked."""
    return workspace.home / "asked" / export.name
