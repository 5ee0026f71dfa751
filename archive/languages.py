"""Turns a folder's languages.toml into what its rules read, and a language's code into how people are told of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from archive.errors import RuleError
from archive.places import RULES

FILE = "languages.toml"


@dataclass(frozen=True, eq=False)
class Languages:
    """Which languages rules read; the English name of each, by its code; the words it is known by, if it has such."""

    reads: frozenset[str] = frozenset({"en"})
    names: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def not_read(self, code: str) -> str:
        """The name of a language that no rule reads ("French" for "fr-CA"); "" for one that is read, or not known.

        A code without a name here is told as it is.
        """
        plain = code.partition("-")[0].lower()
        return "" if not plain or plain in self.reads else self.names.get(plain, code)


@cache
def ours() -> Languages:
    """Those of the rules that come with Smallprint."""
    return load(RULES)


def marked(name: str) -> str:
    """How a document in a language that no rule reads is marked; "" for no name."""
    return f"not read for meaning: {name}" if name else ""


def load(folder: Path) -> Languages:
    """Those of a folder of rules. One without the file reads English and knows no words; RuleError names the fault."""
    path = folder / FILE
    if not path.exists():
        return Languages()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{FILE}: {' '.join(str(error).split())}") from error
    return _checked(content)


def _checked(content: Mapping[str, Any]) -> Languages:
    if unknown := sorted(set(content) - {"reads", "language"}):
        raise RuleError(f'{FILE}: unknown table "{unknown[0]}", expected reads or language')
    entries = _table(content, "language")
    names = {code: _text(_table(entries, code), "name", code) for code in entries}
    words = {code: tuple(_text(entry, "words", code).split()) for code, entry in entries.items() if "words" in entry}
    return Languages(_reads(content, names), names, words)


def _reads(content: Mapping[str, Any], names: Mapping[str, str]) -> frozenset[str]:
    codes = _table(content, "reads").get("languages")
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
        raise RuleError(f"{FILE}: reads.languages must be a list of codes of languages")
    if unknown := [code for code in codes if code not in names]:
        raise RuleError(f'{FILE}: reads.languages names "{unknown[0]}", but there is no [language.{unknown[0]}]')
    return frozenset(codes)


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise RuleError(f"{FILE}: {key} must be a table")
    return value


def _text(entry: Mapping[str, Any], key: str, code: str) -> str:
    if unknown := sorted(set(entry) - {"name", "words"}):
        raise RuleError(f'{FILE}: language.{code}: unknown key "{unknown[0]}", expected name or words')
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise RuleError(f"{FILE}: language.{code}: {key} must be a text")
    return value
