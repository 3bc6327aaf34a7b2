"""The plugin by which dbt's connections learn the key of pseudonyms; profiles.yml names it."""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from orchestration.privacy import open_session


class Plugin(BasePlugin):
    """Sets the variables of `privacy.open_session` on each cursor: they are not inherited."""

    def configure_cursor(self, cursor: Any) -> None:
        """Called by dbt-duckdb for each new cursor."""
        open_session(cursor)
