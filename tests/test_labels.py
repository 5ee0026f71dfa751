"""Flags and facts are called the same everywhere."""

from __future__ import annotations

import pytest

from archive import labels
from archive.words import Effect, Flag, Mechanism, Topic


def flag(topic: Topic, effect: Effect = Effect.NONE, *mechanisms: Mechanism) -> Flag:
    return Flag(topic, effect, "", "after", "rule", 1, mechanisms)


TRAINS = flag(Topic.AI_TRAINING, Effect.PERMITS)
REFUSABLE = flag(Topic.CONSENT, Effect.NONE, Mechanism.OPT_OUT, Mechanism.DEFAULT)


@pytest.mark.parametrize(
    ("given", "label"),
    [
        (TRAINS, "AI training: allows more"),
        (REFUSABLE, "consent: a way to opt out, a default setting"),
        (flag(Topic.CONSENT), "consent"),
    ],
)
def test_a_label_says_only_what_is_known(given: Flag, label: str) -> None:
    assert labels.label(given) == label


def test_chips_stand_alone_and_once() -> None:
    assert labels.chips([TRAINS, REFUSABLE, TRAINS, flag(Topic.CONSENT)]) == [
        "AI training: allows more",
        "Consent: a way to opt out",
        "Consent: a default setting",
        "Consent",
    ]


def test_every_effect_mechanism_and_fact_has_words() -> None:
    assert set(labels.ENGLISH.texts["effects"]) == set(Effect) - {Effect.NONE}
    assert set(labels.ENGLISH.texts["mechanisms"]) == set(Mechanism)
    assert labels.told("not_retroactive", "true") == labels.NOT_RETROACTIVE
    assert labels.told("effective", "2024-11-20") == "2024-11-20"
