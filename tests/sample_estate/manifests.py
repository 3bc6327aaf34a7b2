"""What the manifests of an estate list."""

import json
from pathlib import Path


def manifests(root: Path, level: str) -> dict[str, dict]:
    """Manifests by path: of months (what is current) or of single assemblies."""
    deep = {"cur2": {"month": 5, "assembly": 6}, "legacy": {"month": 4, "assembly": 5}}
    found = {}
    for path in sorted((root / "exports").rglob("*-Manifest.json")):
        kind = "cur2" if "metadata" in path.parts else "legacy"
        if len(path.relative_to(root).parts) - 1 == deep[kind][level]:
            found[str(path.relative_to(root))] = json.loads(path.read_text())
    return found


def listed(manifest: dict) -> list[str]:
    """Paths below exports/ that a manifest lists."""
    if "dataFiles" in manifest:
        return [uri.split("/", 3)[3] for uri in manifest["dataFiles"]]
    return manifest["reportKeys"]
