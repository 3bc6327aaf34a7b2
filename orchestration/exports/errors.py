"""Errors of the landing part. Each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field


class LandingError(Exception):
    """Landing cannot start or go on at all (wrong configuration, locked folder)."""


class ConfigError(LandingError):
    """exports.yml is wrong. `file` and `line` (1-based, or None) say where; `remedy` what to do."""

    def __init__(self, file: str, line: int | None, problem: str, remedy: str) -> None:
        self.file = file
        self.line = line
        self.problem = problem
        self.remedy = remedy
        where = file if line is None else f"{file}, line {line}"
        super().__init__(f"{where}: {problem} {remedy}")


@dataclass
class RefusedDelivery(Exception):
    """One delivery is not landed; what was landed before stays as it is.

    `file_path` and `column_name` narrow it down where they are known. `transient` marks causes
    that may be gone at the next try (a delivery being written, a full disk), so that an unchanged
    delivery is read again. `open` is False where nothing is to be done (`prefer:` chose otherwise).
    """

    reason: str
    remedy: str
    file_path: str | None = None
    column_name: str | None = None
    transient: bool = False
    open: bool = True
    # Month and account pairs that overlap with another export, to compare again unread.
    period: str | None = None
    coverage: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(self.reason)

    def __str__(self) -> str:
        at = f"{self.file_path}: " if self.file_path else ""
        return f"{at}{self.reason} {self.remedy}"


class EmptyFile(RefusedDelivery):
    """A file without a single record: no bill by itself, harmless as one part of several."""
