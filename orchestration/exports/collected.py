"""Where dumps of live inventories lie, and what the last collection did not get."""

from __future__ import annotations

import json
from pathlib import Path

from orchestration.exports.config import Export, ExportsConfig
from orchestration.exports.errors import RefusedDelivery

#: Outcome of the last collection. Names that begin with a dot are no deliveries.
REFUSED = ".refused.json"


def settled(config: ExportsConfig, home: Path) -> ExportsConfig:
    """The same with the places of dumps filled in, which depend on the data folder."""
    return config.model_copy(
        update={
            "exports": [
                export.model_copy(update={"location": str(dumps_of(home, export.name))})
                if export.collect
                else export
                for export in config.exports
            ]
        }
    )


def dumps_of(home: Path, name: str) -> Path:
    """Where the dumps of a live inventory lie."""
    return Path(home).resolve() / "collected" / name


def refused_by(export: Export) -> dict[str, RefusedDelivery]:
    """What the last collection of a settled live inventory did not get, and why."""
    folder = Path(export.location)
    if (folder / REFUSED).exists():
        kept = json.loads((folder / REFUSED).read_text(encoding="utf-8"))["refused"]
        return {asked: RefusedDelivery(**refused) for asked, refused in kept.items()}
    if any(folder.rglob("*.json")):
        return {}
    never = RefusedDelivery(
        "nothing was collected yet.",
        "Run `python -m orchestration collect`.",
        transient=True,
    )
    return {export.name: never}
