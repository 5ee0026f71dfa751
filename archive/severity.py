"""Turns a flag and what was read beside it into how much it matters to a reader: high, medium or low.

First that matches, for flags on AI training:

| the flag                                                                                  | severity |
|-------------------------------------------------------------------------------------------|----------|
| a score below 0.65                                                                        | low      |
| restates, in a passage that stood before, with no fact and nothing on consent beside it   | low      |
| restates otherwise                                                                        | medium   |
| restricts: a promise, a way to refuse or an exception came, or a permission went          | medium   |
| permits, in words that came and do it only if the person agrees first                     | medium   |
| permits otherwise: a permission came, or a promise, a limit or an opt-out went            | high     |

For flags on consent, the highest of their mechanisms counts. "Training" means: beside a flag on AI training that does
not restrict and either is sure (0.65) or quotes the same words; or, where the edit has no flag on AI training, in a
quote that speaks of it.

| mechanism                    | came or altered, training | came or altered | went, training | went   |
|------------------------------|---------------------------|-----------------|----------------|--------|
| any with a score below 0.65  | low                       | low             | low            | low    |
| deemed                       | high                      | medium          | medium         | low    |
| opt_out                      | medium                    | medium          | high           | medium |
| withdraw                     | medium                    | medium          | medium         | medium |
| opt_in                       | medium                    | low             | medium         | medium |
| default                      | medium                    | low             | medium         | low    |
| none                         | low                       | low             | low            | low    |

A flag came or went by the side its quote stands on. A change is as severe as the most severe of its flags.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from archive import cues
from archive.words import Edit, EditKind, Effect, Flag, Mechanism, Reading, Severity, Topic

SURE = 0.65  # the score from which a flag is more than a matter of wording
HIGH, MEDIUM, LOW = Severity
MECHANISMS = {  # came or altered beside training, came or altered, went beside training, went
    Mechanism.DEEMED: (HIGH, MEDIUM, MEDIUM, LOW),
    Mechanism.OPT_OUT: (MEDIUM, MEDIUM, HIGH, MEDIUM),
    Mechanism.WITHDRAW: (MEDIUM, MEDIUM, MEDIUM, MEDIUM),
    Mechanism.OPT_IN: (MEDIUM, LOW, MEDIUM, MEDIUM),
    Mechanism.DEFAULT: (MEDIUM, LOW, MEDIUM, LOW),
}


def severity(flag: Flag, edit: Edit, reading: Reading) -> Severity:
    """How much the flag of an edit matters; `reading` is all that was read in the edit."""
    if flag.score < SURE:
        return LOW
    return _of_training(flag, edit, reading) if flag.topic is Topic.AI_TRAINING else _of_consent(flag, reading)


def highest(edits: Iterable[tuple[Edit, Reading]], topics: Collection[Topic] = tuple(Topic)) -> Severity | None:
    """How much a change matters to a reader of these topics; None where nothing is flagged on them."""
    flags = ((flag, edit, reading) for edit, reading in edits for flag in reading.flags if flag.topic in topics)
    found = {severity(*one) for one in flags}
    return next((one for one in Severity if one in found), None)


def weights(flag: Flag, on_training: bool) -> dict[Mechanism, Severity]:
    """How much each mechanism of a flag on consent matters."""
    column = (0 if flag.side == "after" else 2) + (0 if on_training else 1)
    return {mechanism: MECHANISMS[mechanism][column] for mechanism in flag.mechanisms}


def is_on_training(flag: Flag, reading: Reading) -> bool:
    """Whether a flag on consent is about training that is not being restricted."""
    beside = [other for other in reading.flags if other.topic is Topic.AI_TRAINING]
    meant = [other for other in beside if other.score >= SURE or other.quote == flag.quote]
    return any(other.effect is not Effect.RESTRICTS for other in meant) if beside else cues.trains(flag.quote)


def _of_training(flag: Flag, edit: Edit, reading: Reading) -> Severity:
    if flag.effect is Effect.PERMITS:
        return MEDIUM if _asks_first(flag, _consent(reading)) else HIGH
    if flag.effect is Effect.RESTRICTS:
        return MEDIUM
    bare = edit.kind is EditKind.CHANGED and not reading.facts and not _consent(reading)
    return LOW if bare or flag.effect is Effect.NONE else MEDIUM


def _of_consent(flag: Flag, reading: Reading) -> Severity:
    found = set(weights(flag, is_on_training(flag, reading)).values())
    return next((one for one in Severity if one in found), LOW)


def _asks_first(flag: Flag, consent: Sequence[Flag]) -> bool:
    """Whether what came is permitted only to those who agree: in the quote itself, by its words or by its only flag."""
    asked = [one for one in consent if one.side == "after" and Mechanism.OPT_IN in one.mechanisms]
    named = {mechanism for one in asked for mechanism in one.mechanisms}
    if flag.side != "after" or not asked or named & {Mechanism.DEEMED, Mechanism.DEFAULT}:
        return False
    same = any(one.quote == flag.quote for one in asked)
    return cues.asks(flag.quote) or (same and Mechanism.OPT_OUT not in named)


def _consent(reading: Reading) -> list[Flag]:
    return [flag for flag in reading.flags if flag.topic is Topic.CONSENT]
