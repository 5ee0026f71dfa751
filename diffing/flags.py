"""Turns one edit, a passage before and after, into flags about AI training and consent, with the facts stated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.words import Effect, Flag, Mechanism, Reading, Topic
from diffing.claims import Claim, Reader
from diffing.delta import turns
from diffing.effects import effect
from diffing.facts import Text, facts
from diffing.rules import Rules
from diffing.sentences import split


def read(before: str, after: str, heading: str, rules: Rules, year: int | None = None) -> Reading:
    """What the changed words of an edit do, by the rules. Either text may be empty: a passage added or removed.

    `heading` is context only: it is never quoted. `year` completes a date that is written without one.
    """
    old, new = split(before), split(after)
    changed = turns(old, new)
    if not changed:
        return Reading()
    reader = Reader(rules, heading)
    found = reader.changed(changed, [*old, *new])
    flags = tuple(
        flag
        for topic in Topic
        if (flag := _flag(topic, [claim for claim in found if claim.rule.topic is topic], reader)) is not None
    )
    return Reading(flags, facts(flags, Text(new or old, changed), reader, year))


def as_json(id: Any, reading: Reading) -> dict[str, Any]:  # noqa: A002  (the key of the output)
    """A reading in the shape of `smallprint flag`."""
    ai = next((flag for flag in reading.flags if flag.topic is Topic.AI_TRAINING), None)
    consent = next((flag for flag in reading.flags if flag.topic is Topic.CONSENT), None)
    return {
        "id": id,
        "ai_training": {
            "flagged": ai is not None,
            "effect": (ai.effect if ai else Effect.NONE).value,
            "quote": ai.quote if ai else "",
        },
        "consent": {
            "flagged": consent is not None,
            "mechanisms": [m.value for m in consent.mechanisms] if consent else [],
            "quote": consent.quote if consent else "",
        },
        "facts": {fact.kind: True if fact.kind == "not_retroactive" else fact.value for fact in reading.facts},
        "score": max((flag.score for flag in reading.flags), default=0.0),
    }


def _flag(topic: Topic, found: Sequence[Claim], reader: Reader) -> Flag | None:
    """The one flag of a topic: the strongest claim gives the words, all of them give effect or mechanisms."""
    if not found:
        return None
    if topic is Topic.AI_TRAINING:
        claim, what = effect(found, reader)
        return Flag(topic, what, claim.quote, claim.side, claim.rule.id, claim.rule.score)
    claim = max(found, key=lambda c: (c.rule.score, c.side == "after"))
    named = {c.rule.mechanism for c in found}
    mechanisms = tuple(m for m in Mechanism if m in named)
    return Flag(topic, Effect.NONE, claim.quote, claim.side, claim.rule.id, claim.rule.score, mechanisms)
