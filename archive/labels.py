"""What flags and facts are called where people read them: in messages, on the terminal, on the site."""

from __future__ import annotations

from collections.abc import Iterable

from archive.words import Effect, Flag, Mechanism, Topic

TOPICS = {Topic.AI_TRAINING: "AI training", Topic.CONSENT: "consent"}
EFFECTS = {Effect.PERMITS: "allows more", Effect.RESTRICTS: "allows less", Effect.RESTATES: "says it anew"}
MECHANISMS = {
    Mechanism.OPT_OUT: "a way to opt out",
    Mechanism.OPT_IN: "asks first",
    Mechanism.DEEMED: "agreement is presumed",
    Mechanism.WITHDRAW: "can be withdrawn",
    Mechanism.DEFAULT: "a default setting",
}
FACTS = {  # in the order that matters to a reader
    "optout": "How to refuse",
    "effective": "Applies from",
    "exempt": "Does not apply to",
    "not_retroactive": "Looking back",
    "third_party": "Others involved",
    "data": "What data",
    "retention": "Kept",
    "sharing": "Shared with",
}
NOT_RETROACTIVE = "refusing does not undo what was done before"


def label(flag: Flag) -> str:
    """A flag in a few words: "AI training: allows more", "consent: a way to opt out, a default setting"."""
    said = ", ".join(_said(flag))
    return f"{TOPICS[flag.topic]}: {said}" if said else TOPICS[flag.topic]


def chips(flags: Iterable[Flag]) -> list[str]:
    """What flags are about, in pieces that stand alone: "AI training: allows more", "Consent: a default setting"."""
    texts = [f"{TOPICS[flag.topic]}: {said}".removesuffix(": ") for flag in flags for said in _said(flag) or [""]]
    return [text[:1].upper() + text[1:] for text in dict.fromkeys(texts)]


def labels(flags: Iterable[Flag]) -> list[str]:
    """What several flags are about, each once, in their order."""
    return list(dict.fromkeys(label(flag) for flag in flags))


def _said(flag: Flag) -> list[str]:
    effects = [EFFECTS[flag.effect]] if flag.effect in EFFECTS else []
    return [MECHANISMS[mechanism] for mechanism in flag.mechanisms] or effects


def told(kind: str, value: str) -> str:
    """A fact's value as people read it."""
    return NOT_RETROACTIVE if kind == "not_retroactive" else value
