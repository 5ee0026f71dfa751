"""Gives the words around what a page says, in the language of the reader: a table for each language in data/frames."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from archive.places import FRAMES
from archive.targets import ENGLISH
from archive.words import Flag


@dataclass(frozen=True, slots=True)
class Frame:
    """The words of one language. `texts` has a table for each part of a message, of texts by their names."""

    language: str
    texts: Mapping[str, Mapping[str, str]]

    def say(self, part: str, name: str, **values: object) -> str:
        """A text with its values put in."""
        return self.texts[part][name].format(**values)

    def name(self, part: str, key: str) -> str:
        """What something is called; itself, where the table does not know it."""
        return self.texts[part].get(key, key)

    def label(self, flag: Flag) -> str:
        """A flag in a few words: "AI training: allows more", "consent: a way to opt out, a default setting"."""
        said, topic = self.said(flag), self.texts["topics"][flag.topic]
        return f"{topic}: {', '.join(said)}" if said else topic

    def said(self, flag: Flag) -> list[str]:
        """What a flag says of its topic, piece by piece: its mechanisms or, without any, its effect, if it has one."""
        effects = [self.texts["effects"][flag.effect]] if flag.effect in self.texts["effects"] else []
        return [self.texts["mechanisms"][mechanism] for mechanism in flag.mechanisms] or effects

    def labels(self, flags: Iterable[Flag]) -> str:
        """Several flags, each label once."""
        return "; ".join(dict.fromkeys(self.label(flag) for flag in flags))


@cache
def frame(language: str = ENGLISH) -> Frame:
    """The words of a language that has a file."""
    return Frame(language, tomllib.loads((FRAMES / f"{language}.toml").read_text("utf-8")))
