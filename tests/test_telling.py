"""What a rewording tells: names, spellings and headings that change are no news, what is agreed to and refused is."""

from __future__ import annotations

import pytest

from archive.places import RULES
from archive.words import Topic
from diffing.flags import read
from diffing.rules import Rules, load

TERMS = "By using Larkspur, you agree to these terms and to our use of your data."
OPT_OUT = "You can opt out of messages from our partners in the form below."
CAPITALS = "BY SUBSCRIBING TO OTTERMILL, YOU AGREE TO BE BOUND BY THESE TERMS OF SERVICE."


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load(RULES)


def topics(rules: Rules, before: str, after: str, heading: str = "") -> set[Topic]:
    return {flag.topic for flag in read(before, after, heading, rules).flags}


def both_ways(rules: Rules, before: str, after: str) -> set[Topic]:
    return topics(rules, before, after) | topics(rules, after, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TERMS, TERMS.replace("Larkspur", "Brightleaf Notes")),
        (TERMS, TERMS.replace("Larkspur", "our website")),
        (TERMS.replace("Larkspur", "our websites"), TERMS.replace("Larkspur", "our services")),
        (TERMS.replace("Larkspur", "our web site"), TERMS.replace("Larkspur", "our website")),
        (TERMS, TERMS.replace("these terms", "this agreement")),
        (TERMS, f"Your Agreement {TERMS}"),
        (TERMS.replace("your data", "your personal data"), TERMS.replace("your data", "your personal information")),
        (CAPITALS, CAPITALS.replace("OTTERMILL", "BRIGHTLEAF")),
        (CAPITALS, CAPITALS.replace("THESE TERMS OF SERVICE", "THIS AGREEMENT")),
        (OPT_OUT, OPT_OUT.replace("below", "below (opens elsewhere)")),
        (OPT_OUT, OPT_OUT.replace("You can", "Quite simply you can")),
        ("With your consent, we will show you adverts.", "With your consent, we show you adverts."),
        ("Oak may share your notes if you consent to it.", "We may share your notes if you consent to it."),
    ],
)
def test_names_spellings_and_headings_are_no_news(rules: Rules, before: str, after: str) -> None:
    assert topics(rules, "", before) == topics(rules, "", after) == {Topic.CONSENT}
    assert both_ways(rules, before, after) == set()


def test_a_letter_that_is_mended_is_no_news(rules: Rules) -> None:
    assert both_ways(rules, TERMS, TERMS.replace("agree", "aggree")) == set()
    assert both_ways(rules, TERMS, TERMS.replace("agree", "do not agree")) == {Topic.CONSENT}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TERMS, TERMS.replace("you agree to", "you acknowledge")),
        (TERMS, TERMS.replace("data", "biometric data")),
        (TERMS, TERMS.replace("these terms", "these terms, the privacy policy")),
        (TERMS, TERMS.replace("your data", "your data and Prompts")),
        (OPT_OUT, OPT_OUT.replace("messages", "profiling")),
        (OPT_OUT, OPT_OUT.replace("in the form below", "by telephone")),
        (OPT_OUT, OPT_OUT.replace("You can", "In Norway you can")),
        (
            "Users in Norway can opt out of the sale of their data.",
            "Users in Brazil can opt out of the sale of their data.",
        ),
        ("You consent to our collection of Usage Data.", "You consent to our collection of Biometric Data."),
    ],
)
def test_what_is_agreed_to_or_refused_is_news(rules: Rules, before: str, after: str) -> None:
    assert topics(rules, before, after) == topics(rules, after, before) == {Topic.CONSENT}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("We train our AI models on notes in Oak.", "We train our AI models on notes in Elm.", set()),
        ("We train our AI models on User Content.", "We train our AI models on Voice Recordings.", {Topic.AI_TRAINING}),
        (
            "We do not train AI models on notes from Norway.",
            "We do not train AI models on notes from Brazil.",
            {Topic.AI_TRAINING},
        ),
        (
            "We train AI models on notes in Oak with care.",
            "We train AI models on notes and letters in Elm with care.",
            {Topic.AI_TRAINING},
        ),
    ],
)
def test_a_name_hides_no_other_change_in_its_sentence(rules: Rules, before: str, after: str, found: set[Topic]) -> None:
    assert topics(rules, before, after) == found


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("You may reject this by writing to us. Arbitration replaces the courts.", ""),
        ("Such an opt-out has to be sent by you, and by nobody else.", "Agreement to arbitrate"),
        ("Right to opt out", "No class actions"),
    ],
)
def test_what_is_refused_in_a_passage_about_courts_is_no_consent(rules: Rules, text: str, heading: str) -> None:
    assert topics(rules, "", text, heading) == set()
    assert topics(rules, "", text.replace(" Arbitration replaces the courts.", ""), "Your data") == {Topic.CONSENT}


def test_what_names_data_is_a_choice_beside_courts_too(rules: Rules) -> None:
    text = "Arbitration replaces the courts. You can opt out of the sale of your data."
    (flag,) = read("", text, "Agreement to arbitrate", rules).flags
    assert flag.quote == "You can opt out of the sale of your data."


def test_agreement_is_presumed_in_a_passage_about_courts_too(rules: Rules) -> None:
    text = "By using Larkspur, you agree to these terms. They hold an agreement to arbitrate, which you may opt out of."
    (flag,) = read("", text, "", rules).flags
    assert flag.rule == "deemed"
