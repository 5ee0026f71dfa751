"""Turns entries of a TOML file into values of the kind expected, or a RuleError that says in one line what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archive.errors import RuleError


def name_of(entry: Any) -> str:
    """How an error names an entry that may have no id."""
    return str(entry.get("id", "without id")) if isinstance(entry, dict) else "that is no table"


def keys(entry: Any, known: set[str], needed: set[str], where: str) -> None:
    """The entry is a table with no unknown key and all needed ones."""
    if not isinstance(entry, dict):
        raise RuleError(f"{where}: must be a table")
    if unknown := sorted(set(entry) - known):
        raise RuleError(f'{where}: unknown key "{unknown[0]}", known are {", ".join(sorted(known))}')
    if missing := sorted(needed - set(entry)):
        raise RuleError(f'{where}: "{missing[0]}" is missing')


def text(entry: Mapping[str, Any], key: str, where: str) -> str:
    """A text with something in it."""
    value = entry[key]
    if not isinstance(value, str) or not value.strip():
        raise RuleError(f"{where}: {key} must be a text")
    return value


def texts(entry: Mapping[str, Any], key: str, where: str) -> list[str]:
    """A list of such texts."""
    value = entry[key]
    if not isinstance(value, list) or not value or not all(isinstance(text, str) and text.strip() for text in value):
        raise RuleError(f"{where}: {key} must be a list of texts")
    return value


def choice(entry: Mapping[str, Any], key: str, choices: Sequence[str], where: str) -> str:
    """One of the texts that are allowed."""
    value = entry[key]
    if value not in choices:
        raise RuleError(f"{where}: {key} must be one of {', '.join(choices)}")
    return str(value)


def number(entry: Mapping[str, Any], key: str, default: float, most: float, where: str) -> float:
    """A number from 0 to `most`."""
    value = entry.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise RuleError(f"{where}: {key} must be a number from 0 to {most}")
    return value


def truth(entry: Mapping[str, Any], key: str, where: str, default: bool = False) -> bool:
    """True or false."""
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise RuleError(f"{where}: {key} must be true or false")
    return value
