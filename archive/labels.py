"""What flags and facts are called where people read English: on the terminal, on the site, in reasons."""

from __future__ import annotations

from collections.abc import Iterable

from archive.frames import frame
from archive.words import Flag, Topic

ENGLISH = frame()
TOPICS = {topic: ENGLISH.name("topics", topic) for topic in Topic}
FACTS = dict(ENGLISH.texts["facts"])  # in the order that matters to a reader
NOT_RETROACTIVE = ENGLISH.say("change", "looking_back")


def label(flag: Flag) -> str:
    """A flag in a few words: "AI training: allows more", "consent: a way to opt out, a default setting"."""
    return ENGLISH.label(flag)


def chips(flags: Iterable[Flag]) -> list[str]:
    """What flags are about, in pieces that stand alone: "AI training: allows more", "Consent: a default setting"."""
    texts = [
        f"{TOPICS[flag.topic]}: {said}".removesuffix(": ") for flag in flags for said in ENGLISH.said(flag) or [""]
    ]
    return [text[:1].upper() + text[1:] for text in dict.fromkeys(texts)]


def labels(flags: Iterable[Flag]) -> list[str]:
    """What several flags are about, each once, in their order."""
    return list(dict.fromkeys(label(flag) for flag in flags))


def told(kind: str, value: str) -> str:
    """A fact's value as people read it."""
    return NOT_RETROACTIVE if kind == "not_retroactive" else value
