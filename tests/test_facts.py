"""Facts are read as written: dates, ways to refuse, exempt groups, third parties, kinds of data."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from diffing.flags import as_json, read
from diffing.rules import load
from tests.commands import smallprint

RULES = load(Path(__file__).parent.parent / "data" / "rules")
TRAINS = "We use your notes to train our AI models. "


SEEN = date(2024, 9, 19)


def facts(text: str, seen: date | None = SEEN) -> dict[str, object]:
    found: dict[str, object] = as_json("x", read("", text, "", RULES, seen))["facts"]
    return found


def told(kind: str, text: str) -> list[str]:
    return [fact.value for fact in read("", text, "", RULES, SEEN).facts if fact.kind == kind]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("These terms will take effect on November 20, 2024.", "2024-11-20"),
        ("The terms take effect for existing members on Wednesday, the 20th of November 2024.", "2024-11-20"),
        ("This policy is effective as of 1 March 2025.", "2025-03-01"),
        ("This policy is effective as of May 5, 2025.", "2025-05-05"),
        ("Effective date: 2026-01-15.", "2026-01-15"),
        ("Effective Date of these terms: Jan 15 2026", "2026-01-15"),
        ("Effective: 15th day of January, 2026", "2026-01-15"),
        ("Last updated 1 May 2024 and effective 15 January 2026.", "2026-01-15"),
        ("It comes into force on 25/05/2025.", "2025-05-25"),
        ("It is in effect since 2024/03/05.", "2024-03-05"),
        ("It goes live on Monday 4 November.", "2024-11-04"),
        ("Beginning July 21st, 2024, notes are shared.", "2024-07-21"),
        ("Starting 3 November, we show your notes.", "2024-11-03"),
        ("Starting 3 January, we show your notes.", "2025-01-03"),
        ("On 20 November we will begin to show your notes.", "2024-11-20"),
        ("We will start to show your notes to others on November 20.", "2024-11-20"),
        ("From 1 October onwards we show your notes.", "2024-10-01"),
        ("With effect from 1 October, we show your notes.", "2024-10-01"),
        ("By signing in from 1 October, you will be deemed to agree.", "2024-10-01"),
        ("The change comes into force on the day we say, from 5 Sept 2025 for all.", "2025-09-05"),
        ("As of Monday we do it. It applies from 2 of June 2025.", "2025-06-02"),
        ("Entry into force: 2 June 2025", "2025-06-02"),
    ],
)
def test_the_day_it_takes_effect(text: str, day: str) -> None:
    assert facts(text)["effective"] == day


@pytest.mark.parametrize(
    "text",
    [
        "Last updated: November 20, 2024.",
        "This policy was last revised on 1 March 2025.",
        "This policy was last modified as of 1 March 2025.",
        "It is effective as of the last updated date above.",
        "Version 2024-05-01 of our terms.",
        "© 2024 Larkspur, in its twentieth year.",
        "We collected notes from 1 May 2019 to 3 June 2020.",
        "Notes collected before 1 January 2020 are kept.",
        "Notes created on or after 1 May 2024 are larger.",
        "It was effective from 1 May 2019 until 3 June 2020.",
        "It takes effect on 05/06/2024.",
        "It takes effect in November 2024.",
        "It takes effect 30 days after we post it.",
    ],
)
def test_other_days_are_not_the_day_it_takes_effect(text: str) -> None:
    assert "effective" not in facts(text)


def test_a_day_without_a_year_needs_one() -> None:
    assert "effective" not in facts("Starting 3 November, we show your notes.", None)


@pytest.mark.parametrize(
    ("text", "way"),
    [
        (
            "You can opt out under Settings & Privacy > Data privacy > Data for Generative Training.",
            "Settings & Privacy > Data privacy > Data for Generative Training",
        ),
        (
            "To opt out, open Settings → Data controls → Improve the model for everyone.",
            "Settings > Data controls > Improve the model for everyone",
        ),
        ("Go to **Profile icon** › **Privacy and safety**, and opt out.", "Profile icon > Privacy and safety"),
        ("You can opt out in settings > privacy > training at any time.", "settings > privacy > training"),
        ("If you do not want this, change it in Account -> “My notes” to opt out.", "Account > My notes"),
        (
            "To opt out, go to Settings, then Privacy, and switch off “Improve the model for everyone”.",
            "Settings > Privacy > Improve the model for everyone",
        ),
        ('To opt out, go to Settings and turn off "Model training".', "Settings > Model training"),
        ("You can opt out by emailing us at no@larkspur.example.", "by emailing us at no@larkspur.example"),
        ("To opt out, contact us at no@larkspur.example.", "contact us at no@larkspur.example"),
        ("Object by writing to [us](mailto:no@larkspur.example).", "by writing to us (no@larkspur.example)"),
        ("To opt out, write to Larkspur Ltd, 1 Elm Street, Dublin.", "write to Larkspur Ltd, 1 Elm Street, Dublin"),
        ("You may opt out through your account settings.", "through your account settings"),
        ("You can opt out by filling in the objection form.", "by filling in the objection form"),
        ("Opt out at https://larkspur.example/no.", "at https://larkspur.example/no"),
        ("Opt out: https://larkspur.example/no.", "https://larkspur.example/no"),
        ("You can opt out [here](https://larkspur.example/no).", "here (https://larkspur.example/no)"),
        (
            "To opt out, click [this link](https://larkspur.example/no) in the footer.",
            "click this link (https://larkspur.example/no) in the footer",
        ),
        (
            "You can object to the use of your notes by completing [this form](https://larkspur.example/form).",
            "by completing this form (https://larkspur.example/form)",
        ),
        (
            "To opt out, fill in [this form](https://larkspur.example/form).",
            "fill in this form (https://larkspur.example/form)",
        ),
    ],
)
def test_the_way_to_refuse_as_written(text: str, way: str) -> None:
    assert facts(TRAINS + text)["optout"] == way


@pytest.mark.parametrize(
    ("texts", "way"),
    [
        (
            ("Opt out by post.", "Opt out through your settings.", "Opt out in Menu > Data > Training."),
            "Menu > Data > Training",
        ),
        (
            ("You can opt out through your settings.", "You can opt out with [a form](https://larkspur.example/no)."),
            "through your settings",
        ),
        (
            ("You can opt out through your settings.", "To opt out, use [a form](https://larkspur.example/no)."),
            "use a form (https://larkspur.example/no)",
        ),
        (
            ("You can opt out by writing to no@larkspur.example.", "To opt out, visit https://larkspur.example/no."),
            "visit https://larkspur.example/no",
        ),
        (
            ("You can opt out through your settings.", "You can opt out by writing to no@larkspur.example."),
            "by writing to no@larkspur.example",
        ),
    ],
)
def test_the_most_usable_way_is_told(texts: tuple[str, ...], way: str) -> None:
    for order in (texts, texts[::-1]):
        assert facts(TRAINS + " ".join(order))["optout"] == way


@pytest.mark.parametrize(
    "text",
    [
        "You can opt out. Read more at https://larkspur.example/help.",
        "Unless you opt out, see our [terms](https://larkspur.example/terms/privacy).",
        "Opting out is easy if x > y.",
    ],
)
def test_what_leads_elsewhere_is_no_way_to_refuse(text: str) -> None:
    assert "optout" not in facts(TRAINS + text)


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
    known = {fact.kind: fact.value for fact in read("", text, heading, RULES).facts}
    assert known[kind] == value
    assert not read("", text, "Help › Printing", RULES).facts


def test_members_who_live_somewhere_are_exempt() -> None:
    found = facts("We do not train AI models on posts of members who live in the United Kingdom or Norway.")
    assert found["exempt"] == "members who live in the United Kingdom or Norway"


@pytest.mark.parametrize(
    ("text", "exempt"),
    [
        (
            "This does not apply to users in the EU, UK or Switzerland.",
            [("users in the EU, UK or Switzerland", "EU GB CH")],
        ),
        ("This does not apply to minors.", [("minors", "")]),
        (
            "This does not apply to Enterprise customers, schools, and people in Brazil or South Korea.",
            [("Enterprise customers, schools", ""), ("people in Brazil or South Korea", "BR KR")],
        ),
        (
            "We do not train on notes of Enterprise customers or of users in the European Economic Area.",
            [("users in the European Economic Area", "EU IS LI NO"), ("Enterprise customers", "")],
        ),
        (
            "We do not train AI on notes of users in the UK. Business accounts are not affected.",
            [("users in the UK", "GB"), ("Business accounts", "")],
        ),
        ("We train AI everywhere except the EEA and the UK.", [("the EEA and the UK", "EU IS LI NO GB")]),
        ("We will not use notes from Swiss users to train AI models.", [("Swiss users", "CH")]),
        ("We do not train AI on EU notes of users in the EU.", [("users in the EU", "EU")]),
        ("Members in Hong Kong are exempt.", [("Members in Hong Kong", "HK")]),
        ("For California residents, we do not train AI on notes.", [("California residents", "US-CA")]),
        ("In Norway, we do not train AI on notes.", [("Norway", "NO")]),
        ("We train AI on notes of users outside the EU and UK.", [("the EU and UK", "EU GB")]),
        ("Unless you live in Norway, we train AI on notes.", [("Norway", "NO")]),
        ("If you are located in Canada, we do not train on notes.", [("Canada", "CA")]),
        ("We exclude users in Georgia and Florida from training.", [("users in Georgia and Florida", "US-GA US-FL")]),
        ("We do not train AI on notes from the EU and Japan, for now.", [("the EU and Japan", "EU JP")]),
        ("We do not use Ottermill Business or Edu data for training.", [("Ottermill Business or Edu data", "")]),
        ("We never use notes from users under 18 to train AI.", [("users under 18", "")]),
        ("We do not use Education accounts for training.", [("Education accounts", "")]),
        ("This does not apply to people in other countries.", [("people in other countries", "")]),
    ],
)
def test_regions_and_groups_that_are_exempt(text: str, exempt: list[tuple[str, str]]) -> None:
    found = [fact for fact in read("", TRAINS + text, "", RULES).facts if fact.kind == "exempt"]
    assert [(fact.value, " ".join(fact.codes)) for fact in found] == exempt
    assert all(fact.quote in text for fact in found)


@pytest.mark.parametrize(
    "text",
    [
        "Your notes may be moved outside the EEA.",
        "Your opt-out does not apply to what our partners do.",
        "This right does not apply when the law says so.",
        "We do not sell notes to anybody.",
        "We do not train AI on health data.",
        "Turkey is not on the menu.",
    ],
)
def test_who_is_not_spoken_of_is_not_exempt(text: str) -> None:
    assert told("exempt", TRAINS + text) == []


def test_what_several_sentences_say_is_told_once() -> None:
    text = "This does not apply to users in the EU. We do not train AI on notes of members in the European Union."
    assert told("exempt", TRAINS + text) == ["users in the EU"]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("We keep notes for up to 5 years.", "for up to 5 years"),
        ("Notes used for training are retained indefinitely.", "indefinitely"),
        ("Notes are deleted after 30 days.", "deleted after 30 days"),
        (
            "Copies are anonymised within twelve (12) months of your request.",
            "anonymised within twelve (12) months of your request",
        ),
        ("We store them until you delete your account.", "until you delete your account"),
        ("We retain notes for thirty (30) days after you delete them.", "for thirty (30) days after you delete them"),
        ("The retention period is 18 months.", "18 months"),
        ("We keep notes as long as necessary to run the service.", "as long as necessary to run the service"),
        ("We offer zero data retention.", "zero data retention"),
        ("Notes are not stored on our servers.", "are not stored on our servers"),
        ("We delete notes when you close your account.", "delete notes when you close your account"),
    ],
)
def test_how_long_data_is_kept(text: str, time: str) -> None:
    assert told("retention", TRAINS + text) == [time]
    assert told("retention", text) == []


@pytest.mark.parametrize(
    "text", ["We save the planet in five years.", "We hold events for three days.", "We keep improving for years."]
)
def test_other_times_are_not_how_long_data_is_kept(text: str) -> None:
    assert told("retention", TRAINS + text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Your choice takes effect going forward.",
        "Opting out applies from that day on.",
        "Opting out does not affect models trained before you opted out.",
        "We cannot remove what was already learned if you opt out.",
        "What we previously learned cannot be undone when you withdraw.",
        "Opting out is not retroactive.",
    ],
)
def test_refusing_does_not_look_back(text: str) -> None:
    assert told("not_retroactive", TRAINS + text) == ["true"]


@pytest.mark.parametrize(
    "text", ["Opting out is easy.", "These changes apply retroactively.", "You already have a choice."]
)
def test_what_says_nothing_about_the_past(text: str) -> None:
    assert told("not_retroactive", TRAINS + text) == []


@pytest.mark.parametrize(
    ("text", "others"),
    [
        (
            "We share notes with third-party AI providers, such as Northwind, to train models.",
            "third-party AI providers, such as Northwind",
        ),
        ("A third party may train models on notes.", "A third party"),
        (
            "We let a third party provider that provides AI services train models.",
            "a third party provider that provides AI services",
        ),
        ("We let our affiliates and partners train AI models on notes.", "our affiliates and partners"),
    ],
)
def test_who_else_may_train(text: str, others: str) -> None:
    assert told("third_party", TRAINS + text) == [others]


def test_models_of_others_are_no_others() -> None:
    assert told("third_party", "We train our AI models and third-party models.") == []


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (
            "We use statistics (e.g. the language) of your notes to train AI models.",
            "statistics (e.g. the language) of your notes",
        ),
        ("You can object to the use of your notes and drawings for training AI models.", "your notes and drawings"),
        ("We use your notes as a controller for the purpose of research and to train AI models.", "your notes"),
        ("We use the words we have to learn what people like and to develop AI models.", "the words we have"),
        ("We may use your notes only to improve our AI models.", "your notes"),
    ],
)
def test_kinds_of_data(text: str, data: str) -> None:
    assert told("data", text) == [data]


def test_tools_are_no_kind_of_data() -> None:
    assert told("data", "We use third party chat software and services to train our AI models.") == []


def test_the_command_takes_a_missing_year_from_the_date_of_the_line() -> None:
    dates = ["2024-09-19", "2024-09-19T08:00:00Z", "2024", "2024-12-24", "soon", None]
    lines = [{"id": 1, "after": "Starting 3 January, we show your notes.", "date": given} for given in dates]
    done = smallprint("flag", stdin="\n".join(map(json.dumps, lines)))
    days = [json.loads(line)["facts"].get("effective") for line in done.stdout.splitlines()]
    assert days == ["2025-01-03", "2025-01-03", "2024-01-03", "2025-01-03", None, None]
