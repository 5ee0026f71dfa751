"""Where a service stands: what sentences say by themselves, and which of them stand now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import phrases, stances, store
from archive.places import RULES
from archive.positions import Position, on_consent, on_training
from archive.recording import record_document
from archive.words import Decision, Document, Passage, Topic
from diffing import rules, run
from tests.builders import AT_ONCE, POLICY, decide_anew, paragraphs, put, version

KNOWN = rules.load(RULES)
TRAINS = "We use what you write to train our models."
OFF = "You can opt out of this in your settings."
ALL_MECHANISMS = "deemed, default, opt_in, opt_out, withdraw"


def says(sentence: str, passage: str = "", *, policy: bool = True) -> list[str]:
    return [str(position) for position, _ in on_training(sentence, passage or sentence, policy=policy)]


# What a sentence says on AI training


@pytest.mark.parametrize(
    "sentence",
    [
        TRAINS,
        "Quillo may use your notes and drawings to develop and improve our artificial intelligence models.",
        "Your prompts are part of the data that our language models are trained on.",
        "We collect public web pages as data to train our models.",
        "Chats may be shared with others and used for training AI models.",
        "This includes the right to use your content to train machine learning models.",
    ],
)
def test_it_trains(sentence: str) -> None:
    assert says(sentence, policy=False) == ["trains"]


@pytest.mark.parametrize(
    "sentence",
    [
        "We do not train our models on your files.",
        "We don’t use your files to train any AI model.",
        "Quillo does not use any of your notes, drawings, lists, tables, or other things like these that you make with "
        "our apps (such as templates) to train artificial intelligence models.",
        "Neither Quillo nor its partners use your notes for AI training.",
        "We have disabled model training in the accounts that we hold with our providers.",
        "We do not use your notes to improve our machine learning models.",
    ],
)
def test_it_says_no(sentence: str) -> None:
    assert says(sentence) == ["says no"]


@pytest.mark.parametrize(
    "sentence",
    [
        "We will not use your notes to train our models unless you have given us permission.",
        "We do not train our models on your files without your consent.",
        "We use your drawings to train our models only if you opt in.",
        "With your permission, we use your recordings to train our speech models.",
    ],
)
def test_it_asks_first(sentence: str) -> None:
    assert says(sentence) == ["opt-in"]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("You can opt out of having your notes used to train our models.", ["opt-out"]),
        ("You may tell us that you do not want your notes used to train our models.", ["opt-out"]),
        ("If you opt out, we will not use your notes to train our models.", ["opt-out"]),
        ("Unless you opt out, we use your notes to train our models.", ["trains", "opt-out"]),
        ("We use your notes to train our models if you have not opted out.", ["trains", "opt-out"]),
        ("Even if you opt out, we use your feedback to train our models.", ["trains", "opt-out"]),
    ],
)
def test_it_can_be_refused(sentence: str, found: list[str]) -> None:
    assert says(sentence) == found


@pytest.mark.parametrize(
    "sentence",
    [
        "You may not use our pages to train AI models.",
        "Members must not scrape the site to train a machine learning model.",
        "“AI model” means a model that was trained on data.",
        "What the model writes may resemble its training data.",
        "If it is used to train our models, your data is kept apart.",
        "For more information on how our models are trained on data, visit our help pages.",
        "You own any AI output, subject to the rights in the models and their training data.",
        "Our staff receive training on data protection and on our pricing model.",
        "Model training.",
        "This training is what makes the model better.",
        "We improve our services with the help of our partners.",
        "You can opt out of our newsletter.",
        "",
    ],
)
def test_it_says_nothing_plainly(sentence: str) -> None:
    assert says(sentence) == []


def test_a_bare_purpose_counts_in_a_policy_and_not_in_terms() -> None:
    assert says("To train our machine learning models;") == ["trains"]
    assert says("To train our machine learning models;", policy=False) == []
    assert says("to train a model of artificial intelligence.", policy=False) == []


def test_the_next_sentence_may_tell_how_to_refuse() -> None:
    assert on_training(TRAINS, f"Hello. {TRAINS} {OFF} Bye.", policy=True) == (
        (Position.TRAINS, TRAINS),
        (Position.OPT_OUT, OFF),
    )
    elsewhere = "You can opt out of our newsletter and of cookies."
    assert says(TRAINS, f"{TRAINS} {elsewhere}") == ["trains"]
    assert says(TRAINS, f"{OFF} {TRAINS} Bye.") == ["trains"]


def test_a_way_to_refuse_belongs_to_a_passage_about_training() -> None:
    assert says(OFF, f"{TRAINS} Here is more. {OFF}") == ["opt-out"]
    assert says(OFF, f"We keep logs. {OFF}") == []


# What a sentence says on consent


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("By using our apps, you agree to this policy.", ["deemed"]),
        ("Your continued use constitutes acceptance of the new terms.", ["deemed"]),
        ("Your profile is public by default.", ["default"]),
        ("We will ask for your consent before we share your notes.", ["opt-in"]),
        ("With your permission, we read your address book.", ["opt-in"]),
        ("You can opt out of personalised offers.", ["opt-out"]),
        ("You can withdraw your consent at any time.", ["withdraw"]),
        ("By using our apps, you consent to the transfer of your data.", ["deemed"]),
        ("Notices are deemed given on the day after they were sent.", []),
        ("We do not respond to “Do Not Track” signals.", []),
        ("You cannot opt out of messages about your account.", ["opt-out"]),
        ("Opt-Out", []),
    ],
)
def test_of_what_a_flag_says_the_quote_says_some(sentence: str, found: list[str]) -> None:
    assert [str(one) for one in on_consent(sentence, ALL_MECHANISMS)] == found


def test_only_what_was_flagged_is_said() -> None:
    sentence = "By using our apps, you consent to this; you can withdraw your consent."
    assert on_consent(sentence, "withdraw") == (Position.WITHDRAW,)
    assert on_consent("By using our apps, you consent to this policy.", "opt_in") == (Position.DEEMED,)


# Phrases


def test_phrases_find_words_in_order() -> None:
    pattern = phrases.compiled(["^not ... {train}", "may/will sell*"], {"train": ["train", "teach"]})
    assert pattern.search(phrases.folded("Not to be used to TRAIN."))
    assert not pattern.search(phrases.folded("It is not to be used to train."))
    assert pattern.search(phrases.folded("We will sell-out."))
    assert not pattern.search(phrases.folded("We may not sell."))
    assert not pattern.search(phrases.folded("Not trains"))


@pytest.mark.parametrize("phrase", ["", "{nothing}", "a (b", ".."])
def test_a_phrase_that_is_not_understood_is_named(phrase: str) -> None:
    try:
        phrases.compiled([phrase], {})
    except ValueError as error:
        assert phrase in str(error)
    else:
        assert phrase == "a (b"  # signs are not words: no phrase has them, and none is hurt by them


# Which words stand now


def passages(*texts: str) -> list[Passage]:
    """A page on which enough else stands for a change to be believed."""
    return paragraphs(*texts, *(f"This is paragraph {n} of a page that says other things." for n in range(12)))


def compared(db: Database) -> None:
    for _ in run.diff(db, KNOWN, AT_ONCE):
        pass


def quotes(db: Database, topic: Topic = Topic.AI_TRAINING, service: int = 1) -> dict[str, list[str]]:
    stance = {one.topic: one for one in stances.of_service(db, service)}[topic]
    return {position: [one.quote for one in said] for position, said in stance.positions.items()}


def test_first_and_later_words_stand_until_they_go(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        version(db, passages(TRAINS), 1)
        compared(db)
        assert quotes(db) == {"trains": [TRAINS]}
        no = "We do not train our models on your files."
        version(db, passages(TRAINS, no), 2)
        compared(db)
        assert quotes(db) == {"trains": [TRAINS], "says no": [no]}
        version(db, passages(no), 3)
        compared(db)
        assert quotes(db) == {"says no": [no]}
        version(db, passages(TRAINS, no), 4)
        compared(db)
        assert quotes(db) == {"trains": [TRAINS], "says no": [no]}


def test_a_saying_tells_where_and_since_when(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        version(db, passages(), 1, replace(POLICY, language="en"))
        version(db, passages(TRAINS), 2, replace(POLICY, language="en"))
        compared(db)
        version(db, passages(TRAINS, "Something else came."), 3, replace(POLICY, language="en"))
        compared(db)
        (said,) = stances.of_service(db, 1)[0].positions["trains"]
        change = db.execute("SELECT id FROM changes WHERE after_version_id = 2").fetchone()[0]
    assert (said.quote, said.document, said.document_id, said.language) == (TRAINS, "Quillo, Privacy Policy", 1, "en")
    assert (said.since, said.change_id) == ("2026-03-02T06:00:00Z", change)


def test_words_are_followed_into_a_passage_that_changed_around_them(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        version(db, passages(f"{TRAINS} We keep your data for three years."), 1)
        compared(db)
        version(db, passages(f"{TRAINS} We keep your data for nine years."), 2)
        compared(db)
        (said,) = stances.of_service(db, 1)[0].positions["trains"]
        (text,) = db.execute("SELECT text FROM passages WHERE id = ?", [said.passage_id]).fetchone()
    assert (said.quote, said.since) == (TRAINS, "2026-03-01T06:00:00Z")
    assert "nine years" in text


def test_a_text_in_quarantine_is_not_believed(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        version(db, passages(TRAINS), 1)
        compared(db)
        version(db, passages(), 2)
        compared(db)
        assert quotes(db) == {}
        change = db.execute("SELECT max(id) FROM changes").fetchone()[0]
        decide_anew(db, change, Decision.QUARANTINED)
        assert quotes(db) == {"trains": [TRAINS]}


def test_a_text_that_was_not_compared_yet_does_not_count(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        version(db, passages(TRAINS), 1)
        compared(db)
        version(db, passages(), 2)
        assert quotes(db) == {"trains": [TRAINS]}


def test_our_own_record_goes_before_that_of_others(archive_path: Path) -> None:
    theirs = replace(POLICY, origin="Open Terms Archive")
    terms = replace(theirs, type="Terms of Service")
    with store.writing(archive_path) as db:
        version(db, passages(TRAINS), 1, theirs)
        compared(db)
        assert list(quotes(db)) == ["trains"]
        version(db, passages("We do not train our models on your files."), 2)
        version(db, passages("Unless you opt out, we use your notes to train our models."), 3, terms)
        compared(db)
        assert list(quotes(db)) == ["trains", "opt-out", "says no"]


def test_the_same_words_in_several_documents_are_told_once(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        version(db, passages(TRAINS), 1)
        version(db, passages(TRAINS), 2, replace(POLICY, region="EU"))
        compared(db)
        assert quotes(db) == {"trains": [TRAINS]}


def test_consent_in_the_order_of_importance(archive_path: Path) -> None:
    said = {
        "deemed": "By using our apps, you agree to this policy.",
        "opt-out": "You can opt out of personalised offers at any time.",
        "opt-in": "We will ask for your consent before we share your notes.",
        "withdraw": "You can withdraw your consent at any time.",
    }
    with store.writing(archive_path) as db:
        version(db, passages(*reversed(said.values())), 1)
        compared(db)
        assert list(quotes(db, Topic.CONSENT)) == list(said)
        assert {position: found[0] for position, found in quotes(db, Topic.CONSENT).items()} == said
        assert quotes(db) == {}


def test_every_service_has_its_own_stance(archive_path: Path) -> None:
    other = Document("Gantry", "Privacy Policy", "https://gantry.example/privacy", "Gantry")
    with store.writing(archive_path) as db:
        version(db, passages(TRAINS), 1)
        version(db, passages("We do not train our models on your files."), 1, other)
        record_document(db, Document("Bolo", "Privacy Policy", "https://bolo.example/privacy", "Bolo"))
        compared(db)
        found = stances.of_all(db, Topic.AI_TRAINING)
        assert {service: list(stance.positions) for service, stance in found.items()} == {1: ["trains"], 2: ["says no"]}
        assert quotes(db, service=3) == {}


def test_every_position_has_a_name() -> None:
    assert set(stances.NAMES) == {position for those in stances.POSITIONS.values() for position in those}


# The services


def test_services_by_name_with_the_last_look_and_what_is_not_read(archive_path: Path) -> None:
    french = Document("Ardoise", "Privacy Policy", "https://ardoise.example/privacy", "ardoise", language="fr")
    with store.writing(archive_path) as db:
        version(db, passages(TRAINS), 3)
        version(db, passages("Nous gardons vos textes."), 1, french)
        version(db, passages("Nous gardons vos dessins."), 2, replace(french, type="Terms of Service"))
        compared(db)
        first, second = stances.services(db)
    assert (first.name, first.not_read, first.seen) == ("ardoise", "French", "2026-03-02T06:00:00Z")
    assert (second.name, second.not_read, second.seen) == ("Quillo", "", "2026-03-03T06:00:00Z")


def test_a_service_with_one_document_that_is_read_is_read(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        version(db, passages("Nous gardons vos textes."), 1, replace(POLICY, language="fr"))
        version(db, passages(TRAINS), 2, replace(POLICY, type="Terms of Service", language="en"))
        compared(db)
        assert [one.not_read for one in stances.services(db)] == [""]


# Ways out


def test_ways_out_tell_words_path_and_since_training_first(archive_path: Path) -> None:
    ads = "You can opt out of personalised offers under Settings > Offers."
    training = "You can opt out of the training of our models under Settings > Privacy > Models."
    with store.writing(archive_path) as db:
        version(db, passages(f"{TRAINS} {training}"), 1)
        version(db, passages(f"{TRAINS} {training}", ads), 2)
        compared(db)
        first, second = stances.ways_out(db, 1)
    assert (first.words, first.path, first.url) == (training, "Settings > Privacy > Models", "")
    assert (first.since, first.document, first.document_id) == ("2026-03-01T06:00:00Z", "Quillo, Privacy Policy", 1)
    assert (second.words, second.path, second.since) == (ads, "Settings > Offers", "2026-03-02T06:00:00Z")


def test_a_way_out_that_went_is_none_and_each_is_told_once(archive_path: Path) -> None:
    form = "You can opt out of the training of our models by filling in the form at https://quillo.test/form."
    with store.writing(archive_path) as db:
        version(db, passages(f"{TRAINS} {form}"), 1)
        version(db, passages(f"{TRAINS} {form}"), 1, replace(POLICY, region="EU"))
        compared(db)
        (way,) = stances.ways_out(db, 1)
        assert (way.url, way.path) == ("https://quillo.test/form", "")
        version(db, passages(TRAINS), 2)
        compared(db)
        assert [one.document for one in stances.ways_out(db, 1)] == ["Quillo, Privacy Policy (EU)"]
        change = db.execute("SELECT max(id) FROM changes").fetchone()[0]
        put(db, change, decision="quarantined")
        assert len(stances.ways_out(db, 1)) == 1
