"""Turns one edit, a passage before and after, into flags about AI training and consent, with the facts stated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import date
from itertools import chain, islice
from typing import Any

from archive.words import Effect, Fact, Flag, Mechanism, Reading, Topic
from diffing.claims import Claim, Reader, headed
from diffing.effects import effect
from diffing.facts import Text, facts, states
from diffing.rules import Rules
from diffing.sentences import Cut, Sentence, cut, sentences

MOST = 11  # sentences of one topic that are quoted beside the leading one


def read(before: str, after: str, heading: str, rules: Rules, seen: date | None = None) -> Reading:
    """What the changed words of an edit do, by the rules. Either text may be empty: a passage added or removed.

    `heading` is context only: it is never quoted. `seen` is the document's date: it completes a date without a year.
    """
    sure = rules.needs_words(headed(rules, heading))
    if sure and not any(rules.screen.text(text) & rules.alone for text in (after, before)):
        return Reading()
    cuts = cut(before), cut(after)
    reader = Reader(rules, heading)
    speaks, telling = _glance(*cuts, rules)
    if sure and not speaks and not any(states(fact, telling, reader, seen) for fact in rules.unflagged):
        return Reading()
    text = Text(*map(sentences, cuts))
    found = _flags(text, reader) if speaks else ()
    told = facts(found, text, reader, seen)
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
    """Of each topic that a change touches, a flag for each changed sentence, the one that tells most first."""
    found = reader.changed(text.turns, [*text.old, *text.new])
    by_topic = ([claim for claim in found if claim.rule.topic is topic] for topic in Topic)
    return tuple(flag for claims in by_topic if claims for flag in _of_topic(claims, reader))


def _of_topic(claims: Sequence[Claim], reader: Reader) -> Iterator[Flag]:
    """The flag that speaks for all claims of a topic, then those of the other changed sentences that add to it.

    The same effect told by a weaker rule adds nothing: it is mostly the name of a setting, or where it is found.
    """
    leading, flag = _flag(claims, reader)
    yield flag
    turns = (turn for turn in dict.fromkeys(c.turn for c in claims) if turn is not leading.turn)
    others = (_flag([claim for claim in claims if claim.turn is turn], reader)[1] for turn in turns)
    adding = (o for o in others if o.effect is not flag.effect or o.score >= flag.score or o.mechanisms)
    yield from islice(adding, MOST)


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
        "facts": facts_as_json(reading.facts),
        "score": max((flag.score for flag in reading.flags), default=0.0),
    }


def facts_as_json(stated: Sequence[Fact]) -> dict[str, Any]:
    """Facts by their kind, several of one kind joined by "; "; `exempt_regions` are the ISO 3166 codes of all."""
    told: dict[str, Any] = {}
    for fact in stated:
        told[fact.kind] = f"{told[fact.kind]}; {fact.value}" if fact.kind in told else fact.value
    if "not_retroactive" in told:
        told["not_retroactive"] = True
    codes = sorted({code for fact in stated if fact.kind == "exempt" for code in fact.codes})
    return told | ({"exempt_regions": codes} if codes else {})


def _flag(found: Sequence[Claim], reader: Reader) -> tuple[Claim, Flag]:
    """The strongest claim of a topic, whose words are quoted; all of them give effect or mechanisms."""
    topic, what, mechanisms = found[0].rule.topic, Effect.NONE, tuple[Mechanism, ...]()
    if topic is Topic.AI_TRAINING:
        claim, what = effect(found, reader)
    else:
        claim = max(found, key=lambda c: (c.rule.score, c.side == "after"))
        named = {c.rule.mechanism for c in found}
        mechanisms = tuple(m for m in Mechanism if m in named)
    rule, why = claim.rule, " ".join(claim.sentence.words[slice(*claim.span)])
    return claim, Flag(topic, what, claim.quote, claim.side, rule.id, rule.score, mechanisms, why)
