"""Facts are read as written: dates, ways to refuse, exempt groups, third parties, kinds of data."""

from __future__ import annotations

from pathlib import Path

import pytest

from diffing.flags import as_json, read
from diffing.rules import load

RULES = load(Path(__file__).parent.parent / "data" / "rules")
TRAINS = "We use your notes to train our AI models. "


def facts(text: str, year: int | None = None) -> dict[str, object]:
    found: dict[str, object] = as_json("x", read("", text, "", RULES, year))["facts"]
    return found


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("These terms will take effect on November 20, 2024.", "2024-11-20"),
        ("This policy is effective as of 1 March 2025.", "2025-03-01"),
        ("Effective date: 2026-01-15.", "2026-01-15"),
        ("Beginning July 21st, 2024, notes are shared.", "2024-07-21"),
        ("Starting 3 November, we show your notes.", "2025-11-03"),
        ("The change comes into force on the day we say, from 5 Sept 2025 for all.", "2025-09-05"),
        ("As of Monday we do it. It applies from 2 of June 2025.", "2025-06-02"),
    ],
)
def test_the_day_it_takes_effect(text: str, day: str) -> None:
    assert facts(text, 2025)["effective"] == day


@pytest.mark.parametrize(
    "text",
    [
        "Last updated: November 20, 2024.",
        "This policy was last revised on 1 March 2025.",
        "We collected notes from 1 May 2019 to 3 June 2020.",
        "It takes effect on 05/06/2024.",
        "It takes effect in November 2024.",
    ],
)
def test_other_days_are_not_the_day_it_takes_effect(text: str) -> None:
    assert "effective" not in facts(text, 2025)


def test_a_day_without_a_year_needs_one() -> None:
    assert "effective" not in facts("Starting 3 November, we show your notes.")


@pytest.mark.parametrize(
    ("text", "way"),
    [
        (
            "You can opt out under Settings & Privacy > Data privacy > Training.",
            "Settings & Privacy > Data privacy > Training",
        ),
        ("You can opt out by emailing us at no@larkspur.example.", "by emailing us at no@larkspur.example"),
        ("To opt out, contact us at no@larkspur.example.", "contact us at no@larkspur.example"),
        ("You may opt out through your account settings.", "through your account settings"),
        ("Opt out at https://larkspur.example/no.", "https://larkspur.example/no"),
        (
            "To opt out, click [this link](https://larkspur.example/no) in the footer.",
            "click this link in the footer",
        ),
    ],
)
def test_the_way_to_refuse_as_written(text: str, way: str) -> None:
    assert facts(TRAINS + text)["optout"] == way


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("exempt", "This does not apply to schools and businesses.", "schools and businesses"),
        ("exempt", "We train AI on notes, except for users in the European Union.", "users in the European Union"),
        ("exempt", "We do not train AI models on the notes of Peruvian users.", "Peruvian users"),
        ("not_retroactive", TRAINS + "Opting out applies only to future notes.", True),
        ("not_retroactive", TRAINS + "If you opt out, it will not undo training that has already taken place.", True),
        ("third_party", "We let our affiliates and partners train AI models on notes.", None),
        ("third_party", "We share notes with our service providers to train AI models.", "our service providers"),
        ("data", "We use your notes and voice recordings to train AI models.", "your notes and voice recordings"),
        ("data", "Your drawings are used to train AI models.", "Your drawings"),
        ("data", "Our AI models are trained on public forum posts.", "public forum posts"),
    ],
)
def test_what_else_is_stated(kind: str, text: str, value: object) -> None:
    found = facts(TRAINS + text if kind == "exempt" else text)
    if value is not None:
        assert found[kind] == value


def test_facts_of_training_are_not_told_without_a_flag_of_it() -> None:
    found = facts("We share your notes with our affiliates. This does not apply to schools.")
    assert set(found) <= {"effective", "sharing"}


def test_a_fact_quotes_its_sentence() -> None:
    text = TRAINS + "You can opt out through your account settings."
    fact = next(f for f in read("", text, "", RULES).facts if f.kind == "optout")
    assert fact.quote == "You can opt out through your account settings."
    assert fact.quote in text


SHARES = "In some regions we may share your public notes with our affiliates, including Northwind, to build more."


@pytest.mark.parametrize(
    "before", ["", "We keep your notes safe.", "We keep your notes safe. We share the office with our partners."]
)
def test_new_sharing_is_a_fact_without_a_flag(before: str) -> None:
    reading = read(before, f"{before} {SHARES}".strip(), "", RULES)
    assert [(fact.kind, fact.value, fact.quote) for fact in reading.facts] == [
        ("sharing", "our affiliates, including Northwind", SHARES)
    ]
    assert reading.flags == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SHARES, ""),
        (SHARES, SHARES.replace("some regions", "most regions")),
        ("We keep your notes.", "We keep your notes. You may share your notes by e-mail."),
        ("We keep your notes.", "We keep your notes. We share news with our partners."),
    ],
)
def test_sharing_that_is_not_new_is_no_fact(before: str, after: str) -> None:
    assert not any(fact.kind == "sharing" for fact in read(before, after, "", RULES).facts)


@pytest.mark.parametrize(
    ("heading", "text", "kind", "value"),
    [
        (
            "Help › Model training",
            "This does not apply in the EU, EEA and Switzerland, yet.",
            "exempt",
            "the EU, EEA and Switzerland",
        ),
        ("Training our AI models", "Turning it off does not affect what was done already.", "not_retroactive", "true"),
    ],
)
def test_a_heading_that_speaks_of_training_gives_the_facts_their_meaning(
    heading: str, text: str, kind: str, value: str
) -> None:
    told = {fact.kind: fact.value for fact in read("", text, heading, RULES).facts}
    assert told[kind] == value
    assert not read("", text, "Help › Printing", RULES).facts


def test_members_who_live_somewhere_are_exempt() -> None:
    found = facts("We do not train AI models on posts of members who live in the United Kingdom or Norway.")
    assert found["exempt"] == "members who live in the United Kingdom or Norway"
