"""Flags speak of what changed: sentences of made-up companies, read by the rules as they are shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.words import Effect, Flag, Mechanism, Reading, Topic
from diffing.flags import as_json, read
from diffing.rules import Rules, load

RULES = load(Path(__file__).parent.parent / "data" / "rules")
PERMITS, RESTRICTS, RESTATES = Effect.PERMITS, Effect.RESTRICTS, Effect.RESTATES


def flag(topic: Topic, before: str, after: str, heading: str = "", rules: Rules = RULES) -> Flag | None:
    return next((f for f in read(before, after, heading, rules).flags if f.topic is topic), None)


def ai(before: str, after: str, heading: str = "") -> Effect | None:
    found = flag(Topic.AI_TRAINING, before, after, heading)
    return found.effect if found else None


def consent(before: str, after: str) -> set[str]:
    found = flag(Topic.CONSENT, before, after)
    return {m.value for m in found.mechanisms} if found else set()


ADDED = [
    ("We use the notes you write in Larkspur to train our machine learning models.", PERMITS),
    ("Brightleaf may use your photos and captions to improve its artificial intelligence.", PERMITS),
    ("To develop and fine-tune large language models with the messages you send.", PERMITS),
    ("Your recordings may be used by our affiliates to train generative AI models.", PERMITS),
    ("You grant Ottermill a licence to use your drawings, including for training AI models.", PERMITS),
    ("Our algorithms are trained on the playlists that our members make.", PERMITS),
    ("We share survey answers with model providers, who may use them to train their models.", PERMITS),
    ("* Improve our services, including our AI models.", PERMITS),
    ("We do not use your letters to train AI models.", RESTRICTS),
    ("Customer data is never used for training machine learning models.", RESTRICTS),
    ("No document that you upload will be used to train artificial intelligence.", RESTRICTS),
    ("Our transcription provider may not use your calls to train its models.", RESTRICTS),
    ("We will not train our models on your diary unless you ask us to.", RESTRICTS),
    ("You can opt out of the use of your sketches for AI training in your settings.", RESTRICTS),
    ("If you do not want your reviews used to train our models, write to us.", RESTRICTS),
    (
        "Before we use essays to train our models, we remove names; we de-identify them before using them to train.",
        None,
    ),
]


@pytest.mark.parametrize(("sentence", "effect"), ADDED)
def test_a_new_passage_is_flagged_with_its_effect(sentence: str, effect: Effect | None) -> None:
    found = ai("", sentence)
    assert found is not None
    if effect is not None:
        assert found is effect


@pytest.mark.parametrize(("sentence", "effect"), [case for case in ADDED if case[1]])
def test_a_passage_that_goes_does_the_opposite(sentence: str, effect: Effect) -> None:
    assert ai(sentence, "") is {PERMITS: RESTRICTS, RESTRICTS: PERMITS}[effect]


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        (
            "We do not use your poems to train AI models.",
            "We use your poems to train AI models.",
            PERMITS,
        ),
        (
            "We use your poems to train AI models.",
            "We do not use your poems to train AI models.",
            RESTRICTS,
        ),
        (
            "We will not use your poems to train AI models.",
            "We will not use your poems to train AI models, except poems you publish.",
            PERMITS,
        ),
        (
            "We will not use your poems to train AI models, except poems you publish.",
            "We will not use your poems to train AI models.",
            RESTRICTS,
        ),
        (
            "We use your poems to train our AI models.",
            "We use your poems to train our AI models, unless you opt out.",
            RESTRICTS,
        ),
        (
            "We use your poems to train our AI models, unless you opt out.",
            "We use your poems to train our AI models.",
            PERMITS,
        ),
        (
            "We keep your poems.",
            "We keep your poems. If you have not opted out of training, we use them to train our AI models.",
            PERMITS,
        ),
        (
            "You own your poems. You can opt out of training in your settings.",
            "You own your poems.",
            PERMITS,
        ),
        (
            "We use your poems to train our AI models.",
            "We use your poems, drafts, comments and voice recordings to train our AI models.",
            PERMITS,
        ),
        (
            "We keep your poems. We use them to improve Larkspur.",
            "We keep your poems. We use them to improve Larkspur and to train our machine learning models.",
            PERMITS,
        ),
        (
            "We keep your poems for ten days. We do not use them to train AI models.",
            "We keep your poems for ten days.",
            PERMITS,
        ),
    ],
)
def test_the_change_decides_the_effect(before: str, after: str, effect: Effect) -> None:
    assert ai(before, after) is effect


def test_an_opt_out_beside_training_is_told_for_both_topics() -> None:
    before = "We use your reviews to train our AI models."
    after = before + " You may object to this processing at any time in your account settings."
    assert ai(before, after) is RESTRICTS
    assert ai(after, before) is PERMITS
    assert consent(before, after) == {"opt_out"}


@pytest.mark.parametrize(
    "sentence",
    [
        "You may not use the output of Larkspur to train a machine learning model.",
        "Customer shall not use the service to develop or train artificial intelligence models.",
        "You agree not to scrape our pages for training AI models.",
        "Using our articles to train competing AI models is prohibited.",
        "You may not use our content to train AI without our prior written permission.",
        "Our assistant uses artificial intelligence to answer your questions.",
        "The output of AI features may be wrong, and you should check it.",
        "Our employees receive regular training on privacy and artificial intelligence.",
        "We use your information to improve our services.",
        "We use artificial intelligence to detect spam.",
        "Calls may be recorded for quality assurance and training purposes.",
        "Our fine-tuning API allows you to fine-tune a model.",
        "“Model” means any trained program that we offer.",
        "We offer training courses in several cities.",
    ],
)
def test_what_does_not_concern_training_on_peoples_data_is_no_flag(sentence: str) -> None:
    assert ai("", sentence) is None
    assert ai(sentence, "") is None


def test_a_list_under_a_ban_for_the_reader_binds_the_reader() -> None:
    sentence = "* collect our recipes for training AI models;"
    assert ai("", sentence, heading="You may not:") is None
    assert ai("", sentence, heading="Why we do it") is not None


CLAUSE = "We may use your poems to train our AI models, as told in Section 4, unless you opt out in your settings."


@pytest.mark.parametrize(
    "after",
    [
        CLAUSE.replace("Section 4", "Section 5"),
        CLAUSE.replace("opt out", "opt-out"),
        CLAUSE.replace("AI models,", "AI models -"),
        CLAUSE.upper(),
        "7.2 " + CLAUSE,
        f"**{CLAUSE}**",
        CLAUSE.replace("your settings", "your [settings](https://larkspur.example/settings)"),
        CLAUSE + " ",
    ],
)
def test_cosmetic_changes_are_no_flag(after: str) -> None:
    assert read(CLAUSE, after, "", RULES) == Reading()


def test_a_change_elsewhere_in_the_passage_is_no_flag() -> None:
    before = CLAUSE + " We answer letters within ten days."
    assert read(before, CLAUSE + " We answer letters within five days.", "", RULES).flags == ()


def test_a_link_target_that_changes_is_no_flag() -> None:
    text = "To opt out of AI training, see [our form]({})."
    assert read(text.format("https://a.example/1"), text.format("https://a.example/2"), "", RULES).flags == ()


@pytest.mark.parametrize(
    ("sentence", "mechanisms"),
    [
        ("You can opt out of personalised adverts at any time.", {"opt_out"}),
        ("You have the right to object to direct marketing.", {"opt_out"}),
        ("To unsubscribe, click the link at the foot of each letter.", {"opt_out"}),
        ("You can manage your cookie preferences in the footer.", {"opt_out"}),
        ("We share your address with sponsors only with your consent.", {"opt_in"}),
        ("We will ask for your permission before we use your contacts.", {"opt_in"}),
        ("Location is collected only if you opt in.", {"opt_in"}),
        ("By using Larkspur you agree to this policy.", {"deemed"}),
        ("Your continued use of the service constitutes acceptance of the new terms.", {"deemed"}),
        ("You may withdraw your consent at any time.", {"withdraw", "opt_in"}),
        ("Sharing with partners is on by default.", {"default"}),
        ("Reply STOP to cancel text messages.", {"opt_out"}),
        ("You can disable location in the settings of your device.", {"opt_out"}),
        ("If you do not agree to these terms, do not use Larkspur.", {"deemed"}),
        ("You can revoke access at any time.", {"withdraw"}),
        ("We send the newsletter unless you have opted out.", {"opt_out", "default"}),
    ],
)
def test_consent_names_its_mechanisms(sentence: str, mechanisms: set[str]) -> None:
    assert mechanisms <= consent("", sentence)
    assert mechanisms <= consent(sentence, "")


@pytest.mark.parametrize(
    "sentence",
    [
        "You may not assign this agreement without our prior written consent.",
        "You consent to the exclusive jurisdiction of the courts of Ottermill.",
        "You must obtain the consent of everyone in the picture before you post it.",
        "You agree to indemnify Larkspur against all claims.",
        "We work with 412 vendors.",
        "We keep records for six years.",
        "We may refuse service to anyone.",
        "We may disable your account.",
        "You may not disable the security of Larkspur.",
        "Late fees apply by default of payment.",
    ],
)
def test_other_agreements_are_no_consent(sentence: str) -> None:
    assert consent("", sentence) == set()


@pytest.mark.parametrize("side", ["before", "after"])
def test_the_quote_is_a_whole_sentence_standing_in_its_side(side: str) -> None:
    lead = "* **Notes.** We like notes (see [help](https://larkspur.example/help)). "
    text = lead + "We use **your notes** to train our [AI models](https://larkspur.example/ai). More follows."
    before, after = (text, "") if side == "before" else ("", text)
    found = flag(Topic.AI_TRAINING, before, after)
    assert found
    assert found.side == side
    assert found.quote == "We use **your notes** to train our [AI models](https://larkspur.example/ai)."
    assert found.quote in text
    assert 0 <= found.score <= 1
    assert found.rule in {rule.id for rule in RULES.rules}


def test_a_moved_sentence_has_not_changed() -> None:
    one, two = "We use notes to train AI models.", "You can opt out in settings."
    assert read(f"{one} {two}", f"{two} {one}", "", RULES) == Reading()


def test_nothing_and_nothing_is_nothing() -> None:
    assert read("", "", "", RULES) == Reading()
    assert read("…", "!", "", RULES) == Reading()


def test_the_json_has_the_shape_of_the_command() -> None:
    after = "From 3 May 2025 we use your notes to train AI models unless you opt out in your settings."
    shape = as_json("x1", read("", after, "", RULES))
    assert json.loads(json.dumps(shape)) == shape
    assert list(shape) == ["id", "ai_training", "consent", "facts", "score"]
    assert shape["id"] == "x1"
    assert shape["ai_training"] == {"flagged": True, "effect": "permits", "quote": after}
    assert shape["consent"]["flagged"] is True
    assert "opt_out" in shape["consent"]["mechanisms"]
    assert shape["facts"]["effective"] == "2025-05-03"
    assert 0 < shape["score"] <= 1


def test_the_json_of_no_flag() -> None:
    assert as_json(7, Reading()) == {
        "id": 7,
        "ai_training": {"flagged": False, "effect": "none", "quote": ""},
        "consent": {"flagged": False, "mechanisms": [], "quote": ""},
        "facts": {},
        "score": 0.0,
    }


def test_flags_come_in_the_order_of_topics_and_name_mechanisms_in_order() -> None:
    text = (
        "By using Larkspur you agree that we train AI models on your notes; you can opt out or withdraw your consent."
    )
    found = read("", text, "", RULES).flags
    assert [f.topic for f in found] == [Topic.AI_TRAINING, Topic.CONSENT]
    assert list(found[1].mechanisms) == [m for m in Mechanism if m in found[1].mechanisms]
