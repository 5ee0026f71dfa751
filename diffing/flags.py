"""Turns one edit, a passage before and after, into flags about AI training and consent, with the facts stated."""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import chain
from typing import Any

from archive.words import Effect, Flag, Mechanism, Reading, Topic
from diffing.claims import Claim, Reader, headed
from diffing.effects import effect
from diffing.facts import Text, facts, states
from diffing.rules import Rules
from diffing.sentences import Cut, Sentence, cut, sentences


def read(before: str, after: str, heading: str, rules: Rules, year: int | None = None) -> Reading:
    """What the changed words of an edit do, by the rules. Either text may be empty: a passage added or removed.

    `heading` is context only: it is never quoted. `year` completes a date that is written without one.
    """
    sure = rules.needs_words(headed(rules, heading))
    if sure and not (rules.screen.text(before) | rules.screen.text(after)) & rules.alone:
        return Reading()
    cuts = cut(before), cut(after)
    reader = Reader(rules, heading)
    speaks, telling = _glance(*cuts, rules)
    if sure and not speaks and not any(states(fact, telling, reader, year) for fact in rules.unflagged):
        return Reading()
    text = Text(*map(sentences, cuts))
    found = _flags(text, reader) if speaks else ()
    told = facts(found, text, reader, year)
    return Reading(found, told) if (found or told) and text.turns else Reading()


def _glance(before: Sequence[Cut], after: Sequence[Cut], rules: Rules) -> tuple[bool, list[Sentence]]:
    """Whether a rule may speak in a sentence that changed, and what may state a fact that needs no flag."""
    may = {masked: rules.screen.sentence(masked) for _, masked in chain(before, after)}
    speaks = any(may[masked] & rules.says for masked in _differing(before, after))
    return speaks, sentences(one for one in chain(before, after) if may[one[1]] & rules.near)


def _differing(before: Sequence[Cut], after: Sequence[Cut]) -> Set[str]:
    """Masked sentences that do not stand on both sides alike; among them is one with the words of each that changed."""
    old, new = {masked for _, masked in before}, {masked for _, masked in after}
    return old | new if len(old) < len(before) or len(new) < len(after) else old ^ new


def _flags(text: Text, reader: Reader) -> tuple[Flag, ...]:
    """A flag for each topic that a change touches."""
    found = reader.changed(text.turns, [*text.old, *text.new])
    flags = (_flag(topic, [claim for claim in found if claim.rule.topic is topic], reader) for topic in Topic)
    return tuple(flag for flag in flags if flag)


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
