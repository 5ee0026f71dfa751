"""What a small change of words does: flagged where it changes what may be done, and with the right effect."""

from __future__ import annotations

import pytest

from archive.places import RULES
from archive.words import Effect, Topic
from diffing.flags import read
from diffing.rules import Rules, load

MAY = "We may use your posts to train our AI models."
PROMISE = "We will not use your files to train models except where you send feedback."
SHARED = "We may share your posts with our affiliates"
CASES = [
    ("a promise withdrawn", "We do not use your files to train our models. We lock up.", "We lock up.", Effect.PERMITS),
    (
        "a plan dropped from a promise",
        "We do not train our models on the data of Team, Business and Enterprise customers.",
        "We do not train our models on the data of Business and Enterprise customers.",
        Effect.PERMITS,
    ),
    (
        "all data for some, in a permission",
        "We may use business data to train our models.",
        "We may use data to train our models.",
        Effect.PERMITS,
    ),
    (
        "all data for some, in a promise",
        "We do not use business data to train our models.",
        "We do not use data to train our models.",
        Effect.RESTRICTS,
    ),
    ("an exception widened", PROMISE, f"{PROMISE[:-1]} or share a link.", Effect.PERMITS),
    ("an exception narrowed", f"{PROMISE[:-1]} or share a link.", PROMISE, Effect.RESTRICTS),
    ("is done where it might be", MAY, MAY.replace("may use", "use"), Effect.PERMITS),
    ("might be done where it is", MAY.replace("may use", "use"), MAY, Effect.RESTRICTS),
    (
        "a provider added",
        f"{SHARED} to train AI models.",
        f"{SHARED} and Microsoft to train AI models.",
        Effect.PERMITS,
    ),
    (
        "a provider dropped",
        f"{SHARED} and Microsoft to train AI models.",
        f"{SHARED} to train AI models.",
        Effect.RESTRICTS,
    ),
    (
        "another region exempt",
        "We train AI models on posts, except for members in the EU.",
        "We train AI models on posts, except for members in the EU and Brazil.",
        Effect.RESTRICTS,
    ),
    ("a way out removed", f"{MAY} You can opt out in Settings.", MAY, Effect.PERMITS),
    ("punctuation", MAY, "We may use your posts, to train our AI models!", None),
    (
        "small words",
        "We may use the posts you share to train AI.",
        "We may use those posts that you share to train AI.",
        None,
    ),
    (
        "a new name",
        "Gantry may use your posts to train AI models.",
        "Girder may use your posts to train AI models.",
        None,
    ),
    ("moved", f"{MAY} We send mail.", f"We send mail. {MAY}", None),
    ("another number", f"4.2 {MAY}", f"5.1 {MAY}", None),
    ("one word or two", "Pretraining of our models uses posts.", "Pre-training of our models uses posts.", None),
    ("what the reader may not do", "", "You may not use our service to train AI models.", None),
    ("what scrapers may not do", "", "Scrapers may not use our content to train AI models.", None),
    ("a disclaimer", "", "AI features may give wrong answers; do not rely on their output.", None),
    ("training of staff", "", "Our staff receive training on data protection.", None),
    ("a train", "", "The train to Bern leaves at noon.", None),
    ("model cars", "", "Model cars are sold in our shop.", None),
    ("pages to learn from", "", "Our learning pages explain the basics.", None),
]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load(RULES)


@pytest.mark.parametrize(("before", "after", "effect"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_a_change_does(rules: Rules, before: str, after: str, effect: Effect | None) -> None:
    found = [flag for flag in read(before, after, "", rules).flags if flag.topic is Topic.AI_TRAINING]
    assert [flag.effect for flag in found[:1]] == ([effect] if effect else [])
    assert all(flag.quote in (after if flag.side == "after" else before) and flag.why for flag in found)


def test_each_changed_sentence_is_quoted_the_most_telling_first(rules: Rules) -> None:
    text = f"{MAY} We also use your photos to train models of our partners. Your messages are not used to train models."
    found = [flag for flag in read("", text, "", rules).flags if flag.topic is Topic.AI_TRAINING]
    assert len(found) == 3
    assert {flag.effect for flag in found} == {Effect.PERMITS, Effect.RESTRICTS}
    assert found[0].why == "train our ai"
