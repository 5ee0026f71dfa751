"""How much a flag matters to a reader: each row of the table, and what stands beside it."""

from __future__ import annotations

import pytest

from archive.severity import highest, severity
from archive.words import Edit, EditKind, Effect, Fact, Flag, Mechanism, Reading, Severity, Topic

HIGH, MEDIUM, LOW = Severity
AFTER, BEFORE = "after", "before"
TRAINS = "We train our models on what you write."
PLAIN = "You find the details in the help pages."
ASKS = "With your consent we train our models on what you write."
IN = Edit(EditKind.ADDED, "", "", "New words.")
OUT = Edit(EditKind.REMOVED, "", "Old words.", "")
REWORDED = Edit(EditKind.CHANGED, "", "Old words.", "New words.")
EXEMPT = Fact("exempt", "Norway", "Not in Norway.")


def training(effect: Effect, side: str = AFTER, quote: str = TRAINS, score: float = 0.9) -> Flag:
    return Flag(Topic.AI_TRAINING, effect, quote, side, "rule", score)


def consent(*mechanisms: Mechanism, side: str = AFTER, quote: str = PLAIN, score: float = 0.9) -> Flag:
    return Flag(Topic.CONSENT, Effect.NONE, quote, side, "rule", score, mechanisms)


PERMITS, RESTRICTS, RESTATES = training(Effect.PERMITS), training(Effect.RESTRICTS), training(Effect.RESTATES)
OPT_IN, OPT_OUT, DEEMED = Mechanism.OPT_IN, Mechanism.OPT_OUT, Mechanism.DEEMED
WITHDRAW, DEFAULT = Mechanism.WITHDRAW, Mechanism.DEFAULT


def of(flag: Flag, *beside: Flag, edit: Edit = IN, facts: tuple[Fact, ...] = ()) -> Severity:
    return severity(flag, edit, Reading((flag, *beside), facts))


@pytest.mark.parametrize("edit", [IN, REWORDED])
def test_a_new_permission_is_high(edit: Edit) -> None:
    assert of(PERMITS, edit=edit) is HIGH


@pytest.mark.parametrize("edit", [OUT, REWORDED])
def test_a_promise_that_went_is_high(edit: Edit) -> None:
    assert of(training(Effect.PERMITS, BEFORE, "We never train on what you write."), edit=edit) is HIGH


def test_a_permission_with_an_opt_out_is_high() -> None:
    assert of(PERMITS, consent(OPT_OUT), facts=(Fact("optout", "Settings", PLAIN),)) is HIGH


@pytest.mark.parametrize(
    ("flag", "beside", "expected"),
    [
        (training(Effect.PERMITS, quote=ASKS), [consent(OPT_IN)], MEDIUM),
        (training(Effect.PERMITS, quote=ASKS), [consent(OPT_IN, OPT_OUT)], MEDIUM),
        (training(Effect.PERMITS, quote="エーアイ"), [consent(OPT_IN, quote="エーアイ")], MEDIUM),
        (PERMITS, [consent(OPT_IN, quote=TRAINS)], MEDIUM),
        (PERMITS, [consent(OPT_IN)], HIGH),  # asks first, but for something else
        (PERMITS, [consent(OPT_IN, OPT_OUT, quote=TRAINS)], HIGH),
        (training(Effect.PERMITS, quote=ASKS), [], HIGH),
        (training(Effect.PERMITS, quote=ASKS), [consent(OPT_IN, DEEMED)], HIGH),
        (training(Effect.PERMITS, quote=ASKS), [consent(OPT_IN, DEFAULT)], HIGH),
        (training(Effect.PERMITS, quote=ASKS), [consent(OPT_IN, side=BEFORE)], HIGH),
        (training(Effect.PERMITS, BEFORE, ASKS), [consent(OPT_IN)], HIGH),
        (training(Effect.PERMITS, quote="We train without your consent."), [consent(OPT_IN)], HIGH),
    ],
)
def test_a_permission_that_asks_first_is_medium(flag: Flag, beside: list[Flag], expected: Severity) -> None:
    assert of(flag, *beside) is expected


@pytest.mark.parametrize("side", [AFTER, BEFORE])
def test_a_restriction_is_medium(side: str) -> None:
    assert of(training(Effect.RESTRICTS, side), edit=REWORDED) is MEDIUM


@pytest.mark.parametrize(
    ("edit", "beside", "facts", "expected"),
    [
        (REWORDED, [], (), LOW),
        (REWORDED, [], (EXEMPT,), MEDIUM),
        (REWORDED, [consent(OPT_IN)], (), MEDIUM),
        (IN, [], (), MEDIUM),
        (OUT, [], (), MEDIUM),
    ],
)
def test_a_restatement_with_substance_is_medium(
    edit: Edit, beside: list[Flag], facts: tuple[Fact, ...], expected: Severity
) -> None:
    assert of(RESTATES, *beside, edit=edit, facts=facts) is expected


def test_a_flag_without_effect_is_low() -> None:
    assert of(training(Effect.NONE)) is LOW


@pytest.mark.parametrize(("score", "expected"), [(0.64, LOW), (0.65, HIGH)])
def test_wording_is_low(score: float, expected: Severity) -> None:
    assert of(training(Effect.PERMITS, score=score)) is expected
    assert of(consent(DEEMED, quote=TRAINS, score=score)) is expected


@pytest.mark.parametrize(
    ("mechanism", "came_on_training", "came", "went_on_training", "went"),
    [
        (DEEMED, HIGH, MEDIUM, MEDIUM, LOW),
        (OPT_OUT, MEDIUM, MEDIUM, HIGH, MEDIUM),
        (WITHDRAW, MEDIUM, MEDIUM, MEDIUM, MEDIUM),
        (OPT_IN, MEDIUM, LOW, MEDIUM, MEDIUM),
        (DEFAULT, MEDIUM, LOW, MEDIUM, LOW),
    ],
)
def test_each_mechanism(
    mechanism: Mechanism, came_on_training: Severity, came: Severity, went_on_training: Severity, went: Severity
) -> None:
    assert of(consent(mechanism), PERMITS) is came_on_training
    assert of(consent(mechanism)) is came
    assert of(consent(mechanism, side=BEFORE), PERMITS, edit=REWORDED) is went_on_training
    assert of(consent(mechanism, side=BEFORE), edit=OUT) is went


@pytest.mark.parametrize(
    ("beside", "quote", "expected"),
    [
        ([], TRAINS, HIGH),  # the quote speaks of it
        ([PERMITS], PLAIN, HIGH),
        ([RESTATES], PLAIN, HIGH),
        ([RESTRICTS], PLAIN, MEDIUM),
        ([RESTRICTS], TRAINS, MEDIUM),
        ([training(Effect.PERMITS, score=0.6)], PLAIN, MEDIUM),  # unsure, and of other words
        ([training(Effect.PERMITS, score=0.6)], TRAINS, HIGH),
        ([], "By using this page you accept our trainers.", MEDIUM),
    ],
)
def test_what_counts_as_agreement_to_training(beside: list[Flag], quote: str, expected: Severity) -> None:
    assert of(consent(DEEMED, quote=quote), *beside) is expected


def test_of_several_mechanisms_the_highest_counts() -> None:
    assert of(consent(DEFAULT, WITHDRAW)) is MEDIUM
    assert of(consent(OPT_IN, DEEMED), PERMITS) is HIGH
    assert of(consent()) is LOW


def test_a_change_is_as_severe_as_its_most_severe_flag() -> None:
    low, high = (IN, Reading((consent(OPT_IN),))), (IN, Reading((consent(OPT_OUT), PERMITS)))
    assert highest([low, high]) is HIGH
    assert highest([low, high], [Topic.CONSENT]) is MEDIUM
    assert highest([low]) is LOW
    assert highest([(IN, Reading())]) is None
